"""`llm ask` as a person sees it: on a terminal."""

import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..terminal import Screen, need

PROGRAM = str(Path(sys.executable).parent / "llm")
Ask = Callable[..., Screen]
Script = Callable[..., str]
_DAY = 24 * 60 * 60


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Runs `llm ask` with these arguments on a terminal of its own; it prints `done` at its end."""
    need("tmux")
    screens: list[Screen] = []

    def ask(
        *arguments: str, before: str = "", after: str = "", columns: int = 80, **variables: str
    ) -> Screen:
        folder = tmp_path / f"screen{len(screens)}"
        folder.mkdir()
        line = f"{before} {shlex.join([PROGRAM, 'ask', *arguments])} {after}"
        command = f"trap : INT; {line}; echo done $?; cat"
        screens.append(Screen(folder, command, columns=columns, variables=variables))
        return screens[-1]

    yield ask
    for screen in screens:
        screen.close()


def test_markdown_is_rendered(ask: Ask, script: Script) -> None:
    text = "# Title\n\nSome **bold** words.\n\n- one\n- two\n\n```python\nprint(1)\n```\n"
    screen = ask("-m", script({"text": text}), "x").wait("done 0")
    assert "**" not in screen
    assert "```" not in screen
    assert "Title" in screen
    assert "• one" in screen


def test_bold_text_is_bold(ask: Ask, script: Script) -> None:
    screen = ask("-m", script({"text": "Some **bold** words."}), "x")
    screen.wait("done 0")
    assert "\x1b[1mbold" in screen.text(styled=True)


def test_a_long_answer_is_all_there_and_once(ask: Ask, script: Script) -> None:
    steps = [{"text": f"- line number {number}\n"} for number in range(60)]
    screen = ask("-m", script(*steps), "x")
    screen.wait("done 0")
    shown = screen.history()
    assert [shown.count(f"line number {number}\n") for number in range(60)] == [1] * 60


def test_a_dumb_terminal_gets_the_text_as_it_is(ask: Ask, script: Script) -> None:
    model = script({"text": "# T\n\n**b**\n"})
    assert ask("-m", model, "x", before="TERM=dumb").wait("done 0").startswith("# T\n\n**b**\n")


def test_no_color_leaves_no_colour(ask: Ask, script: Script) -> None:
    model = script({"text": "```python\nprint('x')\n```\n\n`code`\n"})
    screen = ask("-m", model, "x", NO_COLOR="1")
    screen.wait("done 0")
    assert not re.search(r"\x1b\[(3[0-7]|9)", screen.text(styled=True))


def test_the_thought_is_dim_and_above_the_answer(ask: Ask, script: Script) -> None:
    screen = ask("-m", script({"thinking": "let me see"}, {"text": "seen"}), "x")
    shown = screen.wait("done 0")
    assert shown.index("let me see") < shown.index("seen\n")
    assert "\x1b[2mlet me see" in screen.text(styled=True)


def test_the_thought_can_be_hidden(ask: Ask, script: Script) -> None:
    model = script({"thinking": "let me see"}, {"text": "seen"})
    assert "let me see" not in ask("-m", model, "--hide-thinking", "x").wait("done 0")


def test_a_wait_is_shown_and_leaves_no_trace(ask: Ask, script: Script, tmp_path: Path) -> None:
    model = script({"text": "here"}, load_ms=1500)
    screen = ask("-m", model, "x")
    screen.wait("loading the model")
    assert "loading" not in screen.wait("done 0")


def test_control_characters_of_the_model_do_not_drive_the_terminal(
    ask: Ask, script: Script
) -> None:
    model = script({"text": "safe\x1b[2J\x1b]0;t\x07 and sound"})
    assert ask("-m", model, "x").wait("done 0").startswith("safe[2J]0;t and sound\n")


def test_nothing_to_ask_says_how_to_ask(ask: Ask) -> None:
    screen = ask().wait("done 2")
    assert "llm: There is nothing to ask. Say `llm ask" in screen


def test_the_builtin_model_says_what_it_is_once_a_day(ask: Ask, home: Path) -> None:
    note = "Answered by the small built-in model"
    assert note in ask("hi").wait("done 0")
    assert note not in ask("hi").wait("done 0")
    yesterday = time.time() - _DAY - 1
    os.utime(home / "state" / "notices" / "builtin", (yesterday, yesterday))
    assert note in ask("hi").wait("done 0")


def test_the_builtin_model_says_nothing_of_itself_in_a_pipe(ask: Ask) -> None:
    screen = ask("hi", before="echo question |")
    assert "Answered by" not in screen.wait("done 0")


def test_ctrl_c_keeps_what_came(ask: Ask, script: Script) -> None:
    screen = ask("-m", script({"text": "the beginning "}, {"delay_ms": 60000}), "x")
    screen.wait("the beginning")
    screen.press("C-c")
    assert "the beginning" in screen.wait("done 130")


@pytest.mark.parametrize("columns", ["0", "1", "many", "99999999999999999999"])
def test_columns_that_make_no_sense_lose_nothing(ask: Ask, script: Script, columns: str) -> None:
    model = script({"text": "日本語 and **words**\n\n```\ncode\n```\n"})
    shown = ask("-m", model, "x", before=f"COLUMNS={columns}").wait("done 0")
    assert all(word in shown for word in ("日本語", "words", "code"))


def test_a_wait_leaves_no_trace_on_a_narrow_terminal(ask: Ask, script: Script) -> None:
    screen = ask("-m", script({"text": "here"}, load_ms=1500), "x", columns=16)
    screen.wait("loading")
    screen.wait("done 0")
    assert screen.history().strip().splitlines() == ["here", "done 0"]


def test_a_wait_does_not_touch_what_stands_before_it(ask: Ask, script: Script) -> None:
    model = script({"text": "here"}, load_ms=1500)
    screen = ask("-m", model, "x", before="printf 'Answer: ';")
    screen.wait("loading")
    screen.wait("done 0")
    assert screen.history().split() == ["Answer:", "here", "done", "0"]


def test_a_thought_between_two_parts_of_an_answer_disturbs_neither(
    ask: Ask, script: Script
) -> None:
    first = {"text": "One **bold** word.\n\n- a\n- b"}
    second = {"text": "- c\n\nThe end."}
    model = script(first, {"delay_ms": 500}, {"thinking": "hm"}, {"delay_ms": 500}, second)
    screen = ask("-m", model, "x")
    screen.wait("done 0")
    words = [line for line in map(str.strip, screen.history().splitlines()) if line]
    assert words == ["One bold word.", "• a", "• b", "hm", "• c", "The end.", "done 0"]


@pytest.mark.parametrize("columns", [22, 80])
@pytest.mark.parametrize("more", ["", "COLUMNS=200 LINES=100"])
def test_text_that_has_no_layout_stands_there_once(
    ask: Ask, script: Script, columns: int, more: str
) -> None:
    text = "| a | b |\n|---|---|\n" + "".join(f"| {n} | two | lost{n} |\n" for n in range(8))
    steps: list[dict[str, object]] = []
    for start in range(0, len(text), 9):
        steps += [{"text": text[start : start + 9]}, {"delay_ms": 30}]
    screen = ask("-m", script(*steps), "x", before=more, columns=columns)
    screen.wait("done 0")
    shown = screen.history()
    assert [shown.count(f"lost{n}") for n in range(8)] == [1] * 8


def test_a_second_ctrl_c_leaves_nothing_on_the_screen(ask: Ask, script: Script) -> None:
    screen = ask("-m", script({"text": "here"}, load_ms=60_000), "x")
    screen.wait("loading the model 0 s")
    screen.press("C-c")
    screen.wait("loading the model 2 s")  # so late that the two cannot have been taken for one
    screen.press("C-c")
    assert "loading" not in screen.wait("done 130")


def test_an_answer_goes_on_below_after_a_stop(ask: Ask, script: Script, tmp_path: Path) -> None:
    model = script({"text": "- one\n"}, {"delay_ms": 1000}, {"text": "- two\n"})
    # As a shell does it: stop the program, say something, let it go on.
    number = f"$(cat {tmp_path}/pid)"
    stop = f"kill -TSTP {number}; sleep 0.2; echo shell; echo speaks; kill -CONT {number}"
    screen = ask("-m", model, "x", after=f"& echo $! > {tmp_path}/pid; sleep 0.6; {stop}; wait")
    shown = screen.wait("two")
    assert "shell" in shown
    assert "speaks" in shown


def test_an_answer_needs_no_standard_input(ask: Ask) -> None:
    assert "Traceback" not in ask("hi", after="<&-").wait("done 0")


def test_a_home_that_cannot_be_written_is_no_hindrance(ask: Ask) -> None:
    shown = ask("-m", "builtin", "--hide-thinking", "hi", LOCALM_HOME="/proc/no").wait("done 0")
    assert "Answered by" not in shown
    assert "llm: " not in shown


def test_events_on_a_terminal_stand_on_lines_of_their_own(ask: Ask, script: Script) -> None:
    model = script({"thinking": "hm"}, {"delay_ms": 600}, {"text": "a"}, load_ms=600)
    shown = ask("-m", model, "--json-stream", "x", columns=300).wait("done 0")
    assert all(line.startswith("{") for line in shown.split("done")[0].strip().splitlines())


def test_a_name_with_escape_sequences_does_not_drive_the_terminal(ask: Ask) -> None:
    shown = ask("-m", "\x1b]0;t\x07\x1b[2Jnope.gguf", "x").wait("done 3")
    assert "There is no file" in shown
