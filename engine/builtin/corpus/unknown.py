"""Questions outside of what the model knows, and how it says so."""

from random import Random
from typing import cast

import yaml

from ..files import TOPICS
from .document import Document, ask
from .typing_noise import mistype
from .words import CITIES, COUNTRIES, NOUNS, PRODUCTS, invent, person

ANSWER = (
    "I am the small built-in model, and I do not know that. "
    "A larger model may: `llm ask -m FILE.gguf`."
)
THOUGHT = "This is outside of what I know."
_LISTS = cast(dict[str, list[str]], yaml.safe_load(TOPICS.read_text(encoding="utf-8")))


def write(random: Random) -> Document:
    """One question that the model cannot answer."""
    return ask(question(random), ANSWER, THOUGHT)


def question(random: Random) -> str:
    """Such a question."""
    text = _draw(random)
    if random.random() < 0.12:
        text = text.rstrip("?.")
    if random.random() < 0.25:
        text = text[:1].upper() + text[1:]
    if random.random() < 0.08:
        text = random.choice(("hi, ", "please ", "hey, ", "ok, ", "so ")) + text
    return mistype(random, text) if random.random() < 0.2 else text


def _draw(random: Random) -> str:
    match random.randrange(8):
        case 0 | 1:
            return random.choice(_LISTS["subject_frames"]).format(random.choice(_LISTS["subjects"]))
        case 2:
            return random.choice(_LISTS["task_frames"]).format(random.choice(_LISTS["tasks"]))
        case 3:
            noun = random.choice((random.choice(NOUNS), random.choice(PRODUCTS), invent(random)))
            return random.choice(_LISTS["noun_frames"]).format(noun)
        case 4:
            return random.choice(_LISTS["place_frames"]).format(random.choice(CITIES))
        case 5:
            return random.choice(_LISTS["country_frames"]).format(random.choice(COUNTRIES))
        case 6:
            return random.choice(_LISTS["person_frames"]).format(person(random))
        case _:
            return random.choice(_LISTS["plain"])
