"""A client takes back what it has asked: replies, loads, counts."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.errors import Cancelled
from localm.engine.events import (
    Assistant,
    Event,
    Finished,
    Progress,
)
from localm.engine.launch import WorkerProcess
from localm.engine.messages import Message, TextPart, user
from localm.engine.models.reference import ModelReference
from localm.engine.options import LoadOptions
from localm.engine.request import GenerateRequest

from .calls import HELLO, ask, eventually, load

Script = Callable[..., ModelReference]


def test_a_cancel_ends_the_reply_and_keeps_what_came(client: Client, script: Script) -> None:
    load(client, script({"text": "first"}, {"delay_ms": 60_000}, {"text": "never"}))
    token, events = CancelToken(), list[Event]()
    for event in client.generate(HELLO, token):
        events.append(event)
        if event == Assistant("first"):
            token.cancel()
    assert events[-1] == Finished("cancelled", Message("assistant", (TextPart("first"),)))


def test_a_token_that_is_cancelled_already_disturbs_nobody(client: Client, script: Script) -> None:
    load(client, script({"text": "a"}, {"delay_ms": 300}, {"text": "b"}))
    others: list[Event] = []
    other = threading.Thread(target=lambda: others.extend(ask(client)))
    other.start()
    token = CancelToken()
    token.cancel()
    [finished] = client.generate(HELLO, token)
    assert isinstance(finished, Finished)
    assert finished.reason == "cancelled"
    other.join()
    assert others[:2] == [Assistant("a"), Assistant("b")]


def test_a_reader_that_walks_away_cancels(client: Client, script: Script) -> None:
    load(client, script({"text": "first"}, {"delay_ms": 60_000}))
    reply = client.generate(HELLO, CancelToken())
    assert next(reply) == Assistant("first")
    reply.close()  # type: ignore[attr-defined]
    assert eventually(lambda: client.status()["requests"] == 0)


def test_a_load_is_cancelled_at_once_by_ending_the_worker(client: Client, script: Script) -> None:
    token = CancelToken()
    loading = client.load(script({"text": "x"}, load_ms=60_000), LoadOptions(), token)
    assert next(loading) == Progress("loading")
    start = time.monotonic()
    token.cancel()
    with pytest.raises(Cancelled):
        list(loading)
    assert time.monotonic() - start < 10


def test_cancelling_one_waiter_leaves_the_load_to_the_other(client: Client, script: Script) -> None:
    model, token = script({"text": "x"}, load_ms=700), CancelToken()
    first = client.load(model, LoadOptions(), token)
    assert next(first) == Progress("loading")
    done: list[Event] = []
    second = threading.Thread(target=lambda: done.extend(load(client, model)))
    second.start()
    assert eventually(lambda: len(client._waiting._loads) == 2)
    token.cancel()
    with pytest.raises(Cancelled):
        list(first)
    second.join()
    assert ask(client)[0] == Assistant("x")


def test_a_cancel_after_the_load_does_not_kill_the_worker(client: Client, script: Script) -> None:
    token = CancelToken()
    list(client.load(script({"text": "alive"}), LoadOptions(), token))
    token.cancel()
    assert ask(client)[0] == Assistant("alive")


def test_a_cancelled_second_load_takes_nothing_from_others(client: Client, script: Script) -> None:
    model = script({"text": "a"}, {"delay_ms": 300}, {"text": "b"})
    load(client, model)
    reply = client.generate(HELLO, CancelToken())
    assert next(reply) == Assistant("a")
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        list(client.load(model, LoadOptions(), token))
    assert Assistant("b") in list(reply)
    assert ask(client)[0] == Assistant("a")


def test_a_reply_whose_worker_does_not_stop_is_left_behind(
    client: Client, script: Script, worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localm.engine.client.PATIENCE_SECONDS", 0.2)
    load(client, script({"text": "a"}, {"delay_ms": 60_000}))
    token = CancelToken()
    reply = client.generate(HELLO, token)
    assert next(reply) == Assistant("a")
    os.kill(worker.pid, signal.SIGSTOP)
    token.cancel()
    assert list(reply) == [Finished("cancelled", Message("assistant", (TextPart("a"),)))]


def test_counting_a_prompt_can_be_cancelled(
    client: Client, script: Script, worker: WorkerProcess
) -> None:
    load(client, script({"text": "a"}))
    os.kill(worker.pid, signal.SIGSTOP)
    token = CancelToken()
    threading.Timer(0.1, token.cancel).start()
    with pytest.raises(Cancelled):
        client.render(HELLO, token)


def test_a_worker_that_does_not_read_can_be_cancelled_and_closed(
    client: Client, script: Script, worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localm.engine.client.PATIENCE_SECONDS", 0.2)
    load(client, script({"text": "a"}))
    os.kill(worker.pid, signal.SIGSTOP)
    token = CancelToken()
    threading.Timer(0.2, token.cancel).start()
    *_, finished = client.generate(GenerateRequest((user("x" * 1_000_000),)), token)
    assert isinstance(finished, Finished)
    assert finished.reason == "cancelled"
