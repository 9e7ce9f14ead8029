"""Values survive the way to another process and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localm.engine import errors, events, messages, options, request
from localm.engine.messages import Message, TextPart, ThinkingPart, ToolCallPart, ToolResultPart
from localm.engine.options import Sampling
from localm.engine.request import GenerateRequest
from localm.engine.tools import ToolSpec

texts = st.text()
parts = st.one_of(
    st.builds(TextPart, texts),
    st.builds(ThinkingPart, texts),
    st.builds(ToolCallPart, texts, texts, texts),
    st.builds(ToolResultPart, texts, texts, texts),
)
some_messages = st.builds(
    Message,
    st.sampled_from(["system", "user", "assistant", "tool"]),
    st.lists(parts, max_size=4).map(tuple),
)
samplings = st.builds(
    Sampling,
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    top_k=st.none() | st.integers(0, 1000),
    max_tokens=st.none() | st.integers(1, 10**6),
    seed=st.none() | st.integers(0, options.LARGEST_SEED),
    stop=st.lists(st.text(min_size=1), max_size=3).map(tuple),
)
numbers = st.integers(0, 10**9)
some_events = st.one_of(
    st.builds(events.Started, texts),
    st.builds(
        events.Progress,
        st.sampled_from(["queued", "loading", "prefill"]),
        st.none() | numbers,
        st.none() | numbers,
        st.none() | numbers,
    ),
    st.builds(events.Thinking, texts),
    st.builds(events.Assistant, texts),
    st.builds(events.ToolCall, texts, texts, texts),
    st.builds(events.ToolResult, texts, texts, texts),
    st.builds(events.Usage, numbers, numbers, numbers, numbers, st.floats(0, 1e6)),
    st.builds(events.Notification, texts),
    st.builds(events.Error, texts, texts, texts, st.dictionaries(texts, numbers)),
    st.builds(
        events.Finished,
        st.sampled_from(["stop", "length", "tool_calls", "max_iterations", "cancelled", "error"]),
        some_messages,
    ),
)


def through_json(wire: dict[str, object]) -> dict[str, object]:
    copy: dict[str, object] = json.loads(json.dumps(wire))
    return copy


@given(some_events)
def test_an_event_is_the_same_after_the_wire(event: events.Event) -> None:
    assert events.from_wire(through_json(events.to_wire(event))) == event


@given(some_messages)
def test_a_message_is_the_same_after_the_wire(message: Message) -> None:
    assert messages.from_wire(through_json(messages.to_wire(message))) == message


@given(
    st.builds(
        GenerateRequest,
        st.lists(some_messages, max_size=3).map(tuple),
        samplings,
        st.sampled_from(["default", "on", "off"]),
        st.just((ToolSpec("clock", "Tells the time.", {"type": "object"}),)),
    )
)
def test_a_request_is_the_same_after_the_wire(asked: GenerateRequest) -> None:
    assert request.from_wire(through_json(request.to_wire(asked))) == asked


@pytest.mark.parametrize(
    "kind", [errors.ModelNotFound, errors.ContextOverflow, errors.WorkerDied, errors.Cancelled]
)
def test_an_error_keeps_its_kind_sentence_and_numbers(kind: type[errors.EngineError]) -> None:
    error = errors.from_wire(through_json(errors.to_wire(kind("What.", "Do this.", {"n": 3}))))
    assert (type(error), error.message, error.hint, error.details) == (
        kind,
        "What.",
        "Do this.",
        {"n": 3},
    )


def test_an_unknown_error_of_a_newer_worker_is_still_an_error() -> None:
    error = errors.from_wire({"kind": "from_the_future", "message": "What."})
    assert type(error) is errors.EngineError


@pytest.mark.parametrize("wire", [{"type": "nonsense"}, {"type": "started"}, {}])
def test_what_is_no_event_is_refused(wire: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        events.from_wire(wire)


@pytest.mark.parametrize("wire", [{"role": "king", "parts": []}, {"role": "user"}])
def test_what_is_no_message_is_refused(wire: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        messages.from_wire(wire)
