"""Who waits for which answers over a connection."""

import itertools
import threading
from queue import SimpleQueue
from typing import cast

from . import errors
from .frames import Frame

Answer = Frame | errors.EngineError
Answers = SimpleQueue[Answer]


class Waiting:
    """The requests that have been asked and not been answered; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._answers: dict[int, Answers] = {}
        self._loads: set[int] = set()
        self._has_loaded = False
        self._failure: errors.EngineError | None = None

    def new_id(self) -> int:
        """A number for a request whose answer nobody waits for."""
        return next(self._ids)

    def begin(self, op: str) -> tuple[int, Answers]:
        """A number for a request, and where its answers will come; raises why none can."""
        answers: Answers = SimpleQueue()
        with self._lock:
            if self._failure is not None:
                raise self._failure
            id = next(self._ids)
            self._answers[id] = answers
            if op == "load":
                self._loads.add(id)
        return id, answers

    def end(self, id: int) -> None:
        """Its answer has come, or is not wanted any more."""
        with self._lock:
            self._answers.pop(id, None)
            self._loads.discard(id)

    def is_open(self, id: int) -> bool:
        """Whether its answer is still to come."""
        with self._lock:
            return id in self._answers and self._failure is None

    def keep_loaded(self) -> None:
        """A load has succeeded: the other side now holds what others may want."""
        self._has_loaded = True

    def withdraw_load(self, id: int) -> bool | None:
        """Give a load up: whether nobody needs the other side then; None if it has ended."""
        with self._lock:
            if id not in self._loads:
                return None
            self._loads.discard(id)
            return not self._has_loaded and set(self._answers) <= {id}

    def deliver(self, frame: Frame) -> None:
        """Hand an answer to who waits for it, if anyone still does."""
        with self._lock:
            answers = self._answers.get(cast(int, frame.get("id")))
        if answers is not None:
            answers.put(frame)

    def fail(self, failure: errors.EngineError) -> None:
        """No more answers come: tell everyone who waits, and everyone who asks later."""
        with self._lock:
            self._failure = failure
            waiting = tuple(self._answers.values())
        for answers in waiting:
            answers.put(failure)
