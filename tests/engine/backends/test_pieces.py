"""Pieces on their way out: nothing waits without need, nothing is lost or swapped."""

import threading
from collections.abc import Iterable
from queue import SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localm.engine.backends import pieces
from localm.engine.backends.pieces import Pieces, joined
from localm.engine.events import Assistant, Event, Progress, Thinking


def filled(put: Iterable[int]) -> Pieces[int]:
    queue = Pieces[int]()
    for piece in put:
        queue.put(piece)
    queue.end()
    return queue


@given(st.lists(st.integers()))
def test_everything_comes_in_order(put: list[int]) -> None:
    assert [piece for handful in filled(put).handfuls() for piece in handful] == put


def test_the_first_piece_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "BEAT_SECONDS", 60.0)
    queue = Pieces[int]()
    queue.put(1)
    assert next(queue.handfuls()) == [1]


def test_pieces_that_follow_at_once_come_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "BEAT_SECONDS", 60.0)
    queue = Pieces[int]()
    queue.put(1)
    handfuls = queue.handfuls()
    first = next(handfuls)
    for piece in (2, 3, 4):
        queue.put(piece)
    queue.end()
    assert [first, *handfuls] == [[1], [2, 3, 4]]


def test_the_end_breaks_a_beat_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "BEAT_SECONDS", 60.0)
    queue = Pieces[int]()
    threading.Timer(0.05, queue.end).start()
    queue.gather()
    assert queue.ended


def test_a_piece_is_handed_on_although_no_other_follows() -> None:
    queue, seen = Pieces[int](), SimpleQueue[list[int]]()

    def read() -> None:
        for handful in queue.handfuls():
            seen.put(handful)

    reader = threading.Thread(target=read)
    reader.start()
    for piece in (1, 2, 3):
        queue.put(piece)
        assert seen.get(timeout=10) == [piece]
    queue.end()
    reader.join()


_EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.text().map(Assistant),
    st.text().map(Thinking),
    st.integers().map(lambda done: Progress("prefill", done=done, total=9)),
)


@given(st.lists(_EVENTS))
def test_joining_keeps_every_letter_on_its_channel(events: list[Event]) -> None:
    for kind in (Assistant, Thinking):
        before = "".join(event.text for event in events if isinstance(event, kind))
        after = "".join(event.text for event in joined(events) if isinstance(event, kind))
        assert before == after


def test_neighbours_of_one_channel_become_one() -> None:
    apart = (Thinking("a"), Thinking("b"), Assistant("c"), Assistant("d"), Thinking("e"))
    assert list(joined(apart)) == [Thinking("ab"), Assistant("cd"), Thinking("e")]
