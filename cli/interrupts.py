"""Signals: during a turn the first cancels and keeps what came, a second one ends at once."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from types import FrameType

from ..engine.cancel import CancelToken
from . import exits


def _nothing() -> None:
    pass


@dataclass
class Interrupts:
    """What has arrived so far."""

    code: int | None = None
    timed_out: bool = False
    leave: Callable[[], None] = _nothing
    """Called before the program ends at once: leaves nothing behind."""
    stop: Callable[[], None] = _nothing
    """Called when Ctrl-Z is about to stop the program."""
    resume: Callable[[], None] = _nothing
    """Called when the program goes on after Ctrl-Z."""


_PATIENCE_SECONDS = 8.0
_CODES = {
    signal.SIGINT: exits.INTERRUPTED,
    signal.SIGTERM: exits.TERMINATED,
    signal.SIGHUP: exits.FAILED,
}


def end_quietly() -> None:
    """Until a turn begins there is nothing to keep: a signal ends the program without a word."""
    for number in _heard():
        signal.signal(number, lambda number, _: os._exit(_CODES[signal.Signals(number)]))


def _heard() -> list[signal.Signals]:
    """What is ignored stays ignored: `nohup llm ask`, or a job in a script's background."""
    return [number for number in _CODES if signal.getsignal(number) != signal.SIG_IGN]


@contextmanager
def cancelling(token: CancelToken, timeout: float | None) -> Iterator[Interrupts]:
    """While this lasts, signals and the time limit (seconds) cancel `token`."""
    seen, ended = Interrupts(), threading.Event()
    wanted: SimpleQueue[bool] = SimpleQueue()

    def on_signal(number: int, _: FrameType | None) -> None:
        if seen.code is not None:
            seen.leave()
            os._exit(_CODES[signal.Signals(number)])
        seen.code = _CODES[signal.Signals(number)]
        # In a thread: the code that the signal has interrupted may hold the locks it needs.
        wanted.put(True)

    def on_stop(_number: int, _frame: FrameType | None) -> None:
        seen.stop()
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # returns when the program goes on
        signal.signal(signal.SIGTSTP, before)
        seen.resume()

    def on_time() -> None:
        seen.timed_out = True
        token.cancel()
        # A reader that does not read keeps us from noticing: then the limit ends it all the same.
        if not ended.wait(_PATIENCE_SECONDS):
            seen.leave()
            with contextlib.suppress(OSError):
                os.write(2, b"llm: Stopped by --timeout before everything was done.\n")
            os._exit(exits.FAILED)

    def cancel_when_wanted() -> None:
        if wanted.get():
            token.cancel()

    # It waits from the start: when it is needed, there may be no thread to be had.
    threading.Thread(target=cancel_when_wanted, daemon=True).start()
    before = {number: signal.signal(number, on_signal) for number in _heard()}
    if signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL:
        before[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, on_stop)
    timer = threading.Timer(timeout, on_time) if timeout is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield seen
    finally:
        ended.set()
        wanted.put(False)
        if timer is not None:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
