"""A worker with a small model of random weights, ready to be asked."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from localm.engine.backend import Loaded
from localm.engine.client import Client
from localm.engine.events import Assistant, Event
from localm.engine.messages import user
from localm.engine.models.reference import resolve
from localm.engine.options import LoadOptions, Sampling
from localm.engine.request import GenerateRequest

from ..calls import loaded

LONG = GenerateRequest((user("tell me"),), Sampling(seed=1, max_tokens=150))


def load(client: Client, path: Path, **options: Any) -> Loaded:
    """Load the file `path` into the client's worker."""
    return loaded(client, resolve(str(path)), LoadOptions(**options))


def text(events: Iterable[Event]) -> str:
    """The answer in `events`."""
    return "".join(event.text for event in events if isinstance(event, Assistant))


@pytest.fixture
def small(client: Client, small_model: Path) -> Client:
    """A client whose worker has loaded the small model, with two slots."""
    load(client, small_model, n_ctx=2048, n_parallel=2, threads=1)
    return client
