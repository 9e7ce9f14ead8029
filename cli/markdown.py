"""Markdown on a terminal while it is still being written.

Blocks that cannot change any more are printed for good; the last one is drawn anew as it grows,
in the lines that it takes. Only what fits the screen is redrawn, so nothing that has scrolled
away is drawn twice.
"""

import time
from collections.abc import Callable
from typing import ClassVar

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, Markdown
from rich.text import Text

from ..engine.events import Assistant, Event
from .terminal import Terminal, without_control

_BEAT_SECONDS = 1 / 15
_ERASE_BELOW = "\x1b[J"
_ERASE_LINE = "\x1b[2K"


class _PlainHeading(Heading):
    """A heading at the left margin, as in running text."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        self.text.stylize("underline" if self.tag == "h1" else "bold")
        yield Text("")
        yield self.text


class _Markdown(Markdown):
    elements: ClassVar = {**Markdown.elements, "heading_open": _PlainHeading}


class MarkdownRenderer:
    """A `Renderer` for a terminal that can move its cursor."""

    def __init__(
        self, terminal: Terminal, *, stream: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._terminal = terminal
        self._stream = stream
        self._clock = clock
        self._console = Console(
            file=terminal.out, force_terminal=True, no_color=not terminal.color, highlight=False
        )
        self._parser = MarkdownIt("commonmark").enable("table")
        self._pending = ""
        self._drawn: list[str] = []
        self._printed = False
        self._next_beat = 0.0

    def show(self, event: Event) -> None:
        if not isinstance(event, Assistant):
            return
        self._pending += without_control(event.text)
        if self._stream and self._clock() >= self._next_beat:
            self._update(final=False)
            self._next_beat = self._clock() + _BEAT_SECONDS

    def close(self) -> None:
        self._update(final=True)

    def _update(self, *, final: bool) -> None:
        start = len(self._pending) if final else self._last_block()
        settled, self._pending = self._pending[:start], self._pending[start:]
        lasting = self._lines(settled)
        if lasting and self._printed:
            lasting.insert(0, "")
        growing = self._lines(self._pending)
        if growing and (self._printed or lasting):
            growing.insert(0, "")
        self._printed = self._printed or bool(lasting)
        self._draw(lasting, growing[-max(1, self._console.height - 1) :])

    def _last_block(self) -> int:
        """Where the last block begins, in characters; what is before it is settled."""
        starts = [
            token.map[0]
            for token in self._parser.parse(self._pending)
            if token.level == 0 and token.map and token.nesting >= 0
        ]
        if len(starts) < 2:
            return 0
        lines = self._pending.splitlines(keepends=True)
        return sum(len(line) for line in lines[: starts[-1]])

    def _lines(self, text: str) -> list[str]:
        if not text.strip():
            return []
        with self._console.capture() as capture:
            self._console.print(_Markdown(text, code_theme="ansi_dark", hyperlinks=False))
        lines = capture.get().split("\n")
        while lines and not _visible(lines[0]):
            lines.pop(0)
        while lines and not _visible(lines[-1]):
            lines.pop()
        return lines

    def _draw(self, lasting: list[str], growing: list[str]) -> None:
        """Replace what was drawn of the last block by `lasting`, then `growing`."""
        if not lasting and growing == self._drawn:
            return
        up = f"\x1b[{len(self._drawn)}A\r" if self._drawn else ""
        text = "".join(f"{_ERASE_LINE}{line}\n" for line in (*lasting, *growing))
        # Only what is left over, and never a whole screen: terminals keep those in their history.
        rest = _ERASE_BELOW if len(lasting) + len(growing) < len(self._drawn) else ""
        self._terminal.out.write(up + text + rest)
        self._terminal.out.flush()
        self._drawn = growing


def _visible(line: str) -> bool:
    return bool(Text.from_ansi(line).plain.strip())
