"""One turn: load, count, generate. One round; what it says are events, also when it fails."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Protocol

from .assembly import Assembly, ended_by_error
from .backend import Loaded, Rendered
from .budget import check_window
from .cancel import CancelToken
from .errors import Cancelled, EngineError
from .events import Event, Finished, Started, Usage
from .models.reference import ModelReference
from .options import LoadOptions
from .request import GenerateRequest


class Engine(Protocol):
    """Whoever loads and generates: a client of a host or worker, or a backend called in place."""

    def load(
        self, model: ModelReference, options: LoadOptions, cancel: CancelToken
    ) -> Generator[Event, None, Loaded]:
        """Make `model` able to answer."""
        ...

    def render(self, request: GenerateRequest, cancel: CancelToken | None = None) -> Rendered:
        """The prompt and its tokens; raises `Cancelled`."""
        ...

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[Event]:
        """The reply, ending with one `Finished`."""
        ...


def run_turn(
    engine: Engine,
    model: ModelReference,
    options: LoadOptions,
    request: GenerateRequest,
    cancel: CancelToken,
) -> Iterator[Event]:
    """Answer `request` with `model`: one `Started` first, one `Finished` last.

    Prompt and wanted reply are held against the window before a token is generated.
    """
    yield Started(model.name)
    try:
        loaded = yield from engine.load(model, options, cancel)
        able, request = loaded.capabilities, replace(request, model=loaded.model)
        tokens = engine.render(request, cancel).tokens
        check_window(tokens, request.sampling.max_tokens, able.window, able.largest_window)
    except Cancelled:
        yield Finished("cancelled", Assembly().message())
        return
    except EngineError as error:
        yield from ended_by_error(error)
        return
    for event in engine.generate(request, cancel):
        yield replace(event, load_ms=loaded.load_ms) if isinstance(event, Usage) else event
