"""The built-in model in its worker: channels, calls, end of turn. Its prose is not tested."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from localm.engine import messages
from localm.engine.backend import Capabilities, Loaded
from localm.engine.cancel import CancelToken
from localm.engine.client import Client
from localm.engine.events import Assistant, Event, Finished, Thinking, ToolCall, Usage
from localm.engine.launch import WorkerProcess
from localm.engine.messages import Message, user
from localm.engine.models.reference import resolve
from localm.engine.options import LoadOptions, Sampling, ThinkingMode
from localm.engine.request import GenerateRequest
from localm.engine.tools import ToolSpec

from ..calls import loaded

GREEDY = Sampling(temperature=0.0, max_tokens=300)
WEATHER = ToolSpec(
    "get_weather",
    "Get the weather of a city",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


@pytest.fixture(scope="module")
def builtin() -> Iterator[Client]:
    """A client of a worker that has the built-in model."""
    client = Client(WorkerProcess())
    load(client)
    yield client
    client.close()


def load(client: Client) -> Loaded:
    """What loading the built-in model tells; a second load only tells it again."""
    return loaded(client, resolve("builtin"), LoadOptions(threads=1))


def ask(
    client: Client,
    *said: Message,
    thinking: ThinkingMode = "default",
    tools: tuple[ToolSpec, ...] = (),
    sampling: Sampling = GREEDY,
) -> list[Event]:
    """The events of one reply."""
    return list(client.generate(GenerateRequest(said, sampling, thinking, tools), CancelToken()))


def text(events: list[Event], kind: type[Assistant | Thinking]) -> str:
    """What came on one channel."""
    return "".join(event.text for event in events if isinstance(event, kind))


def test_it_says_what_it_can(builtin: Client) -> None:
    assert load(builtin).capabilities == Capabilities(
        2048, 2048, thinking=True, thinking_switch=True, tools=True
    )


@pytest.mark.parametrize("question", ["hi", "who are you?", "What is 12 + 30?", "how to use gguf?"])
def test_a_reply_ends_by_itself(builtin: Client, question: str) -> None:
    *_, finished = ask(builtin, user(question))
    assert isinstance(finished, Finished)
    assert finished.reason == "stop"
    assert finished.message.text


def test_it_thinks_unless_told_otherwise(builtin: Client) -> None:
    events = ask(builtin, user("What is 12 + 30?"))
    assert text(events, Thinking)
    assert [event.thinking_tokens > 0 for event in events if isinstance(event, Usage)] == [True]


def test_no_mark_leaks_into_either_channel(builtin: Client) -> None:
    events = ask(builtin, user("What is 12 + 30?"))
    said = text(events, Thinking) + text(events, Assistant)
    assert not [mark for mark in ("<think>", "</think>", "<|im_end|>") if mark in said]


def test_with_thinking_off_it_only_answers(builtin: Client) -> None:
    events = ask(builtin, user("What is 12 + 30?"), thinking="off")
    assert text(events, Thinking) == ""
    assert text(events, Assistant)


def test_a_call_is_an_event_with_valid_arguments(builtin: Client) -> None:
    events = ask(builtin, user("what is the weather in Paris?"), tools=(WEATHER,))
    [call] = [event for event in events if isinstance(event, ToolCall)]
    assert call.name == "get_weather"
    assert set(json.loads(call.arguments)) == {"city"}
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "tool_calls"


def test_a_call_comes_with_thinking_off_too(builtin: Client) -> None:
    events = ask(builtin, user("weather in Paris"), thinking="off", tools=(WEATHER,))
    assert [event.name for event in events if isinstance(event, ToolCall)] == ["get_weather"]
    assert text(events, Assistant) == ""


def test_it_answers_from_the_tools_result(builtin: Client) -> None:
    asked = user("what is the weather in Paris?")
    *_, first = ask(builtin, asked, tools=(WEATHER,))
    assert isinstance(first, Finished)
    [call] = first.message.tool_calls
    result = messages.tool_result(call.id, call.name, "rain")
    *_, second = ask(builtin, asked, first.message, result, tools=(WEATHER,))
    assert isinstance(second, Finished)
    assert second.reason == "stop"
    assert "rain" in second.message.text


def test_the_prompt_is_its_template_s(builtin: Client) -> None:
    request = GenerateRequest((messages.system("Be brief."), user("hi")), thinking="off")
    rendered = builtin.render(request)
    assert rendered.text == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n"
        "<|im_start|>assistant\n<think>\n\n</think>\n\n"
    )


def test_a_thought_goes_back_with_its_call_and_not_after_the_turn(builtin: Client) -> None:
    call = messages.ToolCallPart("1", "get_weather", '{"city": "Paris"}')
    asked = messages.Message("assistant", (messages.ThinkingPart("rain or sun"), call))
    turn = (user("weather?"), asked, messages.tool_result("1", "get_weather", "rain"))
    assert "<think>\nrain or sun\n</think>" in builtin.render(GenerateRequest(turn)).text
    later = (*turn, messages.Message("assistant", (messages.TextPart("Rain."),)), user("thanks"))
    assert "rain or sun" not in builtin.render(GenerateRequest(later)).text


def test_a_stop_string_does_not_end_a_thought(builtin: Client) -> None:
    events = ask(builtin, user("What is 12 + 30?"))
    thought = text(events, Thinking)
    word = next(word for word in thought.split() if word not in text(events, Assistant))
    stopped = ask(builtin, user("What is 12 + 30?"), sampling=replace(GREEDY, stop=(word,)))
    assert text(stopped, Thinking) == thought
    assert text(stopped, Assistant) == text(events, Assistant)


def test_the_count_is_what_the_reply_then_reports(builtin: Client) -> None:
    rendered = builtin.render(GenerateRequest((user("how do I see the version?"),)))
    events = ask(builtin, user("how do I see the version?"))
    assert [e.prompt_tokens for e in events if isinstance(e, Usage)] == [rendered.tokens]


def test_greedy_replies_are_equal(builtin: Client) -> None:
    once, twice = (ask(builtin, user("What is 347 + 285?")) for _ in range(2))
    assert text(once, Assistant) == text(twice, Assistant)
    assert text(once, Thinking) == text(twice, Thinking)
