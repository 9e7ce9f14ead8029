"""Markdown as the lines of a terminal; where rich would leave words out, the source itself."""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.cells import get_character_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, ListItem, Markdown, TableElement
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
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_EMOJI_SELECTOR = "\ufe0f"


class _PlainHeading(Heading):
    """A heading at the left margin, as in running text."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        self.text.stylize("underline" if self.tag == "h1" else "bold")
        yield Text("")
        yield self.text


class _NumberedItem(ListItem):
    """A list item with the number that it was given; rich counts anew."""

    number = 0

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> "_NumberedItem":
        """The item that `token` opens."""
        del markdown
        item = cls()
        item.number = int(token.info or 0)
        return item

    def render_number(
        self, console: Console, options: ConsoleOptions, number: int, last_number: int
    ) -> RenderResult:
        """Rich's own, with the item's number; room is left for the longest of the list."""
        del number
        return super().render_number(console, options, self.number, max(last_number, self.number))


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
        "list_item_open": _NumberedItem,
        "table_open": _FoldingTable,
    }

    def __init__(self, tokens: Iterable[Token]) -> None:
        super().__init__("", code_theme="ansi_dark", hyperlinks=False)
        self.parsed = list(_to_show(tokens))


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
            if _words_lost(text, tokens, lines):
                lines = self._rendered(Text(text))
        except RecursionError:  # nested deeper than Python's stack
            lines = self._rendered(Text(text))
        kept = [index for index, line in enumerate(lines) if _plain(line).strip()]
        return lines[kept[0] : kept[-1] + 1] if kept else []

    def last_block(self, text: str) -> int:
        """Where the last block begins, in characters; what is before it cannot change any more."""
        starts = [token.map[0] for token in self._blocks(text) if token.map and token.nesting >= 0]
        if len(starts) < 2:
            return 0
        lines = text.split("\n")  # as the parser counts them
        return sum(len(line) + 1 for line in lines[: starts[-1]])

    def open_fence(self, text: str) -> str:
        """The line that opens the fence in which `text` ends, or nothing."""
        last = next(reversed(self._blocks(text)), None)
        if last is None or last.type != "fence" or last.map is None:
            return ""
        lines = text.rstrip("\n").split("\n")
        closed = lines[-1].strip().startswith(last.markup) and len(lines) - 1 > last.map[0]
        return "" if closed else f"{last.markup}{last.info}\n"

    def _blocks(self, text: str) -> list[Token]:
        try:
            return [token for token in self._parser.parse(text) if token.level == 0]
        except RecursionError:
            return []

    def _rendered(self, page: _Markdown | Text) -> list[str]:
        width, height = self._terminal.size()
        lines = self._rendered_at(page, width, height)
        # Terminals disagree on how wide some emoji are: no line may wrap on any of them.
        excess = max(_widest(line) for line in lines) - width
        return self._rendered_at(page, max(2, width - excess), height) if excess > 0 else lines

    def _rendered_at(self, page: _Markdown | Text, width: int, height: int) -> list[str]:
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


def _to_show(tokens: Iterable[Token]) -> Iterator[Token]:
    """HTML is text to be read, and an address that is its own text is shown once."""
    for token in tokens:
        if token.type == "html_block":
            yield replace(token, type="fence", tag="code", info="html")
        elif token.type == "html_inline":
            yield replace(token, type="text")
        elif token.markup == "autolink":
            continue
        elif token.children:
            yield replace(token, children=list(_to_show(token.children)))
        else:
            yield token


def _words_lost(source: str, tokens: Iterable[Token], lines: Iterable[str]) -> bool:
    """Whether anything readable of `source` is not in `lines`, in its order.

    The parser drops cells that a table has no column for, rich what a layout has no room for. The
    cells of a table stand beside each other: there the order is no sign.
    """
    meant = list(_readable(html.unescape(_without_languages(source, tokens))))
    shown = list(_readable("".join(map(_plain, lines))))
    if any(token.type == "table_open" for token in tokens):
        return bool(Counter(meant) - Counter(shown))
    rest = iter(shown)
    return not all(character in rest for character in meant)


def _readable(text: str) -> Iterator[str]:
    """Letters, digits and symbols beyond ASCII: what is no mark of Markdown's."""
    for character in text:
        if character.isalnum() or (
            not character.isascii() and unicodedata.category(character) in ("So", "Sm", "Sc")
        ):
            yield character


def _without_languages(source: str, tokens: Iterable[Token]) -> str:
    """`source` without the language that a fence names first, which is not shown."""
    lines = source.split("\n")
    for token in tokens:
        language = token.info.split(maxsplit=1)[:1]
        if token.type == "fence" and token.map is not None and language:
            at = token.map[0]
            lines[at] = lines[at].replace(language[0], "", 1)
    return "\n".join(lines)


def _plain(line: str) -> str:
    return _STYLE.sub("", line)


def _widest(line: str) -> int:
    """The columns of `line` on a terminal that joins no emoji."""
    return sum(map(_character_width, _plain(line)))


def _character_width(character: str) -> int:
    if character == _EMOJI_SELECTOR:
        return 1
    return 2 if ord(character) in _SKIN_TONES else get_character_cell_size(character)
