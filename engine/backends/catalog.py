"""Which backend runs a reference; each is imported only when it is opened."""

from typing import assert_never

from ..backend import Backend
from ..errors import BackendMissing
from ..models.reference import ModelReference


def open_backend(reference: ModelReference) -> Backend:
    """A backend for `reference`, not loaded yet; `BackendMissing` if it cannot run here."""
    match reference.engine:
        case "echo":
            from .echo import Echo

            return Echo()
        case "llamacpp":
            try:
                from .llamacpp import LlamaCpp
            except ImportError as error:
                raise BackendMissing(
                    f"The llama.cpp engine cannot be imported: {error}.",
                    "Install the package anew; its dependency xllamacpp is missing or broken.",
                ) from None
            return LlamaCpp()
        case _:
            assert_never(reference.engine)
