"""The commands and their flags, put together; importing this costs the most of `--help`."""

import contextlib
import os
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
from .slips import explained, meant

HELP = """Talk to a language model on your own machine.

\b
    llm ask "What is 12 + 30?"
    llm ask -m model.gguf "Explain monads"
    git diff | llm ask -m model.gguf "Write a commit message"

\b
`llm "some text"`, with a space in it, is short for `llm ask "some text"`.
"""
EPILOG = (
    "Every option can be set for good: by a variable, LOCALM_ and its name (LOCALM_TOP_P=0.9), or "
    "in config.yaml (top_p: 0.9) in ~/.config/localm; on macOS in ~/Library/Application "
    "Support/localm. A flag wins over the variable, that over the file."
)
CODES = "\b\nExit codes:\n" + "\n".join(
    f"{code:>5}  {meaning.replace('`', '')}" for code, meaning in exits.MEANINGS.items()
)


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
    about = f"{EPILOG}\n\n{CODES}"
    app.command(short_help="Ask one question, get one answer.", epilog=about)(ask)
    app.command(short_help="Print the completion script of a shell.")(completions)
    command = typer.main.get_command(app)
    assert isinstance(command, click.Group)
    for each in command.commands.values():
        take_pairs(each)
    return command


def dispatch(arguments: list[str]) -> int:
    """Run the command that `arguments` name; its exit code. Raises `Failure` for a slip."""
    command = build()
    arguments = meant(arguments, command, piped=not os.isatty(0))
    try:
        # Not `command.main`, which turns a broken pipe into exit code 1.
        with command.make_context("llm", arguments) as context:
            command.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except NoArgsIsHelpError as error:
        print(error.format_message())
        return exits.USAGE
    except click.UsageError as error:
        raise explained(error, arguments, command) from error
    except click.Abort:
        return exits.INTERRUPTED
    return exits.OK


def offer(arguments: list[str]) -> int:
    """Print what may stand in place of the last of `arguments`: what a shell's Tab asks for."""
    command = build()
    if arguments[:-1]:
        with contextlib.suppress(Failure):  # an unknown word has nothing that could follow it
            arguments = meant(arguments, command)
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
