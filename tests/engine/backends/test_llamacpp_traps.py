"""What xllamacpp is known for: bad files, an open port, hanging ends, errors in many shapes."""

import os
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.errors import InvalidOption, ModelNotFound, ModelUnreadable, OutOfMemory
from localm.engine.events import Assistant, Error, Event, Finished
from localm.engine.launch import WorkerProcess
from localm.engine.messages import user
from localm.engine.models.reference import resolve
from localm.engine.request import GenerateRequest
from localm.engine.tools import ToolSpec

from .conftest import LONG, load, text


def test_a_window_that_the_model_was_not_made_for_is_refused(
    client: Client, tiny_model: Path
) -> None:
    with pytest.raises(InvalidOption, match="was made for 32,768 tokens"):
        load(client, tiny_model, n_ctx=40_000)


def test_what_the_engine_refuses_is_told_as_it_says(client: Client) -> None:
    load(client, Path(resolve("builtin").path))
    nowhere = ToolSpec("clock", "", {"$ref": "#/none"})
    asked = GenerateRequest((user("a"),), tools=(nowhere,))
    *_, error, finished = client.generate(asked, CancelToken())
    assert isinstance(error, Error)
    assert error.kind == "invalid_option"
    assert "cannot resolve $ref #/none" in error.message
    assert isinstance(finished, Finished)
    assert finished.reason == "error"


def test_a_prompt_past_the_window_is_an_error_with_the_numbers(small: Client) -> None:
    error, finished = small.generate(GenerateRequest((user("hello there " * 3000),)), CancelToken())
    assert isinstance(error, Error)
    assert error.kind == "context_overflow"
    assert error.details["window"] == 2048
    assert error.details["prompt_tokens"] > 20_000
    assert isinstance(finished, Finished)


@pytest.mark.parametrize("damage", ["cut", "trash", "flipped"])
def test_a_damaged_file_is_refused_and_the_reason_said(
    client: Client, small_model: Path, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "damaged.gguf"
    data = bytearray(small_model.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "trash":
        data = bytearray(b"hello" * 1000)
    else:
        data[24:4000] = bytes(255 - byte for byte in data[24:4000])
    path.write_bytes(data)
    with pytest.raises((ModelNotFound, ModelUnreadable)) as caught:
        load(client, path)
    assert "damaged.gguf" in caught.value.message
    assert load(client, small_model).capabilities.window > 0


def test_a_model_that_does_not_fit_in_memory_is_said(small_model: Path) -> None:
    worker = WorkerProcess()
    client = Client(worker)
    psutil.Process(worker.pid).rlimit(psutil.RLIMIT_AS, (1 << 31, 1 << 31))
    with pytest.raises(OutOfMemory) as caught:
        load(client, small_model, n_ctx=1 << 15, n_parallel=64)
    client.close()
    assert "does not fit in memory" in caught.value.message


def test_the_open_port_answers_nobody_without_the_key(small: Client, worker: WorkerProcess) -> None:
    listening = [
        connection.laddr
        for connection in psutil.Process(worker.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert [address.ip for address in listening] == ["127.0.0.1"]
    base = f"http://127.0.0.1:{listening[0].port}"
    for path in ("/props", "/slots", "/metrics", "/v1/chat/completions", "/completion"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(base + path, data=b"{}" if "compl" in path else None)
        assert caught.value.code in (401, 403)
        caught.value.close()
    assert small.status()["pid"] == worker.pid


def test_the_port_closes_with_the_worker(small: Client, worker: WorkerProcess) -> None:
    ports = [connection.laddr.port for connection in psutil.Process(worker.pid).net_connections()]
    small.close()
    with pytest.raises(OSError, match="refused"), socket.socket() as probe:
        probe.connect(("127.0.0.1", ports[0]))


def test_closing_right_after_the_load_does_not_hang(tiny_model: Path) -> None:
    for _ in range(5):
        worker = WorkerProcess()
        client = Client(worker)
        load(client, tiny_model)
        client.close()
        assert worker.ended


def test_a_worker_killed_in_mid_reply_loses_nothing_that_came(
    small: Client, worker: WorkerProcess
) -> None:
    events, killed = list[Event](), False
    for event in small.generate(LONG, CancelToken()):
        events.append(event)
        if isinstance(event, Assistant) and not killed:
            killed = True
            os.kill(worker.pid, signal.SIGKILL)
    *_, error, finished = events
    assert isinstance(error, Error)
    assert error.kind == "worker_died"
    assert isinstance(finished, Finished)
    assert finished.message.text == text(events)
