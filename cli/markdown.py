"""Markdown on a terminal while it is still being written.

Blocks that cannot change any more are printed for good; the last one is drawn anew as it grows,
in the lines that it takes. Only what fits the screen is redrawn, so nothing that has scrolled
away is drawn twice.
"""

import time
from collections.abc import Callable

from ..engine.events import Assistant, Event
from .layout import Layout
from .render import Renderer
from .terminal import Terminal, without_control

_BEAT_SECONDS = 1 / 15
_ERASE_BELOW = "\x1b[J"
_ERASE_LINE = "\x1b[2K"


class MarkdownRenderer(Renderer):
    """For a terminal that can move its cursor."""

    def __init__(
        self, terminal: Terminal, *, stream: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._terminal = terminal
        self._stream = stream
        self._clock = clock
        self._layout = Layout(terminal)
        self._pending = ""
        self._drawn: list[str] = []
        self._printed = False
        self._at_margin = False
        self._next_beat = 0.0

    def show(self, event: Event) -> None:
        if not isinstance(event, Assistant):
            return
        self._pending += without_control(event.text)
        if self._stream and self._clock() >= self._next_beat:
            self._update(final=False)
            self._next_beat = self._clock() + _BEAT_SECONDS

    def pause(self) -> None:
        if self._stream:
            fence = self._layout.open_fence(self._pending)
            self._update(final=True)
            self._pending = fence  # what follows still belongs into it
            self._drawn, self._printed, self._at_margin = [], False, False

    def lose_place(self) -> None:
        self._drawn = []
        self._at_margin = False

    def close(self) -> None:
        self._update(final=True)

    def _update(self, *, final: bool) -> None:
        start = len(self._pending) if final else self._layout.last_block(self._pending)
        settled, self._pending = self._pending[:start], self._pending[start:]
        lasting = self._layout.lines(settled)
        if lasting and self._printed:
            lasting.insert(0, "")
        growing = self._layout.lines(self._pending)
        if growing and (self._printed or lasting):
            growing.insert(0, "")
        self._printed = self._printed or bool(lasting)
        self._draw(lasting, growing[-max(1, self._terminal.size()[1] - 1) :])

    def _draw(self, lasting: list[str], growing: list[str]) -> None:
        """Replace what was drawn of the last block by `lasting`, then `growing`."""
        if not lasting and growing == self._drawn:
            return
        up = f"\x1b[{len(self._drawn)}A\r" if self._drawn else self._to_margin()
        text = "".join(f"{_ERASE_LINE}{line}\n" for line in (*lasting, *growing))
        # Only what is left over, and never a whole screen: terminals keep those in their history.
        rest = _ERASE_BELOW if len(lasting) + len(growing) < len(self._drawn) else ""
        self._terminal.write(up + text + rest)
        self._drawn = growing

    def _to_margin(self) -> str:
        """Moves to the left margin: of the next line, if something stands on this one."""
        if self._at_margin:
            return ""
        self._at_margin = True
        # As many blanks as fit beside one character more: they wrap if and only if there is one.
        return " " * (self._terminal.real_columns() - 1) + "\r"
