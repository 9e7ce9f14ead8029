"""What native code prints: in a worker, descriptors 1 and 2 are one private file.

The engine's own words are the only place where it says why a model would not load.
"""

import fcntl
import os
import stat

LIMIT_BYTES = 1 << 20
_TAIL_BYTES = 16 << 10


def open_log() -> int:
    """A descriptor of a new nameless file, in memory where the platform can; it leaves nothing."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("localm-worker-log", os.MFD_CLOEXEC)
    else:
        import tempfile

        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    _append_only(descriptor)
    return descriptor


def position(descriptor: int) -> int:
    """Where the log ends now, in bytes; 0 if `descriptor` is no file."""
    status = os.fstat(descriptor)
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def read_since(descriptor: int, start: int) -> str:
    """What was printed after `start`; the last 16 KiB of it if it is longer."""
    end = position(descriptor)
    if end <= start:
        return ""
    start = max(start, end - _TAIL_BYTES)
    return os.pread(descriptor, end - start, start).decode("utf-8", "replace")


def trim(descriptor: int) -> None:
    """Empty the log if it has grown past its limit."""
    if position(descriptor) > LIMIT_BYTES:
        os.ftruncate(descriptor, 0)


def _append_only(descriptor: int) -> None:
    """Let two writers (descriptors 1 and 2) never overwrite one another, also after a trim."""
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_APPEND)
