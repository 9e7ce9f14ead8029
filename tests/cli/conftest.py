"""The installed command, run as a user runs it: a process with three streams."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).parent / "llm")
Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def run() -> Run:
    """Runs `llm` to its end; standard input is empty unless `input` is given."""

    def run(*arguments: str, input: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, *arguments],
            input=input,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, **variables},
        )

    return run


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `llm` in a session of its own; whatever is left of it ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
            [PROGRAM, *arguments],
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "start_new_session": True,
                **options,
            },
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    """Writes a script for the echo backend and gives the name by which `-m` takes it."""

    def write(*steps: dict[str, object], **settings: object) -> str:
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"steps": steps, **settings}))
        return f"echo:{path}"

    return write
