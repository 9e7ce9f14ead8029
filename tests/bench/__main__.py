"""`make bench`: what `llm` costs, beside what it stands on. Medians; nothing else should run.

Start-up is measured on a wheel installed into an environment of its own, decoding against raw
xllamacpp in a process of its own, each pair of runs one after the other.
"""

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ..random_models import HALF_BILLION, write_random_model
from . import decoding, startup

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".bench"
BUILTIN = ROOT / "engine" / "builtin" / "builtin.gguf"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    ours: str
    beside: str
    result: str
    bound: str
    kept: bool


def main() -> None:
    """Print the table."""
    environment = install()
    print(f"\n{'what':34} {'ours':>12} {'beside':>12} {'result':>12}   bound")
    broken = 0
    for row in measure(environment):
        mark = "" if row.kept else "  MISSED"
        print(f"{row.what:34} {row.ours:>12} {row.beside:>12} {row.result:>12}   {row.bound}{mark}")
        broken += not row.kept
    sys.exit(1 if broken else 0)


def measure(environment: Path) -> Iterator[Row]:
    """Every line, one after the other."""
    yield from start_up(environment)
    yield from own_cost(environment)
    half = WORK / "half-billion-q8_0.gguf"
    if not half.exists():
        write_random_model(half, HALF_BILLION, never_stop=True)
    yield decode("decode, 0.5 B Q8_0", environment, half, tokens=96, runs=9, bound=0.97)
    endless = decoding.without_end(BUILTIN, WORK / "builtin-without-end.gguf")
    sizes = {"tokens": 400, "runs": 9, "threads": 1}
    yield decode("decode, built-in", environment, endless, **sizes, bound=0.85)
    yield while_busy(environment, half)


def start_up(environment: Path) -> Iterator[Row]:
    """`--version` and `--help` above bare Python."""
    python, program = str(environment / "bin" / "python"), str(environment / "bin" / "llm")
    commands = {"bare": [python, "-c", "pass"]}
    commands |= {flag: [program, flag] for flag in ("--version", "--help")}
    times = startup.interleaved(commands, runs=25)
    bare = times["bare"]
    for flag, bound in (("--version", 90), ("--help", 180)):
        above = times[flag] - bare
        yield Row(
            f"llm {flag}",
            f"{times[flag]:.0f} ms",
            f"{bare:.0f} ms",
            f"+{above:.0f} ms",
            f"at most +{bound} ms above python -c pass",
            above <= bound,
        )


def own_cost(environment: Path) -> Iterator[Row]:
    """The front end of `llm ask`: its time besides load and generation, and its memory."""
    program = environment / "bin" / "llm"
    runs = [startup.ask_once(program) for _ in range(21)]
    own, whole = median(run.own_ms for run in runs), median(run.whole_ms for run in runs)
    engine = whole - own
    yield Row(
        "llm ask, front end's own time",
        f"{whole:.0f} ms",
        f"{engine:.0f} ms",
        f"{own:.0f} ms",
        "at most 120 ms besides load and generation",
        own <= 120,
    )
    memory, worker = map(
        median, zip(*(startup.memory_once(program) for _ in range(7)), strict=True)
    )
    yield Row(
        "llm ask, front end's memory",
        f"{memory:.0f} MiB",
        f"{worker:.0f} MiB",
        f"{memory:.0f} MiB",
        "at most 60 MB resident (beside: the worker)",
        memory * 1.048576 <= 60,
    )


def decode(
    what: str,
    environment: Path,
    model: Path,
    *,
    tokens: int,
    runs: int,
    bound: float,
    threads: int = 0,
) -> Row:
    """Tokens per second at the reader's end of a pipe, against raw xllamacpp."""
    ours, raw = [], []
    for _ in range(runs):
        raw.append(decoding.raw(environment / "bin" / "python", model, tokens, threads))
        ours.append(decoding.through_llm(environment / "bin" / "llm", model, tokens))
    share = median(one / other for one, other in zip(ours, raw, strict=True))
    return Row(
        what,
        f"{median(ours):.1f} tok/s",
        f"{median(raw):.1f} tok/s",
        f"{share:.3f}",
        f"at least {bound} of raw xllamacpp",
        share >= bound,
    )


def while_busy(environment: Path, model: Path) -> Row:
    """What is left of the speed when one core has something else to do."""
    alone, beside = [], []
    for _ in range(3):
        alone.append(decoding.through_llm(environment / "bin" / "llm", model, 48))
        with decoding.busy_core():
            beside.append(decoding.through_llm(environment / "bin" / "llm", model, 48))
    share = median(one / other for one, other in zip(beside, alone, strict=True))
    return Row(
        "decode, 0.5 B, one core busy",
        f"{median(beside):.1f} tok/s",
        f"{median(alone):.1f} tok/s",
        f"{share:.3f}",
        "at least 0.25 of the same alone",
        share >= 0.25,
    )


def install() -> Path:
    """An environment with a wheel of this tree; what the wheel needs is installed once."""
    environment = WORK / "environment"
    if not (environment / "bin" / "python").exists():
        venv.create(environment, with_pip=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q"]
    wheels = WORK / "wheels"
    for old in wheels.glob("*.whl"):
        old.unlink()
    _quietly([*pip, "wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)])
    [wheel] = wheels.glob("*.whl")
    _quietly([*pip, "install", str(wheel)])
    _quietly([*pip, "install", "--no-deps", "--force-reinstall", str(wheel)])
    return environment


def _quietly(command: list[str]) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


if __name__ == "__main__":
    main()
