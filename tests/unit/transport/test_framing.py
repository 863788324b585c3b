"""Frames out of a stream, however it arrives."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.transport.framing import MAX_FRAME_BYTES, Framing, framed

FRAMES = st.lists(st.binary(max_size=300) | st.just(bytes(MAX_FRAME_BYTES)), max_size=8)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


def read(parts: list[bytes]) -> tuple[list[bytes], str]:
    """The frames, and why it ended early."""
    framing, frames = Framing(), []
    for part in parts:
        framing.feed(part)
        try:
            while (frame := framing.next()) is not None:
                frames.append(frame)
        except MalformedPacket as malformed:
            return frames, malformed.reason
    return frames, ""


@given(FRAMES, st.lists(st.integers(min_value=0), max_size=20))
def test_any_pieces_give_the_same_frames(frames: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(framed, frames))
    assert read(pieces(stream, cuts)) == (frames, "")


@given(st.binary(max_size=5000), st.lists(st.integers(min_value=0), max_size=20))
def test_any_bytes_are_the_same_frames_or_the_same_end_in_any_pieces(
    stream: bytes, cuts: list[int]
) -> None:
    assert read(pieces(stream, cuts)) == read([stream])


def test_a_byte_at_a_time_is_enough() -> None:
    stream = framed(b"one") + framed(b"") + framed(b"three")
    assert read([bytes([byte]) for byte in stream]) == ([b"one", b"", b"three"], "")


def test_a_frame_that_is_too_long_ends_the_stream_before_it_has_come() -> None:
    framing = Framing()
    framing.feed(framed(b"good") + (MAX_FRAME_BYTES + 1).to_bytes(2, "big"))
    assert framing.next() == b"good"
    with pytest.raises(MalformedPacket, match="tcp-frame-length"):
        framing.next()


def test_what_was_read_is_not_kept() -> None:
    framing = Framing()
    for _ in range(100):
        framing.feed(framed(bytes(2000)))
        assert framing.next() is not None
    assert len(framing._buffer) <= 2 * (MAX_FRAME_BYTES + 2)
