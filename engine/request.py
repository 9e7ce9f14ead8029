"""What a front end asks of a loaded model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from . import messages
from .messages import Message
from .options import Sampling, ThinkingMode, sampling_from_wire, sampling_to_wire
from .tools import ToolSpec


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """A conversation to go on with, and how."""

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    thinking: ThinkingMode = "default"
    tools: tuple[ToolSpec, ...] = ()
    model: str = ""
    """The handle that loading gave; empty where the other side has one model only."""


def to_wire(request: GenerateRequest) -> dict[str, object]:
    """The JSON form of `request`."""
    return {
        "model": request.model,
        "messages": [messages.to_wire(message) for message in request.messages],
        "sampling": sampling_to_wire(request.sampling),
        "thinking": request.thinking,
        "tools": [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in request.tools
        ],
    }


def from_wire(wire: Mapping[str, object]) -> GenerateRequest:
    """The request that `to_wire` wrote; raises `ValueError`, `KeyError` or `TypeError`."""
    tools = cast(list[Mapping[str, object]], wire["tools"])
    return GenerateRequest(
        messages=tuple(
            messages.from_wire(message)
            for message in cast(list[Mapping[str, object]], wire["messages"])
        ),
        sampling=sampling_from_wire(cast(Mapping[str, object], wire["sampling"])),
        thinking=cast(ThinkingMode, wire["thinking"]),
        tools=tuple(
            ToolSpec(
                str(tool["name"]),
                str(tool["description"]),
                cast(Mapping[str, object], tool["parameters"]),
            )
            for tool in tools
        ),
        model=str(wire.get("model", "")),
    )
