"""Exit codes, mapped in one place from what happened."""

from typing import Final

from ..engine.events import FinishReason

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
TOO_LONG: Final = 4
ENGINE: Final = 5
REFUSED: Final = 7
CUT_SHORT: Final = 8
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141
TERMINATED: Final = 143

MEANINGS: Final[dict[int, str]] = {
    OK: "done",
    FAILED: "another error; stopped by `--timeout`; no code block for `-x`",
    USAGE: "the command line, the settings or the input are wrong",
    NOT_FOUND: "no such model, or the file is none",
    TOO_LONG: "the prompt does not fit the context",
    ENGINE: "the engine failed, or ran out of memory",
    REFUSED: "the model's file may not be read",
    CUT_SHORT: "the reply was cut by its length, with `--strict`",
    INTERRUPTED: "interrupted (Ctrl-C)",
    BROKEN_PIPE: "the reader of the output went away",
    TERMINATED: "terminated",
}

_BY_KIND: dict[str, int] = {
    "model_not_found": NOT_FOUND,
    "context_overflow": TOO_LONG,
    "not_permitted": REFUSED,
    "invalid_option": USAGE,
    "unsupported": USAGE,
}


def of_error(kind: str) -> int:
    """The exit code of an engine error by its kind; what is not the user's doing is 5."""
    return _BY_KIND.get(kind, ENGINE)


def of_finish(reason: FinishReason, *, strict: bool) -> int:
    """The exit code of a reply that ended by `reason`, without signals."""
    match reason:
        case "length":
            return CUT_SHORT if strict else OK
        case "cancelled":
            return FAILED
        case "error":
            return ENGINE
        case _:
            return OK
