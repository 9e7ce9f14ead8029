"""The walls of the house: who may import whom, and that the guards notice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAMS = Path(sys.executable).parent


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [PROGRAMS / "lint-imports", "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("engine/errors.py", "from ..store import paths"),
        ("store/paths.py", "from ..cli import exits"),
        ("store/paths.py", "from ..engine import worker"),
        ("engine/client.py", "import rich"),
        ("cli/ask.py", "import xllamacpp"),
        ("cli/ask.py", "import torch"),
    ],
)
def test_a_breach_is_noticed(file: str, line: str, tmp_path: Path) -> None:
    package = tmp_path / "localm"
    for folder in ("cli", "engine", "store", "tui"):
        shutil.copytree(ROOT / folder, package / folder, ignore=shutil.ignore_patterns("*.gguf"))
    for name in ("__init__.py", "__main__.py"):
        shutil.copy(ROOT / name, package)
    with (package / file).open("a") as source:
        source.write(f"{line}\n")
    done = subprocess.run(
        [PROGRAMS / "lint-imports", "--no-cache", "--config", ROOT / "pyproject.toml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout


@pytest.mark.parametrize(
    ("file", "source", "refused"),
    [
        ("cli/ask.py", "import xllamacpp", True),
        ("engine/client.py", "import xllamacpp", True),
        ("engine/backends/llamacpp.py", "import xllamacpp", False),
        ("cli/context.py", "from rich.console import Console", True),
        ("cli/layout.py", "from rich.console import Console", False),
        ("store/paths.py", "import platformdirs", True),
        ("store/settings.py", "import yaml", True),
    ],
)
def test_heavy_libraries_stay_in_their_rooms(file: str, source: str, refused: bool) -> None:
    done = subprocess.run(
        [PROGRAMS / "ruff", "check", "--select", "TID253", "--stdin-filename", file, "-"],
        cwd=ROOT,
        input=f"{source}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("TID253" in done.stdout) is refused, done.stdout
