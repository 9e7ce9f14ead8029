"""A line on the terminal that says what is being waited for; it leaves no trace."""

import contextlib
import threading
import time

from .terminal import Terminal

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_DELAY_SECONDS = 0.25
_BEAT_SECONDS = 0.1
WIPE = "\x1b[K"
"""Takes away what is drawn: the cursor stays before it."""
# The cursor is put back after each beat, and the line does not wrap: what stands before it, such
# as the words of a script's `printf`, stays, and the width needs not be known.
_SAVE, _RESTORE = "\x1b7\x1b[?7l", "\x1b[?7h\x1b8"


class Spinner:
    """Shown on standard error when that is a terminal, and only if the wait is felt."""

    def __init__(self, terminal: Terminal, *, wanted: bool = True) -> None:
        self._terminal = terminal
        self._wanted = wanted and terminal.err_is_terminal and not terminal.dumb
        self._text = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def show(self, text: str) -> None:
        """Say what is waited for now."""
        self._text = text
        if self._thread is None and self._wanted:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def hide(self) -> None:
        """Wipe the line; nothing of it is left when this returns."""
        self._text = ""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        start = time.monotonic()
        if self._stop.wait(_DELAY_SECONDS):
            return
        beat = 0
        while True:
            seconds = time.monotonic() - start
            self._draw(f"{_FRAMES[beat % len(_FRAMES)]} {self._text} {seconds:.0f} s")
            beat += 1
            if self._stop.wait(_BEAT_SECONDS):
                break
        with contextlib.suppress(OSError, ValueError):
            self._terminal.err.write(WIPE)
            self._terminal.err.flush()

    def _draw(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._terminal.err.write(f"{_SAVE}{WIPE}{self._terminal.dim(text)}{_RESTORE}")
            self._terminal.err.flush()
