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
Script = Callable[..., str]
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
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 1)]
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


def test_a_signal_that_is_ignored_stays_ignored(start: Start, script: Script) -> None:
    model = script({"text": "a "}, {"delay_ms": 300}, {"text": "b"})
    process = start("ask", "-m", model, "x", preexec_fn=ignore_hangup)
    assert process.stdout is not None
    assert os.read(process.stdout.fileno(), 2) == b"a "
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=20)[0] == b"b\n"
    assert process.returncode == 0


def ignore_hangup() -> None:
    """What `nohup` does."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


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


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_signal_ends_at_once_although_nobody_reads(
    start: Start, script: Script, number: signal.Signals, code: int
) -> None:
    process = start("ask", "-m", script(*[{"text": "x" * 60_000}] * 20), "x")
    assert process.stdout is not None
    assert os.read(process.stdout.fileno(), 1) == b"x"
    eventually(lambda: psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING)
    process.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    process.send_signal(number)
    assert process.wait(timeout=20) == code


def test_a_second_signal_ends_a_worker_that_hangs(start: Start, small_model: Path) -> None:
    process, worker, _ = speaking(start, small_model)
    worker.suspend()
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    assert gone(worker)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 1)]
)
def test_a_signal_ends_the_wait_for_standard_input(
    start: Start, number: signal.Signals, code: int
) -> None:
    process = start("ask", "-m", "echo", stdin=subprocess.PIPE)
    assert process.stderr is not None
    assert process.stderr.readline().startswith(b"Waiting for standard input")
    process.send_signal(number)
    assert process.wait(timeout=20) == code


def test_a_time_limit_holds_although_the_worker_does_not_answer(
    start: Start, small_model: Path
) -> None:
    process = start("ask", "-m", str(small_model), "--timeout", "2s", "tell me")
    worker = worker_of(process)
    assert process.stdout is not None
    os.read(process.stdout.fileno(), 1)
    worker.suspend()
    _, err = process.communicate(timeout=30)
    assert (process.returncode, b"--timeout" in err) == (1, True)
    assert gone(worker)


def test_a_time_limit_holds_for_standard_input(start: Start) -> None:
    process = start("ask", "-m", "echo", "--timeout", "0.3s", "x", stdin=subprocess.PIPE)
    assert process.wait(timeout=20) == 1
    assert process.stderr is not None
    assert b"did not end within --timeout" in process.stderr.read()


def test_ctrl_c_while_the_prompt_is_counted_stops_it(start: Start, tiny_model: Path) -> None:
    text = "word " * 1_000_000
    process = start("ask", "-m", str(tiny_model), stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(text.encode())
    process.stdin.close()
    process.stdin = None
    worker = worker_of(process)
    eventually(lambda: worker.memory_info().rss > 200 << 20)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    assert gone(worker)


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
