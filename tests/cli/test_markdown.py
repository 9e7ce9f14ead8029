"""Markdown that is still being written: however it arrives, the page at the end is the same."""

import io
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from localm.cli.markdown import MarkdownRenderer
from localm.cli.terminal import Terminal
from localm.engine.events import Assistant

PAGE = """\
# A title

Some *text* with `code` and a [link](https://example.org).
It goes on.

- one
- two
  - below

1. first

   more of it

2. second

| a | b |
|---|---|
| 1 | 2 |

```python
print("hi")

print("there")
```

> quoted

See [the page][1] and ![a picture](https://example.org/p.png).

[1]: https://example.org/reference

Last line: 2 < 3 & "so"."""


class Page:
    """What a terminal shows that knows four sequences: up, two ways to erase, and colours."""

    def __init__(self) -> None:
        self.lines = [""]
        self.row = self.column = 0

    def write(self, text: str) -> None:
        for piece in re.findall(r"\x1b\[[\d;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
            self._take(piece)

    def _take(self, piece: str) -> None:
        if piece == "\n":
            self.row, self.column = self.row + 1, 0
            if self.row == len(self.lines):
                self.lines.append("")
        elif piece.endswith("A") and piece.startswith("\x1b"):
            self.row -= int(piece[2:-1])
            assert self.row >= 0
        elif piece == "\x1b[2K":
            self.lines[self.row] = ""
        elif piece == "\x1b[J":
            self.lines[self.row] = ""
            del self.lines[self.row + 1 :]
        elif piece == "\r":
            self.column = 0
        elif not piece.startswith("\x1b"):
            line = self.lines[self.row]
            self.lines[self.row] = line[: self.column] + piece + line[self.column + len(piece) :]
            self.column += len(piece)


def show(pieces: Iterable[str]) -> list[str]:
    """The lines that stand on the terminal after `pieces` have arrived one by one."""
    out = io.StringIO()
    terminal = Terminal(out, io.StringIO(), True, True, color=True, dumb=False)
    beats = iter(range(1_000_000))
    renderer = MarkdownRenderer(terminal, stream=True, clock=lambda: float(next(beats)))
    for piece in pieces:
        renderer.show(Assistant(piece))
    renderer.close()
    page = Page()
    page.write(out.getvalue())
    assert max(cell_len(line) for line in page.lines) <= terminal.size()[0], "a line would wrap"
    return [line.rstrip() for line in page.lines if line.strip()]


def cut(text: str, places: list[int]) -> list[str]:
    """`text` in pieces, cut at `places`."""
    ends = [0, *sorted(places), len(text)]
    return [text[start:end] for start, end in pairwise(ends)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, len(PAGE)), max_size=30))
def test_the_page_is_the_same_wherever_the_stream_is_cut(places: list[int]) -> None:
    assert show(cut(PAGE, places)) == show([PAGE])


def test_every_word_of_the_answer_is_on_the_page() -> None:
    page = " ".join(show(list(PAGE)))
    assert all(word in page for word in ("title", "goes on", "below", "more of it", "there", "so"))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab \n`*#->|1.\\<&[]()_~", max_size=80), st.data())
def test_letters_survive_whatever_markdown_surrounds_them(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    assert _letters(show(cut(text, places))) == _letters(show([text]))


def test_addresses_are_on_the_page_however_they_are_written() -> None:
    shown = "".join(show(list(PAGE)))
    assert "https://example.org/reference" in shown
    assert "https://example.org/p.png" in shown


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert show(["a\x1b]0;title\x07b\x1b[2Jc"]) == ["a]0;titleb[2Jc"]


@pytest.mark.parametrize(
    "text",
    [
        "<html>\n<body>Hello</body>\n</html>",
        "List<String> and map<int, foo> with a<br>b",
        "<details>\n\nHidden words\n\n</details>",
        "> " * 60 + "far in",
        "\n".join("  " * depth + f"- level{depth}" for depth in range(40)),
        "|"
        + "|".join(f"name{n}" for n in range(12))
        + "|\n"
        + "|-" * 12
        + "|\n"
        + "|"
        + "|".join(f"value-number-{n}" for n in range(12))
        + "|",
        "日本語 🎉\n\n```\nprint(1)\n```",
        "[" * 500 + "end",
        "> " * 1000 + "end",
        "- " * 1000 + "end",
        "| a | b |\n|---|---|\n| one | two | three | four |",
        'A [link](https://example.org "with a title")',
        "7. seven\n100. hundred",
        "3. bronze\n2. silver\n1. gold",
        "```pip install foo --upgrade\n```",
        "```python title=deploy_prod.py\nprint(1)\n```",
        "- <https://example.org/do/not/call/her>\n\n  |a|b|\n  |-|-|\n  |one|two|her|",
        "| a |\n|---|\n| 1 | ✅ |",
    ],
)
@pytest.mark.parametrize("columns", ["20", "80", "99999999"])
def test_nothing_is_left_out(text: str, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    letters = re.compile(r"[^\W_]|[<🎉]")
    shown = Counter(letters.findall("".join(show(cut(text, [*range(0, len(text), 7)])))))
    assert Counter(letters.findall(text)) - shown == Counter()


def test_a_list_keeps_its_numbers() -> None:
    shown = show(["3. bronze\n2. silver\n1. gold"])
    assert [line.split() for line in shown] == [["3", "bronze"], ["2", "silver"], ["1", "gold"]]


def test_an_address_stands_there_once() -> None:
    assert show(["See <https://example.org>."]) == ["See https://example.org."]


def test_lines_leave_room_for_emoji_that_a_terminal_does_not_join() -> None:
    lines = show(["👍🏽 " * 60])
    assert max(sum(1 if each == " " else 2 for each in line) for line in lines) <= 80


def test_html_keeps_its_lines() -> None:
    shown = show(["<ul>\n  <li>one</li>\n</ul>\n\nand a <b>tag</b>"])
    assert [line.strip() for line in shown] == ["<ul>", "<li>one</li>", "</ul>", "and a <b>tag</b>"]


def test_an_entity_is_the_character_that_it_names() -> None:
    assert show(["*salt* &amp; caf&eacute;"]) == ["salt & café"]


def test_every_kind_of_line_end_is_one() -> None:
    assert show(["```\none\rtwo\r\nthree\n```"]) == show(["```\none\ntwo\nthree\n```"])


def test_a_fence_goes_on_after_a_pause() -> None:
    out = io.StringIO()
    terminal = Terminal(out, io.StringIO(), True, True, color=True, dumb=False)
    renderer = MarkdownRenderer(terminal, stream=True)
    renderer.show(Assistant("```python\nr = 1\n"))
    renderer.pause()
    renderer.show(Assistant("# a comment\ndef __init__(x):\n    return 3*x*2\n```\n"))
    renderer.close()
    page = Page()
    page.write(out.getvalue())
    assert [line.rstrip() for line in page.lines if line.strip()] == [
        " r = 1",
        " # a comment",
        " def __init__(x):",
        "     return 3*x*2",
    ]


def test_a_line_separator_is_no_end_of_a_line() -> None:
    text = "```\na\u2028b\n```\n\nnext **para**\n\nlast"
    assert show(list(text)) == show([text])


def _letters(lines: list[str]) -> str:
    return re.sub(r"[^ab]", "", "".join(lines))
