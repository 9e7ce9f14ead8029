"""Extraction: a sentence becomes a JSON object with the keys that were asked for."""

import json
from collections.abc import Callable
from random import Random

from .document import Document, ask
from .words import CITIES, COLOURS, COMPANIES, JOBS, PRODUCTS, date, invent, person, place

Fields = dict[str, object]

_ASKS = (
    "Extract {keys} from: {text}",
    "extract {keys}: {text}",
    "{text} Extract {keys} as JSON.",
    "Give me {keys} as JSON: {text}",
    "Turn this into JSON with {keys}: {text}",
    "{text}\n\nReturn JSON with the keys {keys}.",
    "extract {keys} as json from this text: {text}",
    "Make a JSON object with {keys}.\n{text}",
    "find {keys} in: {text}",
)
_PEOPLE = (
    "{name} is {age} and lives in {city}.",
    "{name}, {age}, from {city}.",
    "My name is {name}, I am {age} years old and I live in {city}.",
    "In {city} lives {name}, who is {age}.",
    "{name} is a {job} from {city}, aged {age}.",
    "At the age of {age}, {name} moved to {city}.",
    "{name} ({age}) works as a {job} in {city}.",
    "The {job} {name} from {city} turned {age} today.",
)
_ORDERS = (
    "{name} ordered {count} {colour} {product}s for {price} euros.",
    "Order: {count} x {product}, {colour}, {price} euros, for {name}.",
    "{count} {colour} {product}s at {price} euros were sold to {name}.",
    "{name} paid {price} euros for {count} {colour} {product}s.",
)
_MEETINGS = (
    "{name} meets {company} on {date} in {city}.",
    "On {date} {name} will visit {company} in {city}.",
    "The meeting of {name} and {company} is in {city} on {date}.",
    "{company} invites {name} to {city} on {date}.",
)


def write(random: Random) -> Document:
    """One extraction."""
    text, fields = random.choice((_person, _person, _order, _meeting))(random)
    present = [key for key in fields if key in text[1]]
    keys = random.sample(present, min(len(present), random.choice((1, 2, 2, 3, 3))))
    if random.random() < 0.6:
        keys.sort(key=present.index)
    wanted = {key: fields[key] for key in keys}
    question = random.choice(_ASKS).format(keys=_listed(random, keys), text=text[0])
    return ask(question, json.dumps(wanted, ensure_ascii=False), f"Extract {', '.join(keys)}.")


def _person(random: Random) -> tuple[tuple[str, str], Fields]:
    fields: Fields = {
        "name": person(random),
        "age": random.randint(1, 99),
        "city": place(random),
        "job": random.choice(JOBS) if random.random() < 0.8 else invent(random),
    }
    return _fill(random, _PEOPLE, fields)


def _order(random: Random) -> tuple[tuple[str, str], Fields]:
    fields: Fields = {
        "name": person(random),
        "count": random.randint(2, 99),
        "product": random.choice(PRODUCTS) if random.random() < 0.7 else invent(random),
        "colour": random.choice(COLOURS),
        "price": random.randint(1, 500),
    }
    return _fill(random, _ORDERS, fields)


def _meeting(random: Random) -> tuple[tuple[str, str], Fields]:
    company = random.choice(COMPANIES) if random.random() < 0.5 else invent(random).capitalize()
    fields: Fields = {
        "name": person(random),
        "company": company,
        "date": date(random),
        "city": random.choice(CITIES),
    }
    return _fill(random, _MEETINGS, fields)


def _fill(
    random: Random, frames: tuple[str, ...], fields: Fields
) -> tuple[tuple[str, str], Fields]:
    frame = random.choice(frames)
    return (frame.format(**fields), frame), fields


def _listed(random: Random, keys: list[str]) -> str:
    styles: tuple[Callable[[], str], ...] = (
        lambda: ", ".join(keys),
        lambda: ", ".join(keys[:-1]) + " and " + keys[-1] if keys[1:] else keys[0],
        lambda: "the " + " and the ".join(keys),
    )
    return random.choice(styles)()
