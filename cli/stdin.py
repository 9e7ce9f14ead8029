"""What standard input means: the prompt, or nothing."""

import fcntl
import math
import os
import select
import stat
import time
from collections.abc import Callable

from . import exits
from .failure import Failure

LARGEST_INPUT = 16 << 20
_CHUNK = 1 << 16
_PATIENCE_SECONDS = 1.0


def compose(
    argument: str | None,
    *,
    read: bool,
    say: Callable[[str], None],
    deadline: float = math.inf,
) -> str:
    """The prompt: standard input, a blank line, then the argument, whichever there are.

    `read` is False where standard input is not wanted; `-` as argument asks for it by name.
    Raises `Failure` when there is no prompt at all, or the input has not ended by `deadline`, in
    seconds of the monotonic clock.
    """
    named = argument == "-"
    said = None if named or argument is None else check_text("The text", argument)
    piped = read_text(say, named=named, deadline=deadline) if read or named else None
    parts = [part for part in (piped, said) if part and part.strip()]
    if not parts:
        raise Failure(_nothing(piped, said), 'Say `llm ask "your question"`.', exits.USAGE)
    return "\n\n".join(parts)


def read_text(
    say: Callable[[str], None],
    *,
    named: bool = False,
    descriptor: int = 0,
    deadline: float = math.inf,
) -> str | None:
    """Everything on `descriptor` as text; None if it is a terminal, or a file half read.

    None too if it is open for writing only, as `nohup` leaves it.

    A file that someone has read from already belongs to them: `while read line` loops. `named`
    reads it all the same. After a second without data, `say` is told what is waited for.
    """
    if os.isatty(descriptor) and not named:
        return None
    if not named and (_write_only(descriptor) or _partly_read(descriptor)):
        return None
    data = _read_all(descriptor, say, deadline)
    if b"\0" in data:
        raise Failure("Standard input is binary, not text.", "Pipe text.", exits.USAGE)
    try:
        return data.decode("utf-8").removeprefix("\ufeff").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise Failure(
            f"Standard input is not UTF-8 text (byte {error.start}).",
            "Convert it, for example with `iconv -f latin1 -t utf-8`.",
            exits.USAGE,
        ) from None


def _read_all(descriptor: int, say: Callable[[str], None], deadline: float) -> bytes:
    pieces: list[bytes] = []
    size, said = 0, False
    while True:
        if not _ready(descriptor, min(_PATIENCE_SECONDS, deadline - time.monotonic())):
            if time.monotonic() >= deadline:
                raise Failure(
                    "Standard input did not end within --timeout.",
                    "--no-stdin leaves it alone.",
                    exits.FAILED,
                )
            if not said:
                end = "Ctrl-D ends it" if os.isatty(descriptor) else "--no-stdin leaves it alone"
                say(f"Waiting for standard input to end ({end}, Ctrl-C stops) ...")
                said = True
            continue
        try:
            data = os.read(descriptor, _CHUNK)
        except OSError as error:
            raise Failure(
                f"Standard input cannot be read: {error.strerror}.",
                "--no-stdin leaves it alone.",
                exits.FAILED,
            ) from None
        if not data:
            break
        pieces.append(data)
        size += len(data)
        if size > LARGEST_INPUT:
            raise Failure(
                f"Standard input goes on past {LARGEST_INPUT >> 20} MiB, more than a model reads.",
                "Pipe less, for example through `head -c 20000`.",
                exits.TOO_LONG,
            )
    return b"".join(pieces)


def _ready(descriptor: int, seconds: float) -> bool:
    """Whether there is something to read, or an end, within `seconds`."""
    return bool(select.select([descriptor], [], [], max(0.0, seconds))[0])


def _write_only(descriptor: int) -> bool:
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY


def _partly_read(descriptor: int) -> bool:
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        return os.lseek(descriptor, 0, os.SEEK_CUR) > 0
    except OSError:
        return False


def check_text(name: str, text: str) -> str:
    """`text`, if its bytes were UTF-8; `name` is what a `Failure` calls it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Failure(f"{name} is not valid UTF-8.", "", exits.USAGE) from None
    return text


def _nothing(piped: str | None, said: str | None) -> str:
    if piped is not None and said is None:
        return "Standard input is empty, so there is nothing to ask."
    if said is not None:
        return "The text is empty, so there is nothing to ask."
    return "There is nothing to ask."
