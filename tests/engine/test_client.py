"""A client and a real worker process: what is asked, and what comes back."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.errors import ModelUnreadable, ProtocolError
from localm.engine.events import (
    Assistant,
    Error,
    Finished,
    Progress,
    Thinking,
    ToolCall,
    Usage,
)
from localm.engine.messages import Message, TextPart, ThinkingPart, user
from localm.engine.models.reference import ModelReference
from localm.engine.options import LoadOptions, Sampling
from localm.engine.request import GenerateRequest

from .calls import HELLO, ask, load

Script = Callable[..., ModelReference]


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


def test_max_tokens_ends_a_reply_by_length(client: Client, script: Script) -> None:
    load(client, script(*[{"text": "x"}] * 5))
    *_, finished = ask(client, GenerateRequest((user("a"),), Sampling(max_tokens=2)))
    assert finished == Finished("length", Message("assistant", (TextPart("xx"),)))


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


def test_other_options_for_a_loaded_model_are_refused(client: Client, script: Script) -> None:
    model = script({"text": "a"})
    load(client, model)
    with pytest.raises(ProtocolError, match="other options"):
        list(client.load(model, LoadOptions(n_ctx=512), CancelToken()))
