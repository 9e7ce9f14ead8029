"""The commands and their flags, put together; importing this costs the most of `--help`."""

import contextlib
from difflib import get_close_matches
from typing import Annotated

import click
import typer
from click.exceptions import NoArgsIsHelpError

from .. import __version__
from . import exits
from .ask import ask
from .completion import complete, completions
from .failure import Failure
from .options import take_pairs

HELP = """Talk to a language model on your own machine.

\b
    llm ask "What is 12 + 30?"
    git diff | llm ask "write a commit message"
    llm ask -m model.gguf "Explain monads"

\b
`llm "some text"`, with a space in it, is short for `llm ask "some text"`.
"""
_FLAGS = {"help": "--help", "version": "--version"}
EPILOG = "Every option can be set by LOCALM_ and its name (LOCALM_TOP_P=0.9) and in config.yaml."


def build() -> click.Group:
    """The whole command tree, without running any of it."""
    app = typer.Typer(
        name="llm",
        help=HELP,
        epilog=EPILOG,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    app.command(short_help="Ask one question, get one answer.")(ask)
    app.command(short_help="Print the completion script of a shell.")(completions)
    command = typer.main.get_command(app)
    assert isinstance(command, click.Group)
    for each in command.commands.values():
        take_pairs(each)
    return command


def dispatch(arguments: list[str]) -> int:
    """Run the command that `arguments` name; its exit code. Raises `Failure` for a slip."""
    command = build()
    meant = _meant(arguments, command)
    try:
        # Not `command.main`, which turns a broken pipe into exit code 1.
        with command.make_context("llm", meant) as context:
            command.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except NoArgsIsHelpError as error:
        print(error.format_message())
        return exits.USAGE
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "llm"
        hint = f"See `{where} --help`."
        if isinstance(error, click.NoSuchOption) and any(
            word[:1] == "-" and " " in word for word in meant
        ):
            hint = f"{hint} A text that begins with - goes after --: {where} -- TEXT"
        if "unexpected extra argument" in error.format_message() and where == "llm ask":
            hint = 'A question of several words goes in quotes: llm ask "who are you?"'
        raise Failure(_sentence(error.format_message()), hint, exits.USAGE) from error
    except click.Abort:
        return exits.INTERRUPTED
    return exits.OK


def offer(arguments: list[str]) -> int:
    """Print what may stand in place of the last of `arguments`: what a shell's Tab asks for."""
    command = build()
    if arguments[:-1]:
        with contextlib.suppress(Failure):  # an unknown word has nothing that could follow it
            arguments = _meant(arguments, command)
    complete(command, arguments)
    return exits.OK


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True)
    ] = False,
) -> None:
    if version:
        print(f"llm {__version__}")
        raise typer.Exit


def _meant(arguments: list[str], command: click.Group) -> list[str]:
    """`llm "some text"` is `llm ask "some text"`; another unknown word is a slip."""
    first = arguments[0] if arguments else "-"
    if first == "--":
        return ["ask", *arguments]
    if first.startswith("- "):  # a list, not a flag
        return ["ask", *arguments[1:], "--", first]
    if first.startswith("-") or first in command.commands:
        return arguments
    if any(character.isspace() for character in first.strip()):
        return ["ask", *arguments]
    near = get_close_matches(first, [*command.commands, *_FLAGS], 1)
    text = " ".join(arguments).replace('"', "'") or "your question"
    hint = f'To ask it, say: llm ask "{text}"'
    if near:
        hint = f"Did you mean `llm {_FLAGS.get(near[0], near[0])}`?"
    raise Failure(f"There is no command {first!r}.", hint, exits.USAGE)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."
