"""Mistakes that fingers make."""

from random import Random

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def mistype(random: Random, text: str) -> str:
    """`text` with one or two letters lost, doubled, swapped or wrong."""
    for _ in range(random.choice((1, 1, 2))):
        places = [index for index, letter in enumerate(text[:-1]) if letter.isalpha()]
        if len(places) < 4:
            return text
        text = _slip(random, text, random.choice(places[1:]))
    return text


def _slip(random: Random, text: str, at: int) -> str:
    before, letter, after = text[:at], text[at], text[at + 1 :]
    match random.randrange(4):
        case 0:
            return before + after
        case 1:
            return before + letter + letter + after
        case 2:
            return before + after[:1] + letter + after[1:]
        case _:
            return before + random.choice(_LETTERS) + after
