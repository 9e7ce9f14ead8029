"""Durations as people type them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localm.store.duration import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30", 30), ("30s", 30), ("1.5m", 90), ("2h", 7200), ("500ms", 0.5), (" 5 s ", 5)],
)
def test_a_duration_is_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "-1", "soon", "5 days", "1e3", "s", "9" * 400])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)


@given(st.text())
def test_text_is_a_positive_duration_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_duration(text) > 0
