"""A message: a role and its parts. Pure values; where a message is kept is the store's concern."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, assert_never, cast

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


@dataclass(frozen=True, slots=True)
class ThinkingPart:
    text: str


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A call that the model asked for; `arguments` is the JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """What a tool answered to the call `id`."""

    id: str
    name: str
    text: str


Part = TextPart | ThinkingPart | ToolCallPart | ToolResultPart


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    parts: tuple[Part, ...] = ()

    @property
    def text(self) -> str:
        """The text that was said, without thoughts and calls."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def thinking(self) -> str:
        """The thought, without the text that was said."""
        return "".join(part.text for part in self.parts if isinstance(part, ThinkingPart))

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        """The calls that the message asks for, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolCallPart))


def user(text: str) -> Message:
    """A user's message of one text."""
    return Message("user", (TextPart(text),))


def system(text: str) -> Message:
    """A system prompt."""
    return Message("system", (TextPart(text),))


def tool_result(id: str, name: str, text: str) -> Message:
    """What a tool answered to the call `id`."""
    return Message("tool", (ToolResultPart(id, name, text),))


def to_wire(message: Message) -> dict[str, object]:
    """The JSON form: `{"role": ..., "parts": [{"type": ...}, ...]}`."""
    return {"role": message.role, "parts": [_part_to_wire(part) for part in message.parts]}


def from_wire(wire: Mapping[str, object]) -> Message:
    """The message that `to_wire` wrote; raises `ValueError` or `KeyError` on any other value."""
    role = wire["role"]
    if role not in ("system", "user", "assistant", "tool"):
        raise ValueError(f"unknown role {role!r}")
    parts = cast(list[Mapping[str, object]], wire["parts"])
    return Message(role, tuple(_part_from_wire(part) for part in parts))


def _part_to_wire(part: Part) -> dict[str, object]:
    match part:
        case TextPart(text):
            return {"type": "text", "text": text}
        case ThinkingPart(text):
            return {"type": "thinking", "text": text}
        case ToolCallPart(id, name, arguments):
            return {"type": "tool_call", "id": id, "name": name, "arguments": arguments}
        case ToolResultPart(id, name, text):
            return {"type": "tool_result", "id": id, "name": name, "text": text}
        case _:
            assert_never(part)


def _part_from_wire(wire: Mapping[str, object]) -> Part:
    match wire["type"]:
        case "text":
            return TextPart(str(wire["text"]))
        case "thinking":
            return ThinkingPart(str(wire["text"]))
        case "tool_call":
            return ToolCallPart(str(wire["id"]), str(wire["name"]), str(wire["arguments"]))
        case "tool_result":
            return ToolResultPart(str(wire["id"]), str(wire["name"]), str(wire["text"]))
        case other:
            raise ValueError(f"unknown part {other!r}")
