"""Markdown as the lines of a terminal; where rich would leave words out, the source itself."""

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, Markdown, TableElement
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from .terminal import Terminal

NARROWEST = 20
"""Columns below which there is no room for a layout."""
_DEEPEST = 100
# Rich paints code on black, which is a patch on a light terminal.
_THEME = Theme({"markdown.code": "cyan", "markdown.code_block": "cyan"})
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


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

    def __init__(self, tokens: Iterable[Token]) -> None:
        super().__init__("", code_theme="ansi_dark", hyperlinks=False)
        self.parsed = [_with_html_shown(token) for token in tokens]


class Layout:
    """Turns text into lines as wide as `terminal` is now."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST})
        self._parser.enable(["table", "strikethrough"])
        # Where an address would not be shown, its source is.
        self._parser.disable(["reference", "image"])

    def lines(self, text: str) -> list[str]:
        """Styled lines of `text`, without blank ones at either end."""
        if not text.strip():
            return []
        try:
            tokens = self._parser.parse(text)
            lines = self._rendered(_Markdown(tokens))
            if _letters_lost(text, tokens, lines):
                lines = self._rendered(Text(text))
        except RecursionError:  # nested deeper than Python's stack
            lines = self._rendered(Text(text))
        kept = [index for index, line in enumerate(lines) if _STYLE.sub("", line).strip()]
        return lines[kept[0] : kept[-1] + 1] if kept else []

    def last_block(self, text: str) -> int:
        """Where the last block begins, in characters; what is before it cannot change any more."""
        try:
            starts = [
                token.map[0]
                for token in self._parser.parse(text)
                if token.level == 0 and token.map and token.nesting >= 0
            ]
        except RecursionError:
            return 0
        if len(starts) < 2:
            return 0
        lines = text.split("\n")  # as the parser counts them
        return sum(len(line) + 1 for line in lines[: starts[-1]])

    def _rendered(self, page: _Markdown | Text) -> list[str]:
        width, height = self._terminal.size()
        console = Console(
            file=self._terminal.out,
            force_terminal=True,
            no_color=not self._terminal.color,
            highlight=False,
            width=width,
            height=height,
            theme=_THEME,
        )
        with console.capture() as capture:
            console.print(page, overflow="fold")
        return [line.rstrip(" ") for line in capture.get().split("\n")]


def _with_html_shown(token: Token) -> Token:
    """HTML is text to be read: a block of it as code, a tag in a line as it is."""
    if token.type == "html_block":
        return replace(token, type="fence", tag="code", info="html")
    if token.type == "html_inline":
        return replace(token, type="text")
    if token.children:
        return replace(token, children=[_with_html_shown(child) for child in token.children])
    return token


def _letters_lost(source: str, tokens: Iterable[Token], lines: Iterable[str]) -> bool:
    """Whether letters or digits of `source` are not in `lines`.

    The parser drops cells that a table has no column for, rich what a layout has no room for.
    """
    shown = "".join(_STYLE.sub("", line) for line in lines)
    marks = "".join(_languages(tokens))
    meant = html.unescape(source)
    kinds: tuple[Callable[[str], bool], ...] = (str.isalpha, str.isdigit)
    return any(
        sum(map(kind, shown)) + sum(map(kind, marks)) < sum(map(kind, meant)) for kind in kinds
    )


def _languages(tokens: Iterable[Token]) -> Iterator[str]:
    """What stands after a fence's mark and is not shown."""
    return (token.info for token in tokens if token.type == "fence")
