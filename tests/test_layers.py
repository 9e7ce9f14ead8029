"""The walls of the house: who may import whom, and that the guards notice."""

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
    ("file", "source", "refused"),
    [
        ("cli/ask.py", "import xllamacpp", True),
        ("engine/client.py", "import xllamacpp", True),
        ("engine/backends/llamacpp.py", "import xllamacpp", False),
        ("cli/context.py", "from rich.console import Console", True),
        ("cli/markdown.py", "from rich.console import Console", False),
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
