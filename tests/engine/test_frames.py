"""Frames: one JSON object a line, whatever pieces they arrive in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localm.engine import frames
from localm.engine.errors import ContextOverflow, ProtocolError
from localm.engine.frames import FrameReader

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
some_frames = st.dictionaries(st.text(), json_values, max_size=4).map(
    lambda fields: {**fields, "frame": "event"}
)


@given(st.lists(some_frames, max_size=5), st.lists(st.integers(1, 50), min_size=1))
def test_frames_arrive_whole_however_they_are_cut(
    sent: list[dict[str, object]], sizes: list[int]
) -> None:
    data = b"".join(frames.encode(frame) for frame in sent)
    reader, got, at = FrameReader(), list[frames.Frame](), 0
    while at < len(data):
        size = sizes[at % len(sizes)]
        got.extend(reader.feed(data[at : at + size]))
        at += size
    assert got == sent


def test_every_split_point_of_a_frame_is_survived() -> None:
    frame = frames.event(7, {"type": "assistant", "text": "naïve 🙂\n\u2028 line"})
    data = frames.encode(frame)
    for cut in range(len(data) + 1):
        reader = FrameReader()
        assert [*reader.feed(data[:cut]), *reader.feed(data[cut:])] == [frame]


def test_a_newline_in_a_text_stays_inside_its_frame() -> None:
    assert frames.encode({"frame": "event", "text": "a\nb"}).count(b"\n") == 1


def test_half_a_character_pair_survives() -> None:
    frame = {"frame": "event", "text": "\ud83d"}
    assert list(FrameReader().feed(frames.encode(frame))) == [frame]


@pytest.mark.parametrize("line", [b"garbage\n", b"[1]\n", b"{}\n", b"\xff\xfe\n", b"\n"])
def test_what_is_no_frame_is_a_protocol_error(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        list(FrameReader().feed(line))


def test_a_frame_without_end_is_refused_before_memory_runs_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames, "LARGEST_FRAME", 1000)
    reader = FrameReader()
    for _ in range(10):
        assert list(reader.feed(b"x" * 100)) == []
    with pytest.raises(ProtocolError):
        list(reader.feed(b"x"))


def test_a_frame_too_large_to_be_read_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "LARGEST_FRAME", 1000)
    with pytest.raises(ContextOverflow, match=r"1,0\d\d bytes"):
        frames.encode({"frame": "event", "text": "x" * 1000})
