"""A client and a real worker process: side by side, cancelled, crashed, closed."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest

from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.errors import Cancelled, ModelUnreadable, ProtocolError, WorkerDied
from localm.engine.events import (
    Assistant,
    Error,
    Event,
    Finished,
    Progress,
    Thinking,
    ToolCall,
    Usage,
)
from localm.engine.launch import WorkerProcess
from localm.engine.messages import Message, TextPart, ThinkingPart, user
from localm.engine.models.reference import ModelReference
from localm.engine.options import LoadOptions, Sampling
from localm.engine.request import GenerateRequest

Script = Callable[..., ModelReference]
HELLO = GenerateRequest((user("hello"),))


def load(client: Client, model: ModelReference) -> list[Event]:
    return list(client.load(model, LoadOptions(), CancelToken()))


def ask(client: Client, request: GenerateRequest = HELLO) -> list[Event]:
    return list(client.generate(request, CancelToken()))


def test_a_reply_arrives_event_by_event(client: Client, script: Script) -> None:
    load(client, script({"thinking": "hm"}, {"text": "a"}, {"text": "b"}))
    events = ask(client)
    assert events[:3] == [Thinking("hm"), Assistant("a"), Assistant("b")]
    assert isinstance(events[3], Usage)
    assert events[3].thinking_tokens == 1
    assert events[4:] == [
        Finished("stop", Message("assistant", (ThinkingPart("hm"), TextPart("ab"))))
    ]


def test_loading_is_told_and_a_second_load_is_quick(client: Client, script: Script) -> None:
    model = script({"text": "a"})
    assert load(client, model) == [Progress("loading")]
    assert load(client, model) == []


def test_a_tool_call_is_an_event_and_a_part(client: Client, script: Script) -> None:
    call = {"name": "clock", "arguments": '{"city": "Lisbon"}'}
    load(client, script({"tool_call": call}, {"finish": "tool_calls"}))
    events = ask(client)
    assert events[0] == ToolCall("call_0", "clock", '{"city": "Lisbon"}')
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "tool_calls"


def test_requests_stream_side_by_side(client: Client, script: Script) -> None:
    load(client, script(*[{"text": "x"}, {"delay_ms": 20}] * 10))
    order: list[int] = []

    def run(number: int) -> None:
        for event in client.generate(HELLO, CancelToken()):
            if isinstance(event, Assistant):
                order.append(number)  # noqa: PERF401 - when it comes is what counts

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(order) == 30
    assert set(order[:15]) == {0, 1, 2}


def test_a_cancel_ends_the_reply_and_keeps_what_came(client: Client, script: Script) -> None:
    load(client, script({"text": "first"}, {"delay_ms": 60_000}, {"text": "never"}))
    token, events = CancelToken(), list[Event]()
    for event in client.generate(HELLO, token):
        events.append(event)
        if event == Assistant("first"):
            token.cancel()
    assert events[-1] == Finished("cancelled", Message("assistant", (TextPart("first"),)))


def test_a_reader_that_walks_away_cancels(client: Client, script: Script) -> None:
    load(client, script({"text": "first"}, {"delay_ms": 60_000}))
    reply = client.generate(HELLO, CancelToken())
    assert next(reply) == Assistant("first")
    reply.close()  # type: ignore[attr-defined]
    assert eventually(lambda: client.status()["requests"] == 0)


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


def test_a_load_that_fails_raises_what_was_wrong(client: Client, script: Script) -> None:
    broken = ModelReference("echo", "echo", "/nowhere/script.json")
    with pytest.raises(ModelUnreadable):
        load(client, broken)
    assert load(client, script({"text": "x"})) == [Progress("loading")]


def test_a_worker_holds_one_model(client: Client, script: Script) -> None:
    load(client, script({"text": "x"}))
    with pytest.raises(ProtocolError):
        load(client, ModelReference("echo", "echo"))


def test_generating_without_a_model_is_an_error_in_the_stream(client: Client) -> None:
    error, finished = ask(client)
    assert isinstance(error, Error)
    assert error.kind == "protocol"
    assert isinstance(finished, Finished)


def test_garbage_from_the_worker_is_one_clear_error(script: Script, worker: WorkerProcess) -> None:
    import os

    read_end, write_end = os.pipe()
    worker.connection._read_from, old = read_end, worker.connection._read_from
    client = Client(worker)
    os.write(write_end, b"this is no frame\n")
    events = ask(client)
    os.close(write_end)
    client.close()
    os.close(old)
    assert isinstance(events[0], Error)
    assert events[0].kind == "protocol"


def test_max_tokens_ends_a_reply_by_length(client: Client, script: Script) -> None:
    load(client, script(*[{"text": "x"}] * 5))
    *_, finished = ask(client, GenerateRequest((user("a"),), Sampling(max_tokens=2)))
    assert finished == Finished("length", Message("assistant", (TextPart("xx"),)))


def test_closing_ends_the_process_and_closing_twice_is_harmless(
    worker: WorkerProcess, script: Script
) -> None:
    client = Client(worker)
    load(client, script({"text": "x"}))
    client.close()
    client.close()
    assert worker._process.returncode == 0


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether `condition` comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.01)
    return True


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


def test_a_request_names_the_model_that_it_is_for(client: Client, script: Script) -> None:
    loading = client.load(script({"text": "a"}), LoadOptions(), CancelToken())
    loaded = None
    while loaded is None:
        try:
            next(loading)
        except StopIteration as stop:
            loaded = stop.value
    assert ask(client, replace(HELLO, model=loaded.model))[0] == Assistant("a")
    error, _ = ask(client, replace(HELLO, model="another"))
    assert isinstance(error, Error)
    assert error.message == "This worker holds another model."


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


def test_closing_ends_a_worker_that_does_not_read(client: Client, worker: WorkerProcess) -> None:
    os.kill(worker.pid, signal.SIGSTOP)
    large = GenerateRequest((user("x" * 1_000_000),))
    thread = threading.Thread(target=lambda: list(client.generate(large, CancelToken())))
    thread.start()
    client.close()
    thread.join()
    assert worker.ended


def test_other_options_for_a_loaded_model_are_refused(client: Client, script: Script) -> None:
    model = script({"text": "a"})
    load(client, model)
    with pytest.raises(ProtocolError, match="other options"):
        list(client.load(model, LoadOptions(n_ctx=512), CancelToken()))
