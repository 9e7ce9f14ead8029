"""The process's standard streams, made safe to use whatever the caller has left of them."""

import io
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def keep_standard_descriptors() -> None:
    """Put the null device where a standard stream was closed, so that no pipe takes its place.

    For standard output it is opened for reading: an answer that is lost is an error, not silence.
    """
    for descriptor, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - lives as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def patient_output() -> TextIO:
    """Standard output; a character that its encoding lacks is written as `?`."""
    return io.TextIOWrapper(
        io.BufferedWriter(_Patient(sys.stdout.fileno())),
        encoding=sys.stdout.encoding,
        errors="replace",
        newline="\n",
    )


class _Patient(io.RawIOBase):
    """A descriptor that is written to whole, also where it takes a part or nothing at a time."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                select.select([], [self._descriptor], [])
