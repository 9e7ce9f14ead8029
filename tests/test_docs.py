"""The documents: fresh where they are made from the program, and without a dead link."""

import re
import shlex
from pathlib import Path

import pytest

from localm.cli.application import build
from localm.cli.reference import write
from localm.engine.builtin.corpus.manual import Command, commands

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "engine" / "builtin" / "MODEL_CARD.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
_COMMAND = re.compile(r"^\s*(?:\$ )?(llm [^|>#\n]*)", re.MULTILINE)


def test_the_reference_of_commands_is_fresh() -> None:
    assert (ROOT / "docs" / "cli.md").read_text() == write(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    targets = [link for link in _LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in targets if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_commands_in_the_documents_are_understood(page: Path) -> None:
    fences = re.findall(r"```(?:sh|console)\n(.*?)```", page.read_text(), re.DOTALL)
    for line in (line for fence in fences for line in _COMMAND.findall(fence)):
        _parse(line)


@pytest.mark.parametrize("entry", commands(), ids=lambda entry: str(entry.command))
def test_what_the_builtin_model_was_taught_is_understood(entry: Command) -> None:
    values = {"N": "1", "KEY": "n_ctx", "TIME": "30s", "FILE": "x", "TEXT": "hi"}
    _parse(" ".join(values.get(word, word) for word in entry.command.partition(" < ")[0].split()))


@pytest.mark.parametrize("name", build().commands)
def test_each_command_says_what_it_is_for(name: str) -> None:
    command = build().commands[name]
    assert command.help
    assert command.short_help
    assert all(getattr(parameter, "help", None) for parameter in command.params)


def _parse(line: str) -> None:
    group = build()
    words = shlex.split(line)[1:]
    if words in (["--help"], ["--version"]) or " " in words[0]:
        return
    name, *rest = words
    assert name in group.commands, line
    group.commands[name].make_context(name, rest)
