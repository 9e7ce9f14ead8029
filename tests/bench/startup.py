"""Times whole processes."""

import contextlib
import json
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
    """One `llm ask` of the built-in model, in milliseconds."""

    whole_ms: float
    own_ms: float


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


_ASK = ("ask", "-m", "builtin", "--json", "--seed", "1", "hi")


def ask_once(program: Path) -> Asked:
    """Ask the built-in model; what its usage does not account for is the front end's own."""
    start = time.perf_counter()
    done = subprocess.run(
        [str(program), *_ASK], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True
    )
    whole = (time.perf_counter() - start) * 1000
    usage = json.loads(done.stdout)["usage"]
    engine = usage["load_ms"] + usage["first_token_ms"] + usage["decode_ms"]
    return Asked(whole, whole - engine)


def memory_once(program: Path) -> tuple[float, float]:
    """Peak resident MiB of `llm ask` and of its worker, looked at every few milliseconds."""
    process = subprocess.Popen(
        [str(program), *_ASK], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    front = worker = 0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            front = max(front, watched.memory_info().rss)
            worker = max([worker, *(child.memory_info().rss for child in watched.children())])
        time.sleep(0.003)
    return front / _MIB, worker / _MIB
