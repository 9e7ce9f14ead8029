"""Shell completion: `llm completions SHELL` prints a script, which asks this program back.

The script runs the program with `_LLM_COMPLETE` set and the words up to the cursor; each line that
comes back is a candidate and, after a tab, what it is for. The line `:files` stands for file names.
"""

from typing import Annotated

import click
import typer
from click.shell_completion import CompletionItem, ShellComplete
from click.types import StringParamType, Tuple

from ..engine.options import CHOICES, option_names
from .shells import SCRIPTS, Shell

VARIABLE = "_LLM_COMPLETE"
_FILES = ":files"


def completions(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print the completion script of a shell.

    \b
    bash: add to ~/.bashrc             eval "$(llm completions bash)"
    zsh:  add to ~/.zshrc, at its end  eval "$(llm completions zsh)"
    fish: add to config.fish           llm completions fish | source
    """
    print(SCRIPTS[shell], end="")


def complete(command: click.Group, words: list[str]) -> None:
    """Print what may stand in place of the last of `words`, one candidate a line."""
    # bash hands over the `=` of `--flag=value` as a word of its own.
    before = [word for word in words[:-1] if word != "="]
    unfinished = words[-1] if words and words[-1] != "=" else ""
    if before[-2:-1] in (["-o"], ["--option"]):
        key = before[-1].replace("-", "_")
        print(*(word for word in CHOICES.get(key, ()) if word.startswith(unfinished)), sep="\n")
        return
    for item in ShellComplete(command, {}, "llm", VARIABLE).get_completions(before, unfinished):
        print(_line(item))


class ModelName(StringParamType):
    """Text that names a model; Tab offers the built-in one and files."""

    name = "model"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click names them
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        """The candidates for `incomplete`."""
        builtin = CompletionItem("builtin", help="The small model that comes with llm.")
        names = [builtin] if "builtin".startswith(incomplete) else []
        return [*names, CompletionItem(incomplete, type="file")]


class OptionPair(Tuple):
    """The key and the value of `--option`; Tab offers keys."""

    def __init__(self) -> None:
        super().__init__([str, str])

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        """The keys that begin with `incomplete`."""
        return [CompletionItem(name) for name in option_names() if name.startswith(incomplete)]


def _line(item: CompletionItem[str]) -> str:
    if item.type != "plain":
        return _FILES
    purpose = " ".join((item.help or "").split())
    return f"{item.value}\t{purpose}" if purpose else str(item.value)
