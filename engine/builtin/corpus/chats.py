"""Longer conversations: turns of the other skills in a row, a name remembered across them."""

from collections.abc import Callable
from random import Random

from . import arithmetic, manual, small_talk, unknown
from .document import Document, Turn
from .words import person

_WRITERS: tuple[Callable[[Random], Document], ...] = (
    manual.write,
    manual.write,
    unknown.write,
    arithmetic.write,
    small_talk.write,
)


def write(random: Random) -> Document:
    """Two to five exchanges; in some, a name is told first and asked for last."""
    middle: list[Turn] = []
    for _ in range(random.choice((1, 1, 2, 3))):
        middle += random.choice(_WRITERS)(random).turns
    if random.random() < 0.5:
        name = person(random)
        first = small_talk.introduction(random, name)
        return Document((*first, *middle, *small_talk.recall(random, name)))
    return Document((*middle, *random.choice(_WRITERS)(random).turns))
