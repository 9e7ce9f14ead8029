"""How much of each skill a stage of training sees."""

from collections.abc import Callable, Mapping
from random import Random

from . import arithmetic, chats, copying, extraction, manual, small_talk, tool_calls, unknown
from .document import Document, with_system, without_thoughts

Writer = Callable[[Random], Document]

SKILLS: Mapping[str, Writer] = {
    "manual": manual.write,
    "unknown": unknown.write,
    "small_talk": small_talk.write,
    "arithmetic": arithmetic.write,
    "tool_calls": tool_calls.write,
    "extraction": extraction.write,
    "copying": copying.write,
    "chats": chats.write,
}
COPYING: Mapping[str, float] = {"copying": 80, "extraction": 10, "tool_calls": 10}
EVERYTHING: Mapping[str, float] = {
    "manual": 20,
    "unknown": 11,
    "small_talk": 7,
    "arithmetic": 24,
    "tool_calls": 16,
    "extraction": 12,
    "copying": 6,
    "chats": 4,
}
FINISH: Mapping[str, float] = {
    "manual": 19,
    "unknown": 11,
    "small_talk": 6,
    "arithmetic": 26,
    "tool_calls": 17,
    "extraction": 12,
    "copying": 3,
    "chats": 6,
}
_SYSTEM = (
    "You are a helpful assistant.",
    "Be brief.",
    "Answer in one sentence.",
    "You are a friendly assistant. Answer shortly.",
    "You help with the command line.",
    "Reply in plain text.",
)


def draw(random: Random, weights: Mapping[str, float]) -> Document:
    """One document, with thinking off in a third of them and a system prompt in some."""
    skill = random.choices(list(weights), list(weights.values()))[0]
    document = SKILLS[skill](random)
    if random.random() < 0.3:
        document = without_thoughts(document)
    if random.random() < 0.1:
        document = with_system(document, random.choice(_SYSTEM))
    return document
