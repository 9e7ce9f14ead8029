"""What a command works with: the settings that hold, the paths, the terminal."""

import os
from dataclasses import dataclass

from ..store.errors import StoreError
from ..store.paths import Paths
from ..store.settings import Settings, over, read_surroundings
from . import exits
from .failure import Failure
from .terminal import Terminal, open_terminal


@dataclass(frozen=True, slots=True)
class Context:
    """Made once per command."""

    settings: Settings
    paths: Paths
    terminal: Terminal
    model_is_set: bool
    """Whether the model's name comes from a setting, not from the command line."""


def open_context(said: Settings) -> Context:
    """The flags in `said` over environment and config file; a bad setting is a usage `Failure`."""
    try:
        found = read_surroundings(os.environ)
    except StoreError as error:
        raise Failure(error.message, error.hint, exits.USAGE) from error
    terminal = open_terminal(no_color=found.no_color, dumb=found.dumb)
    return Context(over(said, found.settings), found.paths, terminal, said.model is None)
