"""Markdown on a terminal while it is still being written.

Blocks that cannot change any more are printed for good; the last one is drawn anew as it grows,
in the lines that it takes. Only what fits the screen is redrawn, so nothing that has scrolled
away is drawn twice.
"""

import re
import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, Markdown, TableElement
from rich.table import Table
from rich.text import Text

from ..engine.events import Assistant, Event
from .terminal import Terminal, without_control

NARROWEST = 20
"""Columns below which there is no room for a layout."""
_BEAT_SECONDS = 1 / 15
_PARSING = {"html": False, "maxNesting": 1000}  # HTML is text: rich would leave it out
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_ERASE_BELOW = "\x1b[J"
_ERASE_LINE = "\x1b[2K"


class _PlainHeading(Heading):
    """A heading at the left margin, as in running text."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        self.text.stylize("underline" if self.tag == "h1" else "bold")
        yield Text("")
        yield self.text


class _FoldingTable(TableElement):
    """A table whose cells fold where they do not fit; rich's own are cut."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class _Markdown(Markdown):
    elements: ClassVar = {
        **Markdown.elements,
        "heading_open": _PlainHeading,
        "table_open": _FoldingTable,
    }

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__("", code_theme="ansi_dark", hyperlinks=False)
        self.parsed = tokens


class MarkdownRenderer:
    """A `Renderer` for a terminal that can move its cursor."""

    def __init__(
        self, terminal: Terminal, *, stream: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._terminal = terminal
        self._stream = stream
        self._clock = clock
        self._parser = MarkdownIt("commonmark", _PARSING).enable(["table", "strikethrough"])
        # Where an address would not be shown, its source is.
        self._parser.disable(["reference", "image"])
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
        self._draw(lasting, growing[-max(1, self._terminal.size()[1] - 1) :])

    def _last_block(self) -> int:
        """Where the last block begins, in characters; what is before it is settled."""
        starts = [
            token.map[0]
            for token in self._parser.parse(self._pending)
            if token.level == 0 and token.map and token.nesting >= 0
        ]
        if len(starts) < 2:
            return 0
        lines = self._pending.split("\n")  # as the parser counts them
        return sum(len(line) + 1 for line in lines[: starts[-1]])

    def _lines(self, text: str) -> list[str]:
        if not text.strip():
            return []
        tokens = self._parser.parse(text)
        lines = [line.rstrip(" ") for line in self._rendered(_Markdown(tokens)).split("\n")]
        shown = [_plain(line) for line in lines]
        if _fewer_letters("".join(shown), _content(tokens)):
            lines = shown = self._rendered(Text(text.rstrip())).split("\n")
        kept = [index for index, line in enumerate(shown) if line.strip()]
        return lines[kept[0] : kept[-1] + 1] if kept else []

    def _rendered(self, page: _Markdown | Text) -> str:
        width, height = self._terminal.size()
        console = Console(
            file=self._terminal.out,
            force_terminal=True,
            no_color=not self._terminal.color,
            highlight=False,
            width=width,
            height=height,
        )
        with console.capture() as capture:
            console.print(page, overflow="fold")
        return capture.get()

    def _draw(self, lasting: list[str], growing: list[str]) -> None:
        """Replace what was drawn of the last block by `lasting`, then `growing`."""
        if not lasting and growing == self._drawn:
            return
        up = f"\x1b[{len(self._drawn)}A\r" if self._drawn else ""
        text = "".join(f"{_ERASE_LINE}{line}\n" for line in (*lasting, *growing))
        # Only what is left over, and never a whole screen: terminals keep those in their history.
        rest = _ERASE_BELOW if len(lasting) + len(growing) < len(self._drawn) else ""
        self._terminal.write(up + text + rest)
        self._drawn = growing


def _plain(line: str) -> str:
    return _STYLE.sub("", line)


def _content(tokens: Iterable[Token]) -> str:
    """What must be readable on the page, however it is laid out."""
    return "".join(
        _content(token.children) if token.children else token.content for token in tokens
    )


def _fewer_letters(shown: str, meant: str) -> bool:
    """Whether letters or digits were lost: where a layout has no room left, rich drops text."""
    return any(sum(map(kind, shown)) < sum(map(kind, meant)) for kind in (str.isalpha, str.isdigit))
