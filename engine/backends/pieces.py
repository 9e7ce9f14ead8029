"""Pieces of a reply on their way out of the engine's thread.

Each is handed on at once, unless they come faster than anyone can look: a small model makes
thousands of tokens a second, and one event for each would cost more than the tokens.
"""

import threading
from collections.abc import Iterable, Iterator
from itertools import groupby
from queue import SimpleQueue
from typing import Generic, TypeVar, cast

from ..events import Assistant, Event, Thinking

BEAT_SECONDS = 1 / 30
T = TypeVar("T")


class Pieces(Generic[T]):
    """A queue from one thread to another that gives what it holds by the handful."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[T | None] = SimpleQueue()
        self._ended = threading.Event()

    def put(self, piece: T) -> None:
        """Hand on one more piece."""
        self._queue.put(piece)

    def end(self) -> None:
        """Nothing more is to be read; ending twice does nothing more."""
        self._queue.put(None)
        self._ended.set()

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be put."""
        return self._ended.is_set()

    def gather(self) -> None:
        """Let a beat pass, in which more come; the end breaks it off."""
        self._ended.wait(BEAT_SECONDS)  # not on the queue: being woken for each would cost most

    def handfuls(self) -> Iterator[list[T]]:
        """What was put before the end, in lists that are never empty."""
        while (piece := self._queue.get()) is not None:
            handful = [piece]
            while self._queue.qsize() and (piece := self._queue.get()) is not None:
                handful.append(piece)
            yield handful
            if piece is None:
                return


def joined(events: Iterable[Event]) -> Iterator[Event]:
    """The same events, where neighbours of one channel have become one."""
    for kind, group in groupby(events, type):
        if kind is Assistant or kind is Thinking:
            texts = cast(Iterable[Assistant | Thinking], group)
            yield kind("".join(event.text for event in texts))
        else:
            yield from group
