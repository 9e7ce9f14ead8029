"""Copying unseen values, the skill that all others with values in them rest on."""

import json
from random import Random

from .document import Document, ask
from .words import NOUNS, date, invent, person, phrase, place

_REPEATS = (
    "repeat: {}",
    "Repeat after me: {}",
    "say {}",
    "repeat these words: {}",
    "copy this: {}",
    "echo {}",
)
_LOOKUPS = ("what is {}?", "which value has {}?", "give me {}", "{}?", "tell me {}", "read out {}")


def write(random: Random) -> Document:
    """One document that only copying can answer."""
    match random.randrange(4):
        case 0:
            words = " ".join(_value(random) for _ in range(random.randint(1, 6)))
            return ask(random.choice(_REPEATS).format(words), words, "Repeat it.")
        case 1 | 2:
            return _lookup(random)
        case _:
            pairs = {_key(random): _value(random) for _ in range(random.randint(1, 3))}
            listed = ", ".join(f"{key} is {value}" for key, value in pairs.items())
            return ask(f"as JSON: {listed}", json.dumps(pairs), f"Extract {', '.join(pairs)}.")


def _lookup(random: Random) -> Document:
    pairs = {_key(random): _value(random) for _ in range(random.randint(2, 6))}
    key = random.choice(list(pairs))
    if random.random() < 0.3:
        listed = json.dumps(pairs)
    else:
        joint = random.choice((": ", " = ", " is "))
        listed = random.choice((", ", "\n", "; ")).join(f"{k}{joint}{v}" for k, v in pairs.items())
    question = random.choice(_LOOKUPS).format(key)
    return ask(f"{listed}\n{question}", pairs[key], f"Look up {key}.")


def _key(random: Random) -> str:
    return random.choice((invent(random), random.choice(NOUNS)))


def _value(random: Random) -> str:
    draw = random.choice((invent, invent, person, place, date, phrase, _number))
    return draw(random)


def _number(random: Random) -> str:
    return str(random.randint(0, random.choice((9, 99, 999, 9999))))
