"""The one event vocabulary: what a backend, a worker and a turn say while a reply forms.

Every stream ends with exactly one `Finished`, also after an `Error`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, assert_never, cast

from . import messages

Stage = Literal["queued", "loading", "prefill"]
FinishReason = Literal["stop", "length", "tool_calls", "max_iterations", "cancelled", "error"]


@dataclass(frozen=True, slots=True)
class Started:
    """A turn has begun, on the model of this name."""

    model: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Waiting: a place in the queue, or `done` of `total` (tokens of a prefill; None: unknown)."""

    stage: Stage
    position: int | None = None
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Thinking:
    """The next piece of the thought."""

    text: str


@dataclass(frozen=True, slots=True)
class Assistant:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A complete call that the model asks for; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and milliseconds of one reply.

    `completion_tokens` counts thoughts too. `first_token_ms` runs from the request to the first
    piece; `prefill_ms` and `decode_ms` are the engine's own work.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    thinking_tokens: int = 0
    load_ms: float = 0.0
    queue_ms: float = 0.0
    first_token_ms: float = 0.0
    prefill_ms: float = 0.0
    decode_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Notification:
    """Something the user should know that is no error."""

    text: str


@dataclass(frozen=True, slots=True)
class Error:
    """The turn failed: `kind` as in `errors`, a sentence, the next step, and numbers if any."""

    kind: str
    message: str
    hint: str = ""
    details: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of the stream: why, and the whole message as far as it came."""

    reason: FinishReason
    message: messages.Message


Event = (
    Started
    | Progress
    | Thinking
    | Assistant
    | ToolCall
    | ToolResult
    | Usage
    | Notification
    | Error
    | Finished
)


def to_wire(event: Event) -> dict[str, object]:
    """The JSON form: a `type` and the event's own fields."""
    match event:
        case Assistant(text):
            return {"type": "assistant", "text": text}
        case Thinking(text):
            return {"type": "thinking", "text": text}
        case Progress(stage, position, done, total):
            return {
                "type": "progress",
                "stage": stage,
                "position": position,
                "done": done,
                "total": total,
            }
        case Started(model):
            return {"type": "started", "model": model}
        case ToolCall(id, name, arguments):
            return {"type": "tool_call", "id": id, "name": name, "arguments": arguments}
        case ToolResult(id, name, text):
            return {"type": "tool_result", "id": id, "name": name, "text": text}
        case Usage():
            return {"type": "usage", **asdict(event)}
        case Notification(text):
            return {"type": "notification", "text": text}
        case Error(kind, message, hint, details):
            wire: dict[str, object] = {"kind": kind, "message": message, "hint": hint}
            return {"type": "error", **wire, "details": dict(details)}
        case Finished(reason, message):
            return {"type": "finished", "reason": reason, "message": messages.to_wire(message)}
        case _:
            assert_never(event)


def from_wire(wire: Mapping[str, object]) -> Event:
    """The event that `to_wire` wrote; raises `ValueError`, `KeyError` or `TypeError` otherwise."""
    kind = wire["type"]
    if kind == "assistant":
        return Assistant(str(wire["text"]))
    if kind == "thinking":
        return Thinking(str(wire["text"]))
    if kind == "finished":
        message = cast(Mapping[str, object], wire["message"])
        return Finished(cast(FinishReason, wire["reason"]), messages.from_wire(message))
    plain = _PLAIN.get(str(kind))
    if plain is None:
        raise ValueError(f"unknown event {kind!r}")
    fields = {name: value for name, value in wire.items() if name != "type"}
    return plain(**cast(dict[str, Any], fields))


_PLAIN: dict[str, type[Event]] = {
    "started": Started,
    "progress": Progress,
    "tool_call": ToolCall,
    "tool_result": ToolResult,
    "usage": Usage,
    "notification": Notification,
    "error": Error,
}
