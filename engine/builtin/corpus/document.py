"""A training document: a conversation, and the text it becomes. It mirrors template.jinja."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

Role = Literal["system", "user", "assistant", "tool"]
EMPTY_THOUGHT = "<think>\n\n</think>\n\n"


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call of the assistant."""

    name: str
    arguments: Mapping[str, object]

    def render(self) -> str:
        """The markup the model writes."""
        arguments = _dump(self.arguments)
        return f'<tool_call>\n{{"name": "{self.name}", "arguments": {arguments}}}\n</tool_call>'


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the system block shows it; `parameters` maps a name to (type, description)."""

    name: str
    description: str
    parameters: Mapping[str, tuple[str, str]]

    def to_wire(self) -> dict[str, object]:
        """The OpenAI form."""
        properties = {
            name: {"type": kind, "description": text} if text else {"type": kind}
            for name, (kind, text) in self.parameters.items()
        }
        parameters = {
            "type": "object",
            "properties": properties,
            "required": list(self.parameters),
        }
        function = {
            "name": self.name,
            "description": self.description,
            "parameters": parameters,
        }
        return {"type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says."""

    role: Role
    text: str
    thought: str = ""
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole conversation; the loss is on the assistant's turns alone."""

    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()

    def segments(self) -> Iterator[tuple[str, bool]]:
        """Pieces of the text in order, each with whether the model learns to write it."""
        turns = self.turns
        system = turns[0].text if turns[0].role == "system" else ""
        if self.tools or system:
            yield _system_block(system, self.tools), False
        last_user = max(index for index, turn in enumerate(turns) if turn.role == "user")
        for index, turn in enumerate(turns):
            if turn.role == "assistant":
                yield from _assistant(turn, index > last_user)
            elif turn.role != "system":
                yield _said(turn), False

    def text(self) -> str:
        """The whole text."""
        return "".join(piece for piece, _ in self.segments())


def ask(question: str, answer: str, thought: str = "") -> Document:
    """The shortest document: a question and its answer."""
    return Document((Turn("user", question), Turn("assistant", answer, thought)))


def without_thoughts(document: Document) -> Document:
    """The same conversation with thinking off."""
    turns = tuple(replace(turn, thought="") for turn in document.turns)
    return replace(document, turns=turns)


def with_system(document: Document, text: str) -> Document:
    """The same conversation under a system prompt, unless it has one."""
    if document.turns[0].role == "system":
        return document
    return replace(document, turns=(Turn("system", text), *document.turns))


def _system_block(system: str, tools: tuple[Tool, ...]) -> str:
    if not tools:
        return f"<|im_start|>system\n{system}<|im_end|>\n"
    listed = "".join("\n" + _dump(tool.to_wire()) for tool in tools)
    opening = system + "\n\n" if system else ""
    return (
        f"<|im_start|>system\n{opening}# Tools\n<tools>{listed}\n</tools>\n"
        'Call a tool like this:\n<tool_call>\n{"name": "NAME", "arguments": {}}\n</tool_call>'
        "<|im_end|>\n"
    )


def _said(turn: Turn) -> str:
    if turn.role == "tool":
        return f"<|im_start|>user\n<tool_response>\n{turn.text}\n</tool_response><|im_end|>\n"
    return f"<|im_start|>{turn.role}\n{turn.text}<|im_end|>\n"


def _assistant(turn: Turn, keeps_thought: bool) -> Iterator[tuple[str, bool]]:
    yield "<|im_start|>assistant\n", False
    if turn.thought and keeps_thought:
        yield f"<think>\n{turn.thought}\n</think>\n\n", True
    else:
        yield EMPTY_THOUGHT, False
    call = turn.call.render() if turn.call else ""
    joint = "\n" if turn.text and call else ""
    yield f"{turn.text}{joint}{call}<|im_end|>", True
    yield "\n", False


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
