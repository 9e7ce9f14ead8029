"""Ctrl-C, SIGTERM, a closed pipe, a killed process: what came stays, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

T = TypeVar("T")
Start = Callable[..., subprocess.Popen[bytes]]
PROGRAM = str(Path(sys.executable).parent / "llm")


def worker_of(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The worker that `process` has started."""
    parent = psutil.Process(process.pid)
    children = eventually(parent.children)
    assert len(children) == 1
    return children[0]


def eventually(look: Callable[[], T], seconds: float = 20) -> T:
    """What `look` gives once it is something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)
    return found


def speaking(start: Start, model: Path) -> tuple[subprocess.Popen[bytes], psutil.Process, bytes]:
    """An `llm ask` in the middle of a long reply, its worker, and what it has said."""
    process = start("ask", "-m", str(model), "-o", "threads", "1", "tell me")
    assert process.stdout is not None
    said = os.read(process.stdout.fileno(), 1)
    return process, worker_of(process), said


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_keeps_what_came_and_leaves_no_worker(
    start: Start, small_model: Path, number: signal.Signals, code: int
) -> None:
    process, worker, said = speaking(start, small_model)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (code, b"")
    assert (said + out).endswith(b"\n")
    assert gone(worker)


def test_a_killed_front_end_takes_its_worker_along(start: Start, small_model: Path) -> None:
    process, worker, _ = speaking(start, small_model)
    process.kill()
    assert gone(worker)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_load_that_was_broken_off(
    start: Start, large_model: Path, number: signal.Signals
) -> None:
    process = start("ask", "-m", str(large_model), "tell me")
    worker = worker_of(process)
    eventually(lambda: any(large_model.name in str(m.path) for m in worker.memory_maps()))
    process.send_signal(number)
    process.wait(timeout=20)
    assert gone(worker)


def test_a_killed_worker_is_exit_5_and_the_next_ask_works(start: Start, small_model: Path) -> None:
    process, worker, said = speaking(start, small_model)
    worker.kill()
    out, err = process.communicate(timeout=20)
    assert process.returncode == 5
    assert err.startswith(b"llm: The model's process was killed")
    assert said + out
    again = start("ask", "-m", str(small_model), "--max-tokens", "3", "go")
    assert again.communicate(timeout=60)[0]
    assert again.returncode == 0


def test_a_closed_pipe_ends_quietly_with_141(start: Start, small_model: Path) -> None:
    process, worker, _ = speaking(start, small_model)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (141, b"")
    assert gone(worker)


def test_a_full_disk_is_said(start: Start) -> None:
    with Path("/dev/full").open("wb") as full:
        process = start("ask", "-m", "echo", "hello there", stdout=full)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err == b"llm: The answer cannot be written: No space left on device.\n"


def test_a_closed_standard_output_is_said() -> None:
    done = subprocess.run(
        ["bash", "-c", '"$0" ask -m echo hi --no-stdin >&-', PROGRAM],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"cannot be written" in done.stderr


def test_standard_input_that_stays_open_is_waited_for_and_said(start: Start) -> None:
    process = start("ask", "-m", "echo", "hello", stdin=subprocess.PIPE)
    assert process.stderr is not None
    assert process.stderr.readline().startswith(b"Waiting for standard input")
    out, _ = process.communicate(b"late", timeout=20)
    assert out == b"late\n\nhello\n"


def test_input_without_end_is_refused(start: Start) -> None:
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as endless:
        process = start("ask", "-m", "echo", stdin=endless.stdout)
        _, err = process.communicate(timeout=60)
        endless.kill()
    assert process.returncode == 4
    assert b"16 MiB" in err


def gone(process: psutil.Process) -> bool:
    """Whether `process` has ended, or ends soon."""
    try:
        process.wait(timeout=10)
    except psutil.TimeoutExpired:
        return False
    except psutil.NoSuchProcess:
        pass
    return True
