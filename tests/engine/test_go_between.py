"""A process may stand between client and worker: the client does not notice."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator

import pytest

from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.connection import Connection
from localm.engine.errors import Cancelled, EngineError, WorkerDied
from localm.engine.events import Assistant, Finished, Progress
from localm.engine.launch import WorkerProcess
from localm.engine.messages import user
from localm.engine.models.reference import ModelReference
from localm.engine.options import LoadOptions
from localm.engine.request import GenerateRequest

Script = Callable[..., ModelReference]
HELLO = GenerateRequest((user("hello"),))


class GoBetween:
    """The peer of a client: passes frames on to a worker, and ends it when a load is cancelled."""

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker
        self._loads: set[object] = set()
        requests, to_us = os.pipe()
        from_us, answers = os.pipe()
        self.connection = Connection(from_us, to_us)
        self._client = Connection(requests, answers)
        self._threads = [threading.Thread(target=each) for each in (self._down, self._up)]
        for thread in self._threads:
            thread.start()

    def kill(self) -> None:
        """The worker is not the client's."""

    def failure(self) -> EngineError:
        """What the client tells when we are gone."""
        return WorkerDied("The go-between is gone.")

    def end(self) -> None:
        """The client has nothing more to say."""
        self.connection.close_writing()
        for thread in self._threads:
            thread.join()

    def release(self) -> None:
        """Nothing is read any more."""
        self.connection.close_reading()
        self._client.close_reading()

    def _down(self) -> None:
        for frame in self._client.frames():
            if frame.get("op") == "load":
                self._loads.add(frame["id"])
            if frame.get("op") == "cancel" and frame["request"] in self._loads:
                self._worker.kill()
            with contextlib.suppress(BrokenPipeError):  # of a worker that has just been ended
                self._worker.connection.send(frame)
        self._worker.end()

    def _up(self) -> None:
        for frame in self._worker.connection.frames():
            self._client.send(frame)
        self._client.close_writing()


@pytest.fixture
def client(worker: WorkerProcess) -> Iterator[Client]:
    """A client whose peer is a go-between."""
    client = Client(GoBetween(worker))
    yield client
    client.close()
    worker.release()


def test_a_turn_goes_through(client: Client, script: Script) -> None:
    model = script({"text": "a"}, {"text": "b"})
    assert list(client.load(model, LoadOptions(), CancelToken())) == [Progress("loading")]
    assert client.render(HELLO).tokens == 2
    *events, finished = client.generate(HELLO, CancelToken())
    assert events[:2] == [Assistant("a"), Assistant("b")]
    assert isinstance(finished, Finished)


def test_a_cancel_goes_through(client: Client, script: Script) -> None:
    list(client.load(script({"text": "a"}, {"delay_ms": 60_000}), LoadOptions(), CancelToken()))
    token = CancelToken()
    reply = client.generate(HELLO, token)
    assert next(reply) == Assistant("a")
    token.cancel()
    *_, finished = reply
    assert isinstance(finished, Finished)
    assert finished.reason == "cancelled"


def test_a_load_that_is_given_up_is_named(
    client: Client, script: Script, worker: WorkerProcess
) -> None:
    token = CancelToken()
    loading = client.load(script(load_ms=60_000), LoadOptions(), token)
    assert next(loading) == Progress("loading")
    token.cancel()
    with pytest.raises(Cancelled):
        list(loading)
    with pytest.raises(WorkerDied, match="go-between"):
        client.status()
    assert "was ended" in worker.failure().message
