"""The engine that a command speaks to: a worker of its own, or a light backend in place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..engine.client import Client
from ..engine.errors import EngineError
from ..engine.in_place import InPlace
from ..engine.launch import WorkerProcess
from ..engine.models.reference import ModelReference
from ..engine.options import LoadOptions
from ..engine.turn import Engine
from . import exits
from .failure import Failure

ALONE = LoadOptions(n_parallel=1)
"""A worker that serves one command needs one slot, and memory for one window."""


@dataclass(frozen=True, slots=True)
class OpenEngine:
    """An engine, the load options that suit it, what it has printed so far, and its sudden end."""

    engine: Engine
    loading: LoadOptions
    log: Callable[[], str]
    kill: Callable[[], None]


@contextmanager
def open_engine(model: ModelReference) -> Iterator[OpenEngine]:
    """An engine for `model`, ended when the block is left, however it is left."""
    if model.is_light:
        yield OpenEngine(InPlace(), LoadOptions(), lambda: "", lambda: None)
        return
    try:
        worker = WorkerProcess()
    except EngineError as error:
        raise Failure(error.message, error.hint, exits.ENGINE) from error
    try:
        client = Client(worker)
    except RuntimeError:
        worker.end()
        worker.release()
        raise
    try:
        yield OpenEngine(client, ALONE, worker.log, worker.abandon)
    finally:
        client.close()
