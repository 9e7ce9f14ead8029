"""A light backend called in the caller's own process, with the face of a client."""

from collections.abc import Generator, Iterator

from .backend import Backend, Loaded, Rendered
from .backends.catalog import open_backend
from .cancel import CancelToken
from .errors import Cancelled, ProtocolError
from .events import Event, Progress
from .models.reference import ModelReference
from .options import LoadOptions
from .request import GenerateRequest


class InPlace:
    """One backend, loaded when asked."""

    def __init__(self) -> None:
        self._backend: Backend | None = None

    def load(
        self, model: ModelReference, options: LoadOptions, cancel: CancelToken
    ) -> Generator[Event, None, Loaded]:
        """As `Client.load`, but that a cancel is noticed when the load is done."""
        yield Progress("loading")
        backend = open_backend(model)
        backend.load(model, options)
        if cancel.is_set():
            raise Cancelled("Stopped while the model was loading.")
        self._backend = backend
        return Loaded(model.name, backend.capabilities, 0.0)

    def render(self, request: GenerateRequest, cancel: CancelToken | None = None) -> Rendered:
        """As `Client.render`."""
        del cancel
        return self._loaded().render(request)

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[Event]:
        """As `Client.generate`."""
        return self._loaded().generate(request, cancel)

    def _loaded(self) -> Backend:
        if self._backend is None:
            raise ProtocolError("No model is loaded.")
        return self._backend
