"""A worker that crashes, is killed, talks nonsense, or is let go."""

import os
import signal
import threading
from collections.abc import Callable

import psutil
import pytest

from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.errors import WorkerDied
from localm.engine.events import (
    Assistant,
    Error,
    Finished,
)
from localm.engine.launch import WorkerProcess
from localm.engine.messages import Message, TextPart, user
from localm.engine.models.reference import ModelReference
from localm.engine.request import GenerateRequest

from .calls import HELLO, ask, eventually, load

Script = Callable[..., ModelReference]


def test_a_worker_killed_in_mid_reply_is_one_clear_error(
    client: Client, script: Script, worker: WorkerProcess
) -> None:
    load(client, script({"text": "half"}, {"crash": int(signal.SIGKILL)}))
    *_, error, finished = ask(client)
    assert isinstance(error, Error)
    assert error.kind == "worker_died"
    assert "killed" in error.message
    assert finished == Finished("error", Message("assistant", (TextPart("half"),)))


def test_a_crash_is_told_to_everyone_who_waits(
    client: Client, script: Script, worker: WorkerProcess
) -> None:
    load(client, script({"text": "x"}, {"delay_ms": 60_000}))
    kinds: list[str] = []

    def run() -> None:
        kinds.extend(e.kind for e in client.generate(HELLO, CancelToken()) if isinstance(e, Error))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert eventually(lambda: client.status()["requests"] == 3)
    os.kill(worker.pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    assert kinds == ["worker_died"] * 3


def test_after_a_crash_every_call_says_so(client: Client, script: Script) -> None:
    load(client, script({"crash": int(signal.SIGSEGV)}))
    assert "SIGSEGV" in str(next(e for e in ask(client) if isinstance(e, Error)).message)
    with pytest.raises(WorkerDied):
        client.render(HELLO)
    assert isinstance(ask(client)[0], Error)


def test_native_prints_reach_neither_frames_nor_our_streams(
    client: Client, script: Script, worker: WorkerProcess, capfd: pytest.CaptureFixture[str]
) -> None:
    load(client, script({"print": '{"frame": "event"}\nnoise\n'}, {"text": "clean"}))
    assert ask(client)[0] == Assistant("clean")
    assert capfd.readouterr() == ("", "")
    assert "noise" in worker.log()


@pytest.mark.parametrize(
    "garbage",
    [
        b"this is no frame\n",
        b"[" * 200_000 + b"\n",
        b'{"frame":"reply","id":[]}\n',
        b'{"frame":"reply","id":1}\n',
        b'{"frame":"reply","id":1,"error":7}\n',
        b'{"frame":"event","id":1,"event":[]}\n',
    ],
)
def test_garbage_from_the_worker_is_one_clear_error(worker: WorkerProcess, garbage: bytes) -> None:
    read_end, write_end = os.pipe()
    worker.connection._read_from, old = read_end, worker.connection._read_from
    client = Client(worker)

    def talk() -> None:
        assert eventually(lambda: client._waiting.is_open(1))
        os.write(write_end, garbage)

    worker_talking = threading.Thread(target=talk)
    worker_talking.start()
    error, *_ = ask(client)
    worker_talking.join()
    os.close(write_end)
    client.close()
    os.close(old)
    assert isinstance(error, Error)
    assert error.kind == "protocol"


def test_a_request_without_a_name_does_not_end_the_worker(client: Client, script: Script) -> None:
    load(client, script({"text": "x"}))
    client._send({"frame": "request"})
    client._send({"frame": "request", "id": 99})
    assert ask(client)[0] == Assistant("x")


def test_closing_is_told_to_who_still_waits(client: Client, script: Script) -> None:
    load(client, script({"text": "a"}, {"delay_ms": 60_000}))
    reply = client.generate(HELLO, CancelToken())
    assert next(reply) == Assistant("a")
    client.close()
    [finished] = reply
    assert isinstance(finished, Finished)
    assert finished.reason == "cancelled"


def test_closing_ends_the_process_and_closing_twice_is_harmless(
    worker: WorkerProcess, script: Script
) -> None:
    client = Client(worker)
    load(client, script({"text": "x"}))
    client.close()
    client.close()
    assert worker._process.returncode == 0


def test_a_worker_that_is_told_to_stop_leaves(client: Client, worker: WorkerProcess) -> None:
    client.stop()
    assert eventually(lambda: worker.ended)


def test_clients_leave_no_descriptor_behind(script: Script) -> None:
    def once() -> None:
        client = Client(WorkerProcess())
        load(client, script({"text": "a"}))
        ask(client)
        client.close()

    once()
    before = psutil.Process().num_fds()
    for _ in range(5):
        once()
    assert psutil.Process().num_fds() == before


def test_closing_ends_a_worker_that_does_not_read(client: Client, worker: WorkerProcess) -> None:
    os.kill(worker.pid, signal.SIGSTOP)
    large = GenerateRequest((user("x" * 1_000_000),))
    thread = threading.Thread(target=lambda: list(client.generate(large, CancelToken())))
    thread.start()
    client.close()
    thread.join()
    assert worker.ended
