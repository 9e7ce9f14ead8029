"""What a command imports before it does anything: start-up is a feature."""

import re
import subprocess
import sys

import pytest

HEAVY = {"asyncio", "http.client", "numpy", "platformdirs", "pydantic", "rich", "xllamacpp", "yaml"}


def imported(*arguments: str) -> set[str]:
    """The modules that `llm` with these arguments imports into the front end's process."""
    command = [sys.executable, "-X", "importtime", "-m", "localm", *arguments]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE))


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["--help"], ["ask", "--help"], ["ask", "-m", "echo", "hi"]],
    ids=" ".join,
)
def test_nothing_heavy_is_imported_in_front(arguments: list[str]) -> None:
    assert imported(*arguments) & HEAVY == set()


def test_the_version_needs_no_command_line_library() -> None:
    assert imported("--version") & {"click", "typer", "json", "dataclasses"} == set()


def test_a_real_model_brings_no_engine_in_front() -> None:
    modules = imported("ask", "-m", "builtin", "--max-tokens", "3", "hi")
    assert modules & (HEAVY | {"localm.engine.worker", "localm.engine.backends.llamacpp"}) == set()
