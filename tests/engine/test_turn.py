"""A turn: what comes in which order, also when it does not come to an answer."""

from collections.abc import Callable
from typing import Any

from localm.engine.cancel import CancelToken
from localm.engine.events import Assistant, Error, Event, Finished, Started, Usage
from localm.engine.in_place import InPlace
from localm.engine.messages import user
from localm.engine.models.reference import ModelReference
from localm.engine.options import LoadOptions, Sampling
from localm.engine.request import GenerateRequest
from localm.engine.turn import run_turn

Script = Callable[..., ModelReference]


def turn(model: ModelReference, text: str = "hi", **options: Any) -> list[Event]:
    """The events of one turn."""
    request = GenerateRequest((user(text),), Sampling(**options))
    return list(run_turn(InPlace(), model, LoadOptions(), request, CancelToken()))


def test_a_turn_begins_once_and_ends_once(script: Script) -> None:
    events = turn(script({"text": "a"}, {"text": "b"}))
    assert events[0] == Started("echo")
    assert [type(event) for event in events].count(Started) == 1
    assert [type(event) for event in events].count(Finished) == 1
    assert isinstance(events[-1], Finished)


def test_the_message_at_the_end_is_what_was_streamed(script: Script) -> None:
    *_, finished = turn(script({"thinking": "hm"}, {"text": "a"}, {"text": "b"}))
    assert isinstance(finished, Finished)
    assert (finished.message.text, finished.message.thinking) == ("ab", "hm")


def test_usage_comes_with_every_reply(script: Script) -> None:
    [usage] = [event for event in turn(script({"text": "a"})) if isinstance(event, Usage)]
    assert (usage.prompt_tokens, usage.completion_tokens) == (2, 1)


def test_a_prompt_past_the_window_is_refused_before_a_token(script: Script) -> None:
    events = turn(script({"text": "a"}, window=10), "word " * 20)
    error, finished = events[-2:]
    assert isinstance(error, Error)
    assert error.kind == "context_overflow"
    assert isinstance(finished, Finished)
    assert finished.reason == "error"
    assert not [event for event in events if isinstance(event, Assistant)]


def test_a_wanted_reply_counts_against_the_window(script: Script) -> None:
    events = turn(script({"text": "a"}, window=10), "word " * 5, max_tokens=8)
    assert [event.kind for event in events if isinstance(event, Error)] == ["context_overflow"]


def test_what_came_before_a_failure_is_kept(script: Script) -> None:
    *_, finished = turn(script({"text": "half"}, {"error": "broken"}, {"text": "never"}))
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.message.text) == ("error", "half")


def test_a_model_that_cannot_be_loaded_still_ends_the_stream() -> None:
    *_, error, finished = turn(ModelReference("echo", "echo", "/nowhere.json"))
    assert isinstance(error, Error)
    assert isinstance(finished, Finished)
    assert finished.reason == "error"


def test_a_turn_cancelled_before_it_begins_is_cancelled(script: Script) -> None:
    token = CancelToken()
    token.cancel()
    request = GenerateRequest((user("hi"),))
    started, *events = run_turn(InPlace(), script({"text": "a"}), LoadOptions(), request, token)
    assert started == Started("echo")
    assert not [event for event in events if isinstance(event, Assistant | Error)]
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "cancelled"
