"""Completion in real shells: what Tab shows after a part of a command line."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localm.cli.shells import SCRIPTS, Shell

from ..terminal import Screen, need

ROOT = Path(__file__).parents[2]
FILES = {Shell.BASH: "llm.bash", Shell.ZSH: "_llm", Shell.FISH: "llm.fish"}
_START = {
    Shell.BASH: "PS1='> ' bash --norc --noprofile",
    Shell.ZSH: "zsh -f",
    Shell.FISH: "fish --no-config --private",
}
_LOAD = {
    Shell.BASH: "source {}",
    Shell.ZSH: "PS1='> '; autoload -U compinit && compinit -D; source {}",
    Shell.FISH: "function fish_prompt; echo '> '; end; source {}",
}
Open = Callable[[Shell], Screen]


@pytest.mark.parametrize("shell", Shell)
def test_the_file_in_the_repository_is_fresh(shell: Shell) -> None:
    assert (ROOT / "completions" / FILES[shell]).read_text() == SCRIPTS[shell]


@pytest.fixture
def open_shell(tmp_path: Path) -> Iterator[Open]:
    """Opens a shell on a terminal with the completion loaded, in a folder with one model."""
    screens: list[Screen] = []
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.gguf").touch()

    def open_it(shell: Shell) -> Screen:
        need("tmux", shell)
        folder = Path(sys.executable).parent
        screen = Screen(
            tmp_path,
            f"cd {tmp_path}/folder && {_START[shell]}",
            variables={"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        )
        screens.append(screen)
        load = _LOAD[shell].format(ROOT / "completions" / FILES[shell])
        screen.type(f"{load}; clear; echo ready")
        screen.press("Enter")
        screen.wait(lambda text: text.lstrip().startswith("ready"))
        return screen

    yield open_it
    for screen in screens:
        screen.close()


@pytest.mark.parametrize("shell", Shell)
def test_tab_finishes_a_command(shell: Shell, open_shell: Open) -> None:
    screen = open_shell(shell)
    screen.type("llm compl")
    screen.press("Tab")
    screen.wait("llm completions")


@pytest.mark.parametrize("shell", Shell)
def test_tab_finishes_a_flag(shell: Shell, open_shell: Open) -> None:
    screen = open_shell(shell)
    screen.type("llm ask --temp")
    screen.press("Tab")
    screen.wait("llm ask --temperature")


@pytest.mark.parametrize("shell", Shell)
def test_tab_lists_flags_that_begin_alike(shell: Shell, open_shell: Open) -> None:
    screen = open_shell(shell)
    screen.type("llm ask --json")
    screen.press("Tab")
    screen.press("Tab")
    screen.wait("--json-stream")


@pytest.mark.parametrize("shell", Shell)
def test_tab_after_model_names_files(shell: Shell, open_shell: Open) -> None:
    screen = open_shell(shell)
    screen.type("llm ask -m min")
    screen.press("Tab")
    screen.wait("llm ask -m mine.gguf")


@pytest.mark.parametrize("shell", Shell)
def test_tab_after_model_names_the_builtin(shell: Shell, open_shell: Open) -> None:
    screen = open_shell(shell)
    screen.type("llm ask --model bui")
    screen.press("Tab")
    screen.wait("llm ask --model builtin")


@pytest.mark.parametrize("shell", Shell)
def test_tab_finishes_the_value_of_an_engine_option(shell: Shell, open_shell: Open) -> None:
    screen = open_shell(shell)
    screen.type("llm ask -o kv_type q8")
    screen.press("Tab")
    screen.wait("llm ask -o kv_type q8_0")


@pytest.mark.parametrize("shell", Shell)
def test_tab_finishes_the_other_name_of_the_program(shell: Shell, open_shell: Open) -> None:
    screen = open_shell(shell)
    screen.type("localm ask --seed 1 --no-think --str")
    screen.press("Tab")
    screen.wait("--no-think --strict")
