"""Signals: during a turn the first cancels and keeps what came, a second one ends at once."""

import contextlib
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


_PATIENCE_SECONDS = 8.0
_CODES = {
    signal.SIGINT: exits.INTERRUPTED,
    signal.SIGTERM: exits.TERMINATED,
    signal.SIGHUP: exits.FAILED,
}


def end_quietly() -> None:
    """Until a turn begins there is nothing to keep: Ctrl-C ends the program without a word."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: os._exit(exits.INTERRUPTED))


@contextmanager
def cancelling(token: CancelToken, timeout: float | None) -> Iterator[Interrupts]:
    """While this lasts, signals and the time limit (seconds) cancel `token`."""
    seen, ended = Interrupts(), threading.Event()

    def on_signal(number: int, _: FrameType | None) -> None:
        if seen.code is not None:
            os._exit(_CODES[signal.Signals(number)])
        seen.code = _CODES[signal.Signals(number)]
        # In a thread: the code that the signal has interrupted may hold the locks it needs.
        threading.Thread(target=token.cancel, daemon=True).start()

    def on_time() -> None:
        seen.timed_out = True
        token.cancel()
        # A reader that does not read keeps us from noticing: then the limit ends it all the same.
        if not ended.wait(_PATIENCE_SECONDS):
            with contextlib.suppress(OSError):
                os.write(2, b"llm: Stopped by --timeout; not everything was written.\n")
            os._exit(exits.FAILED)

    # What is ignored stays ignored: `nohup llm ask`, or a job in a script's background.
    heard = [number for number in _CODES if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, on_signal) for number in heard}
    timer = threading.Timer(timeout, on_time) if timeout is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield seen
    finally:
        ended.set()
        if timer is not None:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
