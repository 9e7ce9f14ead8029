"""Two ends of two pipes that carry frames."""

import os
import threading
from collections.abc import Iterator

from . import frames
from .frames import Frame, FrameReader

_CHUNK = 1 << 16


class Connection:
    """Reads in one thread, writes from any; owns both descriptors."""

    def __init__(self, read_from: int, write_to: int) -> None:
        self._read_from = read_from
        self._write_to = write_to
        self._lock = threading.Lock()
        self._writable = True

    def frames(self) -> Iterator[Frame]:
        """Frames until the other side closes; raises `ProtocolError` at what is none."""
        reader = FrameReader()
        while data := os.read(self._read_from, _CHUNK):
            yield from reader.feed(data)

    def send(self, frame: Frame) -> None:
        """Write one frame whole; raises `BrokenPipeError` when nobody reads any more."""
        data = memoryview(frames.encode(frame))
        with self._lock:
            if not self._writable:
                raise BrokenPipeError
            while data:
                data = data[os.write(self._write_to, data) :]

    def close_writing(self, patience: float = -1) -> bool:
        """Tell the other side that nothing more comes; a second call does nothing.

        Waits for a frame that is being written; False if that takes longer than `patience` seconds.
        """
        if not self._lock.acquire(timeout=patience):
            return False
        try:
            if self._writable:
                self._writable = False
                os.close(self._write_to)
        finally:
            self._lock.release()
        return True

    def close_reading(self) -> None:
        """Let the reading end go, once nobody reads from it."""
        os.close(self._read_from)
