"""What can go wrong below the surfaces, each with a sentence for the user and the next step.

    EngineError
    ├── ModelNotFound        no such model
    ├── ModelUnreadable      a file that is damaged, cut short, or of a kind that no backend reads
    ├── NotPermitted         a file that the user may not read
    ├── BackendMissing       the backend that this model needs cannot run here
    ├── InvalidOption        an option or field with a value that cannot be meant
    ├── Unsupported          a request that this model or backend cannot honour
    ├── ContextOverflow      prompt and wanted reply are larger than the window
    ├── OutOfMemory          the model does not fit in memory
    ├── WorkerDied           the process that runs the model ended unasked
    ├── ProtocolError        the other side of a connection does not speak our frames
    ├── GenerationFailed     the engine gave up in the middle of a reply
    └── Cancelled            the caller took the request back before it began

`kind` is the name on the wire; surfaces map it to exit codes and HTTP statuses.
"""

from collections.abc import Mapping
from typing import ClassVar, cast


class EngineError(Exception):
    """A failure with a sentence for the user (`message`) and the next step (`hint`, or empty)."""

    kind: ClassVar[str] = "engine"

    def __init__(
        self, message: str, hint: str = "", details: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details: dict[str, int] = dict(details or {})


class ModelNotFound(EngineError):
    kind = "model_not_found"


class ModelUnreadable(EngineError):
    kind = "model_unreadable"


class NotPermitted(EngineError):
    kind = "not_permitted"


class BackendMissing(EngineError):
    kind = "backend_missing"


class InvalidOption(EngineError):
    kind = "invalid_option"


class Unsupported(EngineError):
    kind = "unsupported"


class ContextOverflow(EngineError):
    kind = "context_overflow"


class OutOfMemory(EngineError):
    kind = "out_of_memory"


class WorkerDied(EngineError):
    kind = "worker_died"


class ProtocolError(EngineError):
    kind = "protocol"


class GenerationFailed(EngineError):
    kind = "generation_failed"


class Cancelled(EngineError):
    kind = "cancelled"


def no_threads() -> OutOfMemory:
    """The system gives this user no more threads."""
    return OutOfMemory(
        "The system gives the engine no more threads.",
        "Close other programs, or raise the limit (ulimit -u).",
    )


_KINDS: dict[str, type[EngineError]] = {
    error.kind: error
    for error in (
        EngineError,
        ModelNotFound,
        ModelUnreadable,
        NotPermitted,
        BackendMissing,
        InvalidOption,
        Unsupported,
        ContextOverflow,
        OutOfMemory,
        WorkerDied,
        ProtocolError,
        GenerationFailed,
        Cancelled,
    )
}


def to_wire(error: EngineError) -> dict[str, object]:
    """The JSON form of `error`: kind, message, hint and, where there are numbers, details."""
    wire: dict[str, object] = {"kind": error.kind, "message": error.message, "hint": error.hint}
    if error.details:
        wire["details"] = error.details
    return wire


def from_wire(wire: Mapping[str, object]) -> EngineError:
    """The error that `to_wire` wrote; an unknown kind becomes a plain `EngineError`."""
    error = _KINDS.get(str(wire.get("kind")), EngineError)
    details = cast(Mapping[str, int], wire.get("details") or {})
    return error(str(wire.get("message", "")), str(wire.get("hint", "")), details)
