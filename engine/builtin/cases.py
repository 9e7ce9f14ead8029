"""The held-out questions: what is asked, and whether a reply will do. Never trained on."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import cast

import yaml

from .corpus.arithmetic import result
from .corpus.document import Tool
from .files import HELDOUT

_PER_OPERATION = 25


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered; `calls` are (name, arguments)."""

    text: str
    calls: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One question of a set."""

    skill: str
    ask: str
    passes: Callable[[Reply], bool]
    tools: tuple[Tool, ...] = ()


def cases() -> Iterator[Case]:
    """Every held-out question."""
    yield from _manual()
    yield from _unknown()
    yield from _small_talk()
    yield from _arithmetic()
    yield from _tool_calls()
    yield from _extraction()


def _read(name: str) -> list[dict[str, object]]:
    rows = yaml.safe_load((HELDOUT / f"{name}.yaml").read_text(encoding="utf-8"))
    return cast(list[dict[str, object]], rows)


def _manual() -> Iterator[Case]:
    for row in _read("manual"):
        pattern = re.compile(f"`{re.escape(str(row['command']))}( [^a-z-][^`]*)?`")
        yield Case("manual", str(row["ask"]), _contains(pattern))


def _unknown() -> Iterator[Case]:
    for text in _read("unknown"):
        yield Case("unknown", str(text), _contains(re.compile("I do not know")))


def _small_talk() -> Iterator[Case]:
    for row in _read("small_talk"):
        yield Case(
            "small talk", str(row["ask"]), _contains(re.compile(re.escape(str(row["says"]))))
        )


def _arithmetic() -> Iterator[Case]:
    path = HELDOUT / "arithmetic.yaml"
    wordings: Mapping[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    random = Random(77)
    for operation, frames in wordings.items():
        for index in range(_PER_OPERATION):
            a, b = _operands(random, operation)
            pattern = re.compile(rf"= {result(operation, a, b)}$")
            ask = frames[index % len(frames)].format(a=a, b=b)
            yield Case(f"arithmetic {operation}", ask, _contains(pattern))


def _operands(random: Random, operation: str) -> tuple[int, int]:
    if operation == "*":
        return random.randint(2, 99), random.randint(2, 9)
    if operation == "/":
        divisor = random.randint(2, 9)
        return divisor * random.randint(2, 12), divisor
    a, b = random.randint(1, 99), random.randint(1, 999)
    return (max(a, b), min(a, b)) if operation == "-" else (a, b)


def _tool_calls() -> Iterator[Case]:
    for row in _read("tool_calls"):
        tools = tuple(_tool(text) for text in cast(list[str], row["tools"]))
        if row["call"] is None:
            yield Case("no fitting tool", str(row["ask"]), lambda reply: not reply.calls, tools)
        else:
            wanted = (str(row["call"]), row["arguments"])
            yield Case("tool call", str(row["ask"]), _calls(wanted), tools)


def _tool(text: str) -> Tool:
    name, _, rest = text.rstrip(")").partition("(")
    parameters = dict(pair.split(":") for pair in rest.split(", "))
    words = name.replace("_", " ").capitalize()
    return Tool(name, words, {key: (kind, "") for key, kind in parameters.items()})


def _extraction() -> Iterator[Case]:
    for row in _read("extraction"):
        yield Case("extraction", str(row["ask"]), _gives(row["gives"]))


def _contains(pattern: re.Pattern[str]) -> Callable[[Reply], bool]:
    return lambda reply: bool(pattern.search(reply.text))


def _calls(wanted: tuple[str, object]) -> Callable[[Reply], bool]:
    return lambda reply: reply.calls == (wanted,)


def _gives(wanted: object) -> Callable[[Reply], bool]:
    def passes(reply: Reply) -> bool:
        try:
            return bool(yaml.safe_load(reply.text) == wanted)
        except yaml.YAMLError:
            return False

    return passes
