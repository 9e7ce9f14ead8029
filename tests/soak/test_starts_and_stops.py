"""Hundreds of starts and ends, clean and violent: nothing is left of them."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

PROGRAM = str(Path(sys.executable).parent / "llm")
ROUNDS = 200
MARK = "LOCALM_SOAK"
pytestmark = pytest.mark.soak


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of the test's own, watched for what is left in it."""
    monkeypatch.setenv(MARK, str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    tempfile.tempdir = None
    yield tmp_path
    tempfile.tempdir = None


def processes(mark: str) -> list[psutil.Process]:
    """Every process that has `mark` in its environment, but for this one."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


def surroundings(folder: Path) -> tuple[set[str], set[str]]:
    """What lies in the temporary folder, home and sockets included, and in shared memory."""
    kept = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    return kept, {path.name for path in Path("/dev/shm").glob("*")}


def eventually_gone(mark: str) -> list[psutil.Process]:
    """What is left of the marked processes after a while."""
    end = time.monotonic() + 15
    while left := processes(mark):
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return left


def complete(process: subprocess.Popen[bytes], rounds: random.Random) -> None:
    """Let it come to its end."""
    assert process.wait(60) == 0


def interrupt(number: int) -> Callable[[subprocess.Popen[bytes], random.Random], None]:
    """Send `number` at some moment between start and end."""

    def act(process: subprocess.Popen[bytes], rounds: random.Random) -> None:
        time.sleep(rounds.uniform(0, 0.5))  # the moment is what this test is about
        process.send_signal(number)
        code = process.wait(60)
        # Before our first line runs, the signal ends Python itself.
        assert code in (0, 128 + number, -number, 1 if number == signal.SIGINT else 0), code

    return act


def kill_worker(process: subprocess.Popen[bytes], rounds: random.Random) -> None:
    """Kill the worker at some moment of its load or of a reply that does not end by itself."""
    worker = None
    while worker is None:
        assert process.poll() is None
        with contextlib.suppress(psutil.Error):
            worker = next(iter(psutil.Process(process.pid).children()), None)
    time.sleep(rounds.uniform(0, 0.5))
    os.kill(worker.pid, signal.SIGKILL)
    assert process.wait(60) == 5


@pytest.mark.parametrize(
    "end",
    [
        complete,
        interrupt(signal.SIGINT),
        interrupt(signal.SIGTERM),
        interrupt(signal.SIGKILL),
    ],
    ids=["completed", "SIGINT", "SIGTERM", "SIGKILL"],
)
@pytest.mark.parametrize("model", ["builtin", "small"])
def test_200_starts_leave_nothing_behind(
    folder: Path,
    small_model: Path,
    end: Callable[[subprocess.Popen[bytes], random.Random], None],
    model: str,
) -> None:
    name = "builtin" if model == "builtin" else str(small_model)
    before = surroundings(folder)
    rounds = random.Random(7)
    for _ in range(ROUNDS):
        process = subprocess.Popen(
            [PROGRAM, "ask", "-m", name, "--max-tokens", "60", "-o", "threads", "1", "hi"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end(process, rounds)
    assert eventually_gone(str(folder)) == []
    assert surroundings(folder) == before


def test_200_killed_workers_are_one_sentence_each_and_the_next_ask_works(
    folder: Path, small_model: Path
) -> None:
    long = [PROGRAM, "ask", "-m", str(small_model), "--no-stdin", "-o", "threads", "1", "hi"]
    short = [PROGRAM, "ask", "-m", "builtin", "--no-think", "--no-stdin", "hi"]
    before = surroundings(folder)
    rounds = random.Random(8)
    for _ in range(ROUNDS):
        with subprocess.Popen(long, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            kill_worker(process, rounds)
            assert process.stderr is not None
            said = process.stderr.read().decode()
        assert said.startswith("llm: The model's process was killed")
        assert said.count("\n") == 1
        done = subprocess.run(short, capture_output=True, check=False)
        assert (done.returncode, bool(done.stdout)) == (0, True), done.stderr
    assert eventually_gone(str(folder)) == []
    assert surroundings(folder) == before
