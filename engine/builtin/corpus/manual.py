"""The manual: which command does what is asked, and what a command is for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

import yaml

from ..files import COMMANDS
from .document import Document, ask
from .typing_noise import mistype

_FRAMES = (
    "how do I {}?",
    "how do i {}",
    "How can I {}?",
    "how can i {}",
    "how to {}",
    "How do you {}?",
    "what is the command to {}?",
    "What command do I use to {}?",
    "which command lets me {}?",
    "which command do I need to {}",
    "I want to {}",
    "I'd like to {}.",
    "I need to {}, how?",
    "is there a way to {}?",
    "can I {}?",
    "Can llm {}?",
    "what do I type to {}?",
    "{}",
    "command to {}",
    "show me how to {}",
    "tell me how to {}",
    "please help me {}",
    "how would I {} with llm?",
    "where do I {}?",
    "What's the way to {}?",
    "help me {}",
)
_BACK_FRAMES = (
    "what does `{}` do?",
    "what is {} for?",
    "What does {} do?",
    "explain {}",
    "what is `{}`?",
    "when do I use {}?",
    "{}",
)
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "see": ("view", "show", "display", "check", "look at", "get"),
    "list": ("show", "see", "view", "display", "print", "enumerate"),
    "delete": ("remove", "erase", "get rid of", "drop", "trash", "wipe"),
    "remove": ("delete", "erase", "get rid of", "drop", "take away"),
    "create": ("make", "add", "set up", "build", "define", "start"),
    "make": ("create", "set up", "build"),
    "change": ("modify", "alter", "adjust", "edit", "set", "update"),
    "set": ("change", "choose", "define", "adjust", "configure"),
    "find": ("look for", "search for", "locate", "get"),
    "search": ("look through", "find things in", "query"),
    "download": ("get", "fetch", "install", "pull", "grab"),
    "turn off": ("disable", "switch off", "stop", "deactivate"),
    "turn on": ("enable", "switch on", "activate"),
    "start": ("run", "launch", "begin", "fire up"),
    "stop": ("end", "shut down", "halt", "quit", "kill"),
    "chats": ("conversations", "sessions", "talks", "dialogs"),
    "conversations": ("chats", "sessions", "dialogs"),
    "conversation": ("chat", "session", "dialog"),
    "chat": ("conversation", "session"),
    "session": ("chat", "conversation"),
    "sessions": ("chats", "conversations"),
    "old": ("past", "earlier", "previous", "former"),
    "model": ("llm model", "language model", "model file"),
    "models": ("language models", "llms"),
    "settings": ("options", "preferences", "configuration"),
    "setting": ("option", "preference"),
    "use": ("work with", "run", "try"),
    "file": ("document", "text file"),
    "save": ("store", "write", "keep"),
    "thinking": ("reasoning", "thoughts"),
    "larger": ("bigger", "better", "stronger"),
    "rename": ("change the name of", "retitle"),
    "copy": ("duplicate", "clone"),
    "mcp server": ("connector", "mcp"),
    "documents": ("files", "texts", "notes"),
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what it is for, and how people ask for it."""

    command: str
    does: str
    asks: tuple[str, ...]


@cache
def commands() -> tuple[Command, ...]:
    """All of commands.yaml."""
    rows = yaml.safe_load(COMMANDS.read_text(encoding="utf-8"))
    return tuple(Command(row["command"], row["does"], tuple(row["asks"])) for row in rows)


def answer(command: Command) -> str:
    """What the model says when asked for it."""
    return f"Use `{command.command}` to {command.does}."


def thought(command: Command) -> str:
    """The decision, before the answer."""
    return f"About llm: {command.does}. Command: {command.command}"


def write(random: Random) -> Document:
    """One question about the manual."""
    command = random.choice(commands())
    if random.random() < 0.12:
        return _meaning(random, command)
    return ask(question(random, command), answer(command), thought(command))


def question(random: Random, command: Command) -> str:
    """A question that `command` answers."""
    wish = random.choice((*command.asks, *command.asks, command.does))
    if random.random() < 0.45:
        wish = _reword(random, wish)
    if random.random() < 0.1:
        wish = wish.replace(" a ", " my ").replace(" the ", " my ")
    text = random.choice(_FRAMES).format(wish)
    return _finish(random, text)


def _meaning(random: Random, command: Command) -> Document:
    name = command.command
    if random.random() < 0.6:
        name = " ".join(word for word in name.split() if not word.isupper())
    text = random.choice(_BACK_FRAMES).format(name)
    return ask(text, answer(command), thought(command))


def _reword(random: Random, wish: str) -> str:
    present = [word for word in _SYNONYMS if f" {word} " in f" {wish} "]
    if not present:
        return wish
    word = random.choice(present)
    return f" {wish} ".replace(f" {word} ", f" {random.choice(_SYNONYMS[word])} ", 1).strip()


def _finish(random: Random, text: str) -> str:
    changes: tuple[Callable[[str], str], ...] = (
        str.lower,
        lambda plain: plain[:1].upper() + plain[1:],
        lambda plain: plain.rstrip("?."),
        lambda plain: random.choice(("hi, ", "hey, ", "ok, ", "please, ", "so ")) + plain,
    )
    for change in changes:
        if random.random() < 0.12:
            text = change(text)
    return mistype(random, text) if random.random() < 0.3 else text
