"""Words and made-up values that several skills draw from."""

from random import Random
from typing import cast

import yaml

from ..files import WORDS

_LISTS = cast(dict[str, list[str]], yaml.safe_load(WORDS.read_text(encoding="utf-8")))

NAMES = _LISTS["names"]
SURNAMES = _LISTS["surnames"]
CITIES = _LISTS["cities"]
COUNTRIES = _LISTS["countries"]
JOBS = _LISTS["jobs"]
COMPANIES = _LISTS["companies"]
PRODUCTS = _LISTS["products"]
COLOURS = _LISTS["colours"]
NOUNS = _LISTS["nouns"]
MONTHS = _LISTS["months"]
DAYS = _LISTS["days"]

_STARTS = (
    "b",
    "br",
    "c",
    "d",
    "dr",
    "f",
    "g",
    "gl",
    "h",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "z",
    "qu",
    "j",
)
_MIDDLES = ("a", "e", "i", "o", "u", "ai", "ea", "oo", "ou")
_ENDS = ("", "n", "r", "s", "l", "m", "nd", "rk", "st", "x", "t")


def invent(random: Random, syllables: int = 0) -> str:
    """A word that no one has heard."""
    count = syllables or random.choice((1, 2, 2, 3))
    parts = (random.choice(_STARTS) + random.choice(_MIDDLES) for _ in range(count))
    return "".join(parts) + random.choice(_ENDS)


def person(random: Random) -> str:
    """A first name, sometimes with a surname, sometimes made up."""
    first = random.choice(NAMES) if random.random() < 0.7 else invent(random).capitalize()
    if random.random() < 0.35:
        last = random.choice(SURNAMES) if random.random() < 0.6 else invent(random).capitalize()
        return f"{first} {last}"
    return first


def place(random: Random) -> str:
    """A city, sometimes made up."""
    if random.random() < 0.7:
        return random.choice(CITIES)
    name = invent(random).capitalize()
    return random.choice(("New ", "Port ", "")) + name if random.random() < 0.3 else name


def phrase(random: Random) -> str:
    """One to four words."""
    pool = [random.choice(NOUNS), invent(random), random.choice(PRODUCTS), random.choice(COLOURS)]
    return " ".join(random.sample(pool, random.choice((1, 1, 2, 2, 3))))


def date(random: Random) -> str:
    """A date in one of three forms."""
    day, month, year = random.randint(1, 28), random.randint(1, 12), random.randint(1990, 2030)
    forms = (
        f"{year}-{month:02}-{day:02}",
        f"{day} {MONTHS[month - 1]}",
        f"{MONTHS[month - 1]} {day}",
    )
    return random.choice(forms)
