"""What a command line was meant to be, where it says something else."""

from collections.abc import Iterable
from difflib import get_close_matches

import click

from . import exits
from .failure import Failure

_FLAGS = {"help": "--help", "version": "--version"}


def meant(arguments: list[str], group: click.Group, *, piped: bool = False) -> list[str]:
    """`llm "some text"` is `llm ask "some text"`; another unknown word is a `Failure`.

    Without any word, what is `piped` in is the question.
    """
    if not arguments:
        return ["ask"] if piped else []
    first = arguments[0]
    if first in group.commands:
        return arguments
    if _is_text(first):  # perhaps a list, or a sum that begins with a minus
        return ["ask", *arguments[1:], "--", first]
    if first == "--" or (
        _belongs_to(first, group.commands["ask"]) and any(map(_is_text, arguments[1:]))
    ):
        return ["ask", *arguments]
    if first.startswith("-"):
        return arguments
    near = get_close_matches(first, [*group.commands, *_FLAGS], 1)
    if near:
        hint = f"Did you mean `llm {_FLAGS.get(near[0], near[0])}`?"
    else:
        hint = f'To ask it, say: llm ask "{_words(arguments)}"'
    raise Failure(f"There is no command {first!r}.", hint, exits.USAGE)


def explained(error: click.UsageError, arguments: list[str], group: click.Group) -> Failure:
    """The `Failure` that tells what is wrong with `arguments`, and how to say it."""
    command = group.commands.get(arguments[0]) if arguments else None
    where = f"llm {arguments[0]}" if command else "llm"
    message, hint = _sentence(error.format_message()), f"See `{where} --help`."
    if isinstance(error, click.NoSuchOption):
        message = f"There is no option {error.option_name}."
        known = list(_options(command or group))
        near = [option for option in known if option.startswith(error.option_name)]
        near = near or get_close_matches(error.option_name, known, 1)
        if near:
            hint = f"Did you mean {' or '.join(near)}?"
        elif any(word.startswith("-") and _is_text(word) for word in arguments):
            hint = f"A text that begins with - goes after --: {where} -- TEXT"
        elif _belongs_to(error.option_name, group.commands["ask"]):
            hint = f"It goes with a command: llm ask {error.option_name} ..."
    elif where == "llm ask" and "unexpected extra argument" in message:
        hint = 'A question of several words goes in quotes: llm ask "who are you?"'
    return Failure(message, hint, exits.USAGE)


def _is_text(word: str) -> bool:
    """Whether it has a space in it, and is not a flag with its value."""
    name, *more = word.strip().split(maxsplit=1)[:2] or [""]
    return bool(more) and not (name.startswith("-") and "=" in name)


def _belongs_to(word: str, command: click.Command) -> bool:
    return word.startswith("-") and word.partition("=")[0] in _options(command)


def _options(command: click.Command) -> Iterable[str]:
    named = (each for each in command.params if isinstance(each, click.Option))
    return [name for option in named for name in (*option.opts, *option.secondary_opts)]


def _words(arguments: list[str]) -> str:
    """The words before the first flag."""
    flags = [index for index, word in enumerate(arguments) if word.startswith("-")]
    return " ".join(arguments[: flags[0] if flags else None]).replace('"', "'") or "your question"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."
