"""Stop strings: the same text ends at the same place, however it arrives."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localm.engine.backends.stops import StopStrings

letters = st.text(alphabet="ab", max_size=30)


def shown(pieces: list[str], *stops: str) -> str:
    reader = StopStrings(stops)
    return "".join([*(reader.feed(piece) for piece in pieces), reader.rest()])


@pytest.mark.parametrize(
    ("text", "stops", "left"),
    [
        ("one two three", ("two",), "one "),
        ("one two", ("three",), "one two"),
        ("one two", (), "one two"),
        ("one", ("one",), ""),
        ("one tw", ("two",), "one tw"),
        ("abcd", ("bc", "abcd"), "a"),
        ("abc", ("bc", "abc"), ""),
    ],
)
def test_text_ends_before_the_first_stop_string(
    text: str, stops: tuple[str, ...], left: str
) -> None:
    assert shown([text], *stops) == left


def test_nothing_that_may_be_a_stop_string_is_shown_early() -> None:
    reader = StopStrings(["END"])
    assert [reader.feed(piece) for piece in ("a E", "N", "d", " EN", "D b")] == [
        "a ",
        "",
        "ENd",
        " ",
        "",
    ]


@given(letters, st.lists(st.text("ab", min_size=1, max_size=4), max_size=3), st.data())
def test_it_does_not_matter_where_the_text_is_cut(
    text: str, stops: list[str], data: st.DataObject
) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=10))
    pieces = [text[start:end] for start, end in pairwise([0, *sorted(places), len(text)])]
    assert shown(pieces, *stops) == shown(list(text), *stops) == shown([text], *stops)
