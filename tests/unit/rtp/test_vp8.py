"""What a VP8 packet tells beside its picture ids: the height of a keyframe, the end of a frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp import packet as rtp
from sfu.rtp.codecs import vp8
from sfu.rtp.codecs.mark import PayloadMark

START = b"\x10"  # a descriptor without extensions, first packet of partition 0


def marked(payload: bytes, *, marker: bool = False, padding: int = 0) -> PayloadMark:
    data = rtp.write(
        payload_type=96,
        sequence_number=1,
        timestamp=2,
        ssrc=3,
        payload=payload,
        marker=marker,
        padding=padding,
    )
    return vp8.mark(rtp.parse(data))


def keyframe(width: int, height: int) -> bytes:
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return b"\x50\x12\x00" + b"\x9d\x01\x2a" + size


@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 0x3FFF),
    st.integers(0, 3),
    st.sampled_from([START, b"\x90\x80\x11", b"\x90\x80\x91\x22", b"\x90\xe0\x91\x22\x05\x40"]),
    st.binary(max_size=20),
)
def test_a_keyframe_tells_its_height_whatever_comes_before_and_behind(
    width: int, height: int, scale: int, descriptor: bytes, rest: bytes
) -> None:
    mark = marked(descriptor + keyframe(width, scale << 14 | height) + rest)
    assert mark.keyframe
    assert mark.height == height


@pytest.mark.parametrize("size", range(1, 10))
def test_a_header_cut_short_is_a_keyframe_without_a_height(size: int) -> None:
    cut = START + keyframe(640, 360)[:size]
    for padding in (0, 4, 16):
        mark = marked(cut, padding=padding)
        assert (mark.keyframe, mark.height) == (True, 0)


def test_an_encrypted_header_has_no_height() -> None:
    mark = marked(START + b"\x50\x12\x00" + b"\xaa" * 30)
    assert (mark.keyframe, mark.height) == (True, 0)


def test_only_the_start_of_a_keyframe_tells_a_height() -> None:
    later = marked(b"\x00" + keyframe(640, 360))
    assert (later.keyframe, later.start_of_frame, later.height) == (False, False, 0)
    delta = marked(START + b"\x51" + keyframe(640, 360)[1:])
    assert (delta.keyframe, delta.start_of_frame, delta.height) == (False, True, 0)


def test_the_marker_bit_ends_the_frame() -> None:
    assert marked(START + b"\x51", marker=True).end_of_frame
    assert not marked(START + b"\x51").end_of_frame
