"""A streamed reply comes together as one message."""

from localm.engine.assembly import Assembly, ended_by_error
from localm.engine.errors import WorkerDied
from localm.engine.events import Assistant, Error, Finished, Progress, Thinking, ToolCall
from localm.engine.messages import Message, TextPart, ThinkingPart, ToolCallPart


def test_neighbouring_pieces_of_a_channel_become_one_part() -> None:
    assembly = Assembly()
    for event in (
        Thinking("a"),
        Thinking("b"),
        Progress("prefill"),
        Assistant("c"),
        Assistant("d"),
    ):
        assembly.add(event)
    assert assembly.message() == Message("assistant", (ThinkingPart("ab"), TextPart("cd")))


def test_order_is_kept_when_channels_alternate() -> None:
    assembly = Assembly()
    for event in (Assistant("a"), ToolCall("1", "clock", "{}"), Thinking("b"), Assistant("c")):
        assembly.add(event)
    assert assembly.message().parts == (
        TextPart("a"),
        ToolCallPart("1", "clock", "{}"),
        ThinkingPart("b"),
        TextPart("c"),
    )


def test_empty_pieces_leave_no_part() -> None:
    assembly = Assembly()
    assembly.add(Assistant(""))
    assert assembly.message().parts == ()


def test_a_failed_stream_still_ends_with_what_had_come() -> None:
    message = Message("assistant", (TextPart("half"),))
    error, finished = ended_by_error(WorkerDied("It died.", "Again."), message)
    assert error == Error("worker_died", "It died.", "Again.")
    assert finished == Finished("error", message)
