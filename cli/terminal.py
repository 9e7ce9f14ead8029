"""The two output streams, and what the terminal behind them can do."""

import contextlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from typing import TextIO

from . import exits
from .failure import Failure
from .streams import patient_output

_LARGEST = 1000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Terminal:
    """Standard output and standard error, and whether a person looks at them."""

    out: TextIO
    err: TextIO
    out_is_terminal: bool
    err_is_terminal: bool
    color: bool
    dumb: bool

    def write(self, text: str) -> None:
        """Write to standard output at once; a full disk is a `Failure`, not half an answer."""
        try:
            self.out.write(text)
            self.out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            reason = error.strerror or error
            raise Failure(f"The answer cannot be written: {reason}.", "", exits.FAILED) from error

    def say(self, text: str, *, dim: bool = False) -> None:
        """A line on standard error; a stream that nobody reads is no reason to fail."""
        if self.err_is_terminal:
            text = without_control(text)
        with contextlib.suppress(OSError, ValueError):
            print(self.dim(text) if dim else text, file=self.err, flush=True)

    def size(self) -> tuple[int, int]:
        """Columns and lines of the terminal now; `COLUMNS` and `LINES` can make it smaller."""
        wanted, real = shutil.get_terminal_size(), _real_size()
        columns = min(wanted.columns, real.columns or _LARGEST, _LARGEST)
        lines = min(wanted.lines, real.lines or _LARGEST, _LARGEST)
        return max(columns, 2), max(lines, 2)

    def real_columns(self) -> int:
        """Columns of the terminal, whatever `COLUMNS` says."""
        return _real_size().columns or self.size()[0]

    def dim(self, text: str) -> str:
        """`text` in faint type where that can be shown."""
        return f"\x1b[2m{text}\x1b[22m" if self.err_is_terminal and not self.dumb else text


def _real_size() -> os.terminal_size:
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            return os.get_terminal_size(descriptor)
    return os.terminal_size((0, 0))


def open_terminal(*, no_color: bool = False, dumb: bool = False) -> Terminal:
    """The process's own streams; a character that the locale lacks is shown as `?`."""
    sys.stderr.reconfigure(errors="replace")  # type: ignore[union-attr]
    return Terminal(
        patient_output(),
        sys.stderr,
        sys.stdout.isatty(),
        sys.stderr.isatty(),
        color=not no_color and not dumb,
        dumb=dumb,
    )


def without_control(text: str) -> str:
    """`text` without bytes that would drive a terminal; every kind of line end is a newline."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
