"""Times whole processes."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """One `llm ask` of the built-in model: milliseconds, and peak MiB of its two processes."""

    whole_ms: float
    own_ms: float
    front_mib: float
    worker_mib: float


def interleaved(commands: Mapping[str, Sequence[str]], *, runs: int) -> dict[str, float]:
    """The median of each command's time, in milliseconds; one run of each in turn."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(runs + 2):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            if run >= 2:  # the first ones fill caches
                times[name].append((time.perf_counter() - start) * 1000)
    return {name: median(each) for name, each in times.items()}


def ask_once(program: Path) -> Asked:
    """Ask the built-in model; what its usage does not account for is the front end's own."""
    command = [str(program), "ask", "-m", "builtin", "--json", "--seed", "1", "hi"]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    front, worker = _watch(process.pid)
    assert process.stdout is not None
    reply = json.loads(process.stdout.read())
    process.wait()
    whole = (time.perf_counter() - start) * 1000
    usage = reply["usage"]
    engine = usage["load_ms"] + usage["first_token_ms"] + usage["decode_ms"]
    return Asked(whole, whole - engine, front / _MIB, worker / _MIB)


def _watch(pid: int) -> tuple[int, int]:
    """Peak resident bytes of a process and of its largest child, until it ends."""
    front = worker = 0
    watched = psutil.Process(pid)
    try:
        while watched.status() != psutil.STATUS_ZOMBIE:
            front = max(front, watched.memory_info().rss)
            for child in watched.children():
                worker = max(worker, child.memory_info().rss)
            time.sleep(0.01)
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
    except psutil.Error:
        pass
    return front, worker
