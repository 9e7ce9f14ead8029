"""The port to whatever runs a model: a few methods, the same for every backend.

A backend inherits from nothing; it raises `EngineError`s from `load` and `render`, and says
them as events in `generate`.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Protocol

from .cancel import CancelToken
from .events import Event
from .models.reference import ModelReference
from .options import LoadOptions
from .request import GenerateRequest


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a loaded model can do.

    `window` is what one request may use, `largest_window` what the model was made for; both in
    tokens.
    """

    window: int
    largest_window: int
    thinking: bool
    thinking_switch: bool
    tools: bool

    def to_wire(self) -> dict[str, object]:
        """The JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt by the model's own template, and how many tokens its tokenizer makes of it."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that can answer: its handle for requests, what it can do, how long loading took."""

    model: str
    capabilities: Capabilities
    load_ms: float


class Backend(Protocol):
    """One loaded model."""

    @property
    def capabilities(self) -> Capabilities:
        """What the loaded model can do."""
        ...

    def load(self, reference: ModelReference, options: LoadOptions) -> None:
        """Load the model; blocks until it can answer."""
        ...

    def render(self, request: GenerateRequest) -> Rendered:
        """The prompt of `request`, before generating."""
        ...

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[Event]:
        """Thoughts, answer, calls and usage, then one `Finished`; several may run at once."""
        ...
