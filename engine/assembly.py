"""Puts the pieces of a streamed reply together into one message."""

from .errors import EngineError
from .events import Assistant, Error, Event, Finished, Thinking, ToolCall
from .messages import Message, Part, TextPart, ThinkingPart, ToolCallPart


class Assembly:
    """Collects events in order; neighbours of one channel become one part."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._channel: type[TextPart | ThinkingPart] | None = None
        self._pieces: list[str] = []

    def add(self, event: Event) -> None:
        """Take the next event; those that carry no part of the message are ignored."""
        match event:
            case Assistant(text):
                self._append(TextPart, text)
            case Thinking(text):
                self._append(ThinkingPart, text)
            case ToolCall(id, name, arguments):
                self._close()
                self._parts.append(ToolCallPart(id, name, arguments))
            case _:
                pass

    @property
    def started(self) -> bool:
        """Whether anything has come."""
        return bool(self._parts or self._pieces)

    def message(self) -> Message:
        """The assistant's message as far as it came."""
        self._close()
        return Message("assistant", tuple(self._parts))

    def _append(self, channel: type[TextPart] | type[ThinkingPart], text: str) -> None:
        if channel is not self._channel:
            self._close()
            self._channel = channel
        self._pieces.append(text)

    def _close(self) -> None:
        text = "".join(self._pieces)
        if self._channel is not None and text:
            self._parts.append(self._channel(text))
        self._channel = None
        self._pieces = []


def ended_by_error(error: EngineError, message: Message | None = None) -> tuple[Event, ...]:
    """How a stream ends that failed: the error, and what had come."""
    said = Error(error.kind, error.message, error.hint, error.details)
    return said, Finished("error", message or Message("assistant"))
