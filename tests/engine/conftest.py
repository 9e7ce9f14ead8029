"""Models and workers for the engine's tests: real processes, random weights."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localm.engine.client import Client
from localm.engine.launch import WorkerProcess
from localm.engine.models.reference import ModelReference

Script = Callable[..., ModelReference]


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    """A worker process of the test's own; the client that speaks to it closes it."""
    process = WorkerProcess()
    yield process
    process.kill()


@pytest.fixture
def client(worker: WorkerProcess) -> Iterator[Client]:
    """A client of `worker`."""
    client = Client(worker)
    yield client
    client.close()


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Writes a script for the echo backend and gives the reference that runs it."""

    def write(*steps: dict[str, object], **settings: object) -> ModelReference:
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"steps": steps, **settings}))
        return ModelReference("echo", "echo", str(path))

    return write
