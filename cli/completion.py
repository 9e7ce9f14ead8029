"""Shell completion: `llm completions SHELL` prints a script, which then asks this program."""

from typing import Annotated

import typer


def completions(
    shell: Annotated[str, typer.Argument(help="bash, zsh or fish.")],
) -> None:
    """Print the completion script for a shell."""
    print(shell)
