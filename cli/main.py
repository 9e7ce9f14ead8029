"""The program's first and last lines: what a failure comes to, and nothing else."""

import contextlib
import errno
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from .. import __version__

_OUTPUT_ERRORS = {errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.EBADF}


def main() -> NoReturn:
    """The console scripts `llm` and `localm`."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:  # before anything is imported: scripts ask this often
        _leave(_written(lambda: print(f"llm {__version__}"), 0))
    code = run(arguments)
    _leave(_written(lambda: None, code))


def run(arguments: list[str]) -> int:
    """Run the command that `arguments` name; its exit code. Failures become one sentence."""
    from . import exits
    from .failure import Failure
    from .interrupts import end_quietly
    from .streams import keep_standard_descriptors

    end_quietly()
    keep_standard_descriptors()
    try:
        from .application import dispatch, offer

        return offer(arguments) if "_LLM_COMPLETE" in os.environ else dispatch(arguments)
    except Failure as failure:
        _trace(arguments)
        _complain(f"llm: {failure.sentence()}")
        return failure.code
    except BrokenPipeError:
        _silence_output()
        return exits.BROKEN_PIPE
    except OSError as error:
        _trace(arguments)
        if error.errno in _OUTPUT_ERRORS:
            _silence_output()
            what = "The answer cannot be written: "
        else:
            what = f"{error.filename}: " if error.filename else ""
        _complain(f"llm: {what}{error.strerror or error}.")
        return exits.FAILED
    except (MemoryError, RuntimeError) as error:
        _trace(arguments)
        if isinstance(error, RuntimeError) and "new thread" not in str(error):
            return _defect(error)
        what = "memory" if isinstance(error, MemoryError) else "threads (ulimit -u)"
        _complain(f"llm: The system gives no more {what}. Close other programs and ask again.")
        return exits.ENGINE
    except Exception as error:  # a defect of ours is one sentence too
        _trace(arguments)
        return _defect(error)


def _defect(error: Exception) -> int:
    what = " ".join(f"{type(error).__name__}: {error}".split())
    _complain(f"llm: This is a defect of llm ({what}). --debug shows where it lies.")
    return 1


def _written(write: Callable[[], None], code: int) -> int:
    """The exit code, once `write` has written and everything has left the buffers."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_output()
        return code or 141
    except OSError as error:
        _silence_output()
        if code == 0:
            _complain(f"llm: The answer cannot be written: {error.strerror}.")
        return code or 1
    return code


def _leave(code: int) -> NoReturn:
    """End now: all is written, and taking the interpreter apart takes 10 ms."""
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.flush()
    os._exit(code)


def _trace(arguments: list[str]) -> None:
    """Where the failure came from, for who asked."""
    from ..store.settings import debug_wanted

    flags = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--debug" in flags or debug_wanted(os.environ):
        import traceback

        traceback.print_exc()


def _complain(text: str) -> None:
    from .terminal import without_control

    # Where nobody reads standard error, the exit code still tells.
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr.isatty():
            text = without_control(text)
        print(text, file=sys.stderr, flush=True)


def _silence_output() -> None:
    """Standard output is gone; keep the interpreter's last flush from failing on it."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
