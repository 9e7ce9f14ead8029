"""How a process that cannot run Python for a while still ends with its parent.

Native code that holds the GIL keeps every Python thread from seeing that the parent has gone.
The kernel does see it: with O_ASYNC it sends SIGIO, which ends a process by default, when the
other end of a pipe is closed. So it is on Linux; macOS discards SIGIO by default, and there the
parent's end is noticed when the native call returns.
"""

import contextlib
import fcntl
import os
import select
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ended_by(lifeline: int) -> Iterator[None]:
    """While this lasts, the process ends as soon as the other end of `lifeline` is closed."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        _set_async(lifeline, True)
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(0)  # gone before we began to watch
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            _set_async(lifeline, False)


def _set_async(descriptor: int, on: bool) -> None:
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    flags = flags | os.O_ASYNC if on else flags & ~os.O_ASYNC
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)
