"""Tool calls: choose the tool, copy its arguments, answer from its result."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .document import Call, Document, Tool, Turn
from .unknown import ANSWER, question
from .words import DAYS, NOUNS, date, invent, person, phrase, place

Value = Callable[[Random], object]


@dataclass(frozen=True, slots=True)
class Skill:
    """A tool, how people ask for it, and how its arguments are drawn."""

    name: str
    description: str
    arguments: dict[str, tuple[str, Value]]
    asks: tuple[str, ...]


def _amount(random: Random) -> int:
    return random.choice((random.randint(1, 20), random.randint(1, 999)))


_SKILLS = (
    Skill(
        "get_weather",
        "Get the weather of a city",
        {"city": ("string", place)},
        (
            "what is the weather in {city}?",
            "weather in {city}",
            "is it raining in {city}?",
            "how is the weather in {city} today?",
            "tell me the weather for {city}",
            "do I need an umbrella in {city}?",
        ),
    ),
    Skill(
        "get_time",
        "Get the time in a city",
        {"city": ("string", place)},
        (
            "what time is it in {city}?",
            "time in {city}",
            "tell me the time in {city}",
            "how late is it in {city}?",
        ),
    ),
    Skill(
        "add",
        "Add two numbers",
        {"a": ("integer", _amount), "b": ("integer", _amount)},
        (
            "add {a} and {b}",
            "what is {a} plus {b}?",
            "use the tool to add {a} and {b}",
            "{a} + {b}",
            "sum {a} and {b}",
        ),
    ),
    Skill(
        "send_message",
        "Send a message to a person",
        {"to": ("string", person), "text": ("string", phrase)},
        (
            "send {to} the message {text}",
            "write to {to}: {text}",
            "tell {to} {text}",
            'send "{text}" to {to}',
        ),
    ),
    Skill(
        "read_file",
        "Read a file",
        {
            "path": (
                "string",
                lambda random: f"{invent(random)}.{random.choice(('txt', 'md', 'py', 'csv'))}",
            )
        },
        (
            "read {path}",
            "what is in {path}?",
            "open the file {path}",
            "show me {path}",
            "look into {path}",
        ),
    ),
    Skill(
        "search",
        "Search the web",
        {"query": ("string", phrase)},
        (
            "search for {query}",
            "look up {query}",
            "find something about {query}",
            "google {query}",
            "search the web for {query}",
        ),
    ),
    Skill(
        "set_alarm",
        "Set an alarm",
        {"time": ("string", lambda random: f"{random.randint(0, 23)}:{random.randint(0, 59):02}")},
        (
            "wake me at {time}",
            "set an alarm for {time}",
            "alarm at {time}",
            "I must get up at {time}",
        ),
    ),
    Skill(
        "book_table",
        "Book a table",
        {"place": ("string", place), "people": ("integer", lambda random: random.randint(1, 12))},
        (
            "book a table for {people} in {place}",
            "table for {people} at {place} please",
            "reserve a table in {place} for {people} people",
        ),
    ),
    Skill(
        "add_event",
        "Add an event to the calendar",
        {"title": ("string", phrase), "date": ("string", date)},
        (
            "add {title} to my calendar on {date}",
            "put {title} on {date}",
            "schedule {title} for {date}",
        ),
    ),
    Skill(
        "translate",
        "Translate text",
        {
            "text": ("string", phrase),
            "language": (
                "string",
                lambda random: random.choice(
                    ("French", "German", "Spanish", "Dutch", invent(random).capitalize())
                ),
            ),
        },
        (
            "translate {text} into {language}",
            "what is {text} in {language}?",
            "say {text} in {language}",
        ),
    ),
    Skill(
        "get_user",
        "Look up a user by name",
        {"name": ("string", person)},
        ("find the user {name}", "look up {name}", "who is {name}?", "get the data of {name}"),
    ),
    Skill(
        "play_music",
        "Play a song",
        {"song": ("string", phrase)},
        ("play {song}", "I want to hear {song}", "put on {song}", "play the song {song}"),
    ),
)
_VERBS = (
    "get",
    "set",
    "find",
    "make",
    "open",
    "check",
    "count",
    "show",
    "start",
    "stop",
    "read",
    "delete",
)
_VALUES: tuple[tuple[str, Value], ...] = (
    ("string", phrase),
    ("string", invent),
    ("string", place),
    ("string", person),
    ("string", date),
    ("integer", _amount),
    ("string", lambda random: random.choice(DAYS)),
)


def write(random: Random) -> Document:
    """A call, its answer, or no call where no tool fits."""
    skills = random.sample(_SKILLS, random.choice((1, 1, 1, 2, 3)))
    if random.random() < 0.5:
        skills[0] = _made_up(random)
    chosen = skills[0]
    random.shuffle(skills)
    tools = tuple(_tool(random, skill) for skill in skills)
    if random.random() < 0.1:
        return _no_call(random, tools)
    values = {name: draw(random) for name, (_, draw) in chosen.arguments.items()}
    call = Call(chosen.name, values)
    asked = Turn("user", _capital(random, random.choice(chosen.asks).format(**values)))
    turns = (asked, Turn("assistant", "", f"The tool {chosen.name} fits.", call))
    if random.random() < 0.4:
        return Document((*turns, *_result(random)), tools)
    return Document(turns, tools)


def _tool(random: Random, skill: Skill) -> Tool:
    described = random.random() < 0.3
    parameters = {
        name: (kind, f"The {name}" if described else "")
        for name, (kind, _) in skill.arguments.items()
    }
    return Tool(skill.name, skill.description, parameters)


def _made_up(random: Random) -> Skill:
    verb, noun = random.choice(_VERBS), random.choice((random.choice(NOUNS), invent(random)))
    names = random.sample(("name", "id", "place", "value", "title", "key", invent(random)), 2)
    names = names[: random.choice((1, 1, 2))]
    arguments = {name: random.choice(_VALUES) for name in names}
    values = " and ".join(f"{name} {{{name}}}" for name in names)
    only = f"{{{names[0]}}}" if len(names) == 1 else values
    thing = f"{verb} the {noun}"
    asks = (
        f"{thing} with {values}",
        f"please {thing} for {only}",
        f"{thing} {only}",
        f"{verb} {noun} {only}",
    )
    return Skill(f"{verb}_{noun}", thing.capitalize(), arguments, asks)


def _no_call(random: Random, tools: tuple[Tool, ...]) -> Document:
    said = Turn("user", question(random))
    while "weather" in said.text or "time" in said.text or "who" in said.text.lower():
        said = Turn("user", question(random))
    return Document(
        (said, Turn("assistant", ANSWER, "No tool fits. This is outside of what I know.")), tools
    )


def _result(random: Random) -> tuple[Turn, Turn]:
    match random.randrange(3):
        case 0:
            text = answer = phrase(random)
        case 1:
            text = answer = str(_amount(random))
        case _:
            key = random.choice(
                ("result", "temperature", "value", "status", "answer", invent(random))
            )
            value = random.choice((_amount(random), phrase(random)))
            text, answer = json.dumps({key: value}), f"{key}: {value}"
    return (
        Turn("tool", text),
        Turn("assistant", f"The result is {answer}.", "The tool has answered."),
    )


def _capital(random: Random, text: str) -> str:
    return text[:1].upper() + text[1:] if random.random() < 0.3 else text
