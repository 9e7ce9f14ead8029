"""The header of a GGUF file, also a hostile one."""

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localm.engine.errors import ModelNotFound, ModelUnreadable
from localm.engine.models.gguf import Header, read_header


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def header(*pairs: bytes, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(pairs)) + b"".join(pairs)


ARCHITECTURE = text("general.architecture") + struct.pack("<I", 8) + text("qwen3")
CONTEXT = text("qwen3.context_length") + struct.pack("<II", 4, 2048)
TAGS = text("general.tags") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("bc")
FLOATS = text("some.floats") + struct.pack("<IIQ3f", 9, 6, 3, 1.0, 2.0, 3.0)


def read(folder: Path, data: bytes) -> Header:
    path = folder / "model.gguf"
    path.write_bytes(data)
    return read_header(path)


def test_architecture_and_context_are_found(tmp_path: Path) -> None:
    assert read(tmp_path, header(ARCHITECTURE, TAGS, FLOATS, CONTEXT)) == Header("qwen3", 2048)


def test_what_is_not_there_is_unknown(tmp_path: Path) -> None:
    assert read(tmp_path, header(ARCHITECTURE, TAGS)) == Header("qwen3", None)


def test_a_real_file_is_read(tiny_model: Path) -> None:
    assert read_header(tiny_model) == Header("qwen2", 32768)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + b"\0" * 100, "not a GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"<!DOCTYPE html><html></html>", "the download went wrong"),
        (b"GGUF\x03", "cut short"),
        (header(version=99), "version 99"),
    ],
)
def test_what_is_no_model_is_said(tmp_path: Path, data: bytes, word: str) -> None:
    with pytest.raises((ModelNotFound, ModelUnreadable)) as caught:
        read(tmp_path, data)
    assert word in f"{caught.value.message} {caught.value.hint}"


def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable):
        read_header(tmp_path / "missing.gguf")


@settings(max_examples=200)
@given(st.data())
def test_damage_never_crashes_or_hangs(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(header(ARCHITECTURE, TAGS, FLOATS, CONTEXT))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    path = tmp_path_factory.getbasetemp() / "damaged.gguf"
    path.write_bytes(bytes(whole[:cut]))
    with contextlib.suppress(ModelNotFound, ModelUnreadable):
        read_header(path)
