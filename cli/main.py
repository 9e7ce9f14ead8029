"""The program's first and last lines: what a failure comes to, and nothing else."""

import contextlib
import os
import sys
from typing import NoReturn

from .. import __version__


def main() -> NoReturn:
    """The console scripts `llm` and `localm`."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:  # before anything is imported: scripts ask this often
        print(f"llm {__version__}")
        sys.exit(0)
    code = run(arguments)
    try:
        sys.stdout.flush()
    except OSError:
        _silence_output()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command that `arguments` name; its exit code. Failures become one sentence."""
    from ..store.settings import debug_wanted
    from . import exits
    from .failure import Failure
    from .terminal import keep_standard_descriptors

    keep_standard_descriptors()
    debug = "--debug" in arguments or debug_wanted(os.environ)
    try:
        from .application import dispatch, offer

        return offer(arguments) if "_LLM_COMPLETE" in os.environ else dispatch(arguments)
    except Failure as failure:
        if debug:
            raise
        _complain(f"llm: {failure.sentence()}")
        return failure.code
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        _silence_output()
        return exits.BROKEN_PIPE
    except OSError as error:
        if debug:
            raise
        _silence_output()
        _complain(f"llm: The answer cannot be written: {error.strerror or error}.")
        return exits.FAILED


def _complain(text: str) -> None:
    # Where nobody reads standard error, the exit code still tells.
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def _silence_output() -> None:
    """Standard output is gone; keep the interpreter's last flush from failing on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
