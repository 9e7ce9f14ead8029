"""What every test stands on: a home of its own, and models with random weights."""

import os
from pathlib import Path

import hypothesis
import pytest

from .random_models import LARGE, SMALL, TINY, write_random_model

# Slow machines are no failure; in CI the examples are the same each time.
hypothesis.settings.register_profile("quiet", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("quiet")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary home, so that no test meets the user's own, nor what the user has set."""
    home = tmp_path / "home"
    home.mkdir()
    for name in list(os.environ):
        if name.startswith("LOCALM_") or name in ("LLM_MODEL", "NO_COLOR", "COLUMNS", "LINES"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LOCALM_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GGUF file of 0.1 MB that speaks nonsense at once."""
    return write_random_model(tmp_path_factory.mktemp("models") / "tiny.gguf", TINY)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GGUF file of 43 MB whose tokens take milliseconds, and that does not stop by itself."""
    path = tmp_path_factory.mktemp("models") / "small.gguf"
    return write_random_model(path, SMALL, never_stop=True)


@pytest.fixture(scope="session")
def large_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GGUF file of 0.3 GB: its load can be met half-way."""
    return write_random_model(tmp_path_factory.mktemp("models") / "large.gguf", LARGE)
