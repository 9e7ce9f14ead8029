"""llama.cpp's chunks, read as events."""

import pytest

from localm.engine.backends.chunks import ChunkReader, Json, read_error
from localm.engine.errors import (
    ContextOverflow,
    EngineError,
    GenerationFailed,
    InvalidOption,
    Unsupported,
)
from localm.engine.events import Assistant, Event, Progress, Thinking, ToolCall, Usage


def delta(**fields: object) -> Json:
    return {"choices": [{"delta": fields, "finish_reason": None}]}


def timed(count: int, chunk: Json) -> Json:
    timings = {"cache_n": 3, "prompt_n": 7, "prompt_ms": 5.0, "predicted_ms": 9.0}
    return {**chunk, "timings": {**timings, "predicted_n": count}}


def read(*chunks: Json) -> tuple[ChunkReader, list[Event]]:
    reader = ChunkReader()
    return reader, [event for chunk in chunks for event in reader.feed(chunk)]


def test_thought_and_answer_come_on_their_channels() -> None:
    _, events = read(
        delta(role="assistant", content=None),
        delta(reasoning_content="hm"),
        delta(content="hi"),
    )
    assert events == [Thinking("hm"), Assistant("hi")]


def test_a_thought_that_was_forbidden_is_an_error_not_a_secret() -> None:
    reader = ChunkReader(thinking=False)
    assert reader.feed(delta(reasoning_content="\n\n")) != []
    with pytest.raises(Unsupported, match="thinks although it is told not to"):
        reader.feed(delta(reasoning_content="hm"))


def test_nothing_is_read_after_a_stop_string() -> None:
    reader = ChunkReader(["END"])
    chunks = [delta(content=piece) for piece in ("one E", "ND two", " three")]
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    assert (events, reader.stopped, reader.reason) == ([Assistant("one ")], True, "stop")


def test_what_was_held_back_comes_at_the_end() -> None:
    reader = ChunkReader(["END"])
    assert reader.feed(delta(content="one E")) == [Assistant("one ")]
    assert reader.end() == [Assistant("E")]
    assert reader.assembly.message().text == "one E"


def test_thinking_tokens_are_those_up_to_the_last_piece_of_the_thought() -> None:
    reader, _ = read(
        timed(1, delta(reasoning_content="a")),
        timed(4, delta(reasoning_content="b")),
        timed(6, delta(content="c")),
    )
    assert reader.usage(12.0) == Usage(
        prompt_tokens=10,
        cached_tokens=3,
        completion_tokens=6,
        thinking_tokens=4,
        first_token_ms=12.0,
        prefill_ms=5.0,
        decode_ms=9.0,
    )


def test_prefill_is_told_once_per_step() -> None:
    step: Json = {"prompt_progress": {"processed": 256, "total": 1000, "cache": 0}}
    _, events = read(step, step)
    assert events == [Progress("prefill", done=256, total=1000)]


def test_a_call_in_pieces_is_one_call() -> None:
    reader, events = read(
        delta(tool_calls=[{"index": 0, "id": "c1", "function": {"name": "clock"}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": '{"city": '}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": '"Rome"}'}}]),
        {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]},
    )
    assert events == []
    assert reader.reason == "tool_calls"
    assert reader.calls("tool_calls") == [ToolCall("c1", "clock", '{"city": "Rome"}')]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "exceed_context_size_error", "n_prompt_tokens": 9, "n_ctx": 8}, ContextOverflow),
        ({"type": "invalid_request_error", "message": "no"}, InvalidOption),
        ({"type": "server_error", "message": "no"}, GenerationFailed),
    ],
)
def test_each_kind_of_error_is_known(error: Json, kind: type[EngineError]) -> None:
    assert type(read_error(error)) is kind
    with pytest.raises(kind):
        read({"error": error})


def test_a_call_that_was_cut_is_none() -> None:
    reader, _ = read(
        delta(tool_calls=[{"index": 0, "function": {"name": "a", "arguments": '{"x": 1}'}}]),
        delta(tool_calls=[{"index": 1, "function": {"name": "b", "arguments": '{"x": '}}]),
    )
    assert [call.name for call in reader.calls("length")] == ["a"]


def test_a_call_counts_as_the_beginning_of_a_reply() -> None:
    reader, _ = read(delta(tool_calls=[{"index": 0, "function": {"name": "a"}}]))
    assert reader.started


def test_an_error_may_come_as_text() -> None:
    text = '{"error": {"code": 501, "type": "not_supported_error", "message": "no such thing"}}'
    with pytest.raises(EngineError, match="no such thing"):
        ChunkReader().feed(text)
