"""Signals during a turn: the first cancels and keeps what came, a second SIGINT ends at once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from ..engine.cancel import CancelToken
from . import exits


@dataclass
class Interrupts:
    """What has arrived so far."""

    code: int | None = None
    timed_out: bool = False


_CODES = {
    signal.SIGINT: exits.INTERRUPTED,
    signal.SIGTERM: exits.TERMINATED,
    signal.SIGHUP: 128 + signal.SIGHUP,
}


@contextmanager
def cancelling(token: CancelToken, timeout: float | None) -> Iterator[Interrupts]:
    """While this lasts, signals and the time limit (seconds) cancel `token`."""
    seen = Interrupts()

    def on_signal(number: int, _: FrameType | None) -> None:
        if seen.code is not None and number == signal.SIGINT:
            os._exit(exits.INTERRUPTED)
        seen.code = seen.code or _CODES[signal.Signals(number)]
        # In a thread: the code that the signal has interrupted may hold the locks it needs.
        threading.Thread(target=token.cancel, daemon=True).start()

    def on_time() -> None:
        seen.timed_out = True
        token.cancel()

    before = {number: signal.signal(number, on_signal) for number in _CODES}
    timer = threading.Timer(timeout, on_time) if timeout is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield seen
    finally:
        if timer is not None:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
