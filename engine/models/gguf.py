"""The first facts in a GGUF file's header, read without loading the model.

Bounded: at most the first `HEADER_BYTES` are read, and a hostile length leads nowhere. Format:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelNotFound, ModelUnreadable, NotPermitted

HEADER_BYTES = 1 << 20
_LATEST_VERSION = 3
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_INTEGERS = {4: "<I", 5: "<i", 10: "<Q", 11: "<q"}
_STRING, _ARRAY = 8, 9


@dataclass(frozen=True, slots=True)
class Header:
    """What was found; None where the key is missing or lies too far in."""

    architecture: str | None
    context_length: int | None


def read_header(path: Path) -> Header:
    """Read the header of `path`.

    Raises `NotPermitted`, `ModelNotFound` if it is no GGUF file, and `ModelUnreadable` if it cannot
    be opened, is empty or cut short, or of a version that is not known.
    """
    try:
        with path.open("rb") as file:
            data = file.read(HEADER_BYTES)
    except PermissionError:
        raise NotPermitted(
            f"{path} may not be read.", "Change its permissions, or copy it to where you may."
        ) from None
    except OSError as error:
        raise ModelUnreadable(f"{path} cannot be read: {error.strerror}.") from None
    if not data:
        raise ModelUnreadable(f"{path} is empty.", "Download it once more.")
    if data[:4] != b"GGUF":
        raise ModelNotFound(f"{path} is not a GGUF file.", _hint(path, data))
    if len(data) < 24:
        raise ModelUnreadable(f"{path} is cut short.", "Download it once more.")
    version, _, pairs = struct.unpack_from("<IQQ", data, 4)
    if not 2 <= version <= _LATEST_VERSION:
        raise ModelUnreadable(f"{path} has GGUF version {version}, which is not known here.")
    return _find(_Cursor(data, 24), pairs)


def _hint(path: Path, data: bytes) -> str:
    """What to do about a file that looks like something else."""
    if data.startswith(b"version https://git-lfs"):
        return "It only points to the file: fetch that with `git lfs pull`."
    if data.lstrip()[:1] == b"<":
        return "It is a web page: the download went wrong."
    if path.suffix in (".safetensors", ".bin", ".pt", ".pth"):
        return "It is made for other programs: look for a GGUF version of the model."
    return "Give the path of a GGUF file."


def _find(cursor: "_Cursor", pairs: int) -> Header:
    architecture: str | None = None
    context: int | None = None
    try:
        for _ in range(pairs):
            key = cursor.text()
            kind = cursor.number("<I")
            if key == "general.architecture" and kind == _STRING:
                architecture = cursor.text()
            elif key.endswith(".context_length") and kind in _INTEGERS:
                context = cursor.number(_INTEGERS[kind])
            else:
                cursor.skip(kind)
            if architecture is not None and context is not None:
                break
    except (struct.error, ValueError):
        pass  # cut off or odd: the engine judges the whole file when it loads it
    return Header(architecture, context)


class _Cursor:
    """Reads values one after another; `struct.error` or `ValueError` where they do not fit."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self._position = position

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._data, self._position)
        self._position += struct.calcsize(form)
        return int(value)

    def text(self) -> str:
        length = self.number("<Q")
        start = self._position
        self._advance(length)
        return self._data[start : self._position].decode("utf-8", "replace")

    def skip(self, kind: int) -> None:
        if kind == _STRING:
            self._advance(self.number("<Q"))
        elif kind == _ARRAY:
            inner, count = self.number("<I"), self.number("<Q")
            if inner in _SIZES:
                self._advance(count * _SIZES[inner])
            elif inner == _STRING:
                for _ in range(count):
                    self.skip(_STRING)
            else:
                raise ValueError("an array of arrays")
        elif kind in _SIZES:
            self._advance(_SIZES[kind])
        else:
            raise ValueError(f"unknown value type {kind}")

    def _advance(self, size: int) -> None:
        if size > len(self._data) - self._position:
            raise ValueError("past the end")
        self._position += size
