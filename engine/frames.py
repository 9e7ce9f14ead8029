"""The protocol between a front end, a host and a worker: one JSON object per line.

First a `hello` in each direction; then `request {id, op, ...}` one way, and `event {id, event}`
and one `reply {id, result | error}` the other. `generate` has events only: its `Finished` is
its end. Ops: load, generate, cancel, render, status, stop.
"""

import json
from collections.abc import Iterator, Mapping
from typing import cast

from .errors import ContextOverflow, ProtocolError

PROTOCOL = 1
LARGEST_FRAME = 64 << 20
Frame = Mapping[str, object]


def encode(frame: Frame) -> bytes:
    """One line; raises `ContextOverflow` for a frame that the other side would refuse."""
    line = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    if len(line) >= LARGEST_FRAME:
        raise ContextOverflow(
            f"The request has {len(line):,} bytes; the engine takes less than {LARGEST_FRAME:,}.",
            "Shorten the prompt.",
        )
    return line + b"\n"


def hello(build: str) -> Frame:
    """The first frame in each direction."""
    return {"frame": "hello", "protocol": PROTOCOL, "build": build}


def request(id: int, op: str, fields: Frame) -> Frame:
    """Ask for `op`; its answers carry `id`."""
    return {"frame": "request", "id": id, "op": op, **fields}


def event(id: int, wire: Frame) -> Frame:
    """One event of the request `id`."""
    return {"frame": "event", "id": id, "event": wire}


def result(id: int, fields: Frame) -> Frame:
    """The request `id` is done."""
    return {"frame": "reply", "id": id, "result": fields}


def failure(id: int, wire: Frame) -> Frame:
    """The request `id` failed."""
    return {"frame": "reply", "id": id, "error": wire}


class FrameReader:
    """Cuts a stream of bytes, in pieces of any size, into frames."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes; raises `ProtocolError` at what is none."""
        *lines, rest = data.split(b"\n")
        for line in lines:
            whole = b"".join((*self._pieces, line))
            self._pieces, self._size = [], 0
            yield _decode(whole)
        if rest:
            self._pieces.append(rest)
            self._size += len(rest)
        if self._size > LARGEST_FRAME:
            raise ProtocolError("A frame is larger than 64 MiB.")


def _decode(line: bytes) -> Frame:
    try:
        frame = json.loads(line.decode("utf-8", "surrogatepass"))
    except (RecursionError, ValueError):
        raise ProtocolError(f"This is no frame: {line[:80]!r}.") from None
    if (
        not isinstance(frame, dict)
        or "frame" not in frame
        or not isinstance(frame.get("id", 0), int)
    ):
        raise ProtocolError(f"This is no frame: {line[:80]!r}.")
    return cast(Frame, frame)
