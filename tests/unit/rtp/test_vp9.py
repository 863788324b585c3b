"""VP9 payload descriptors: every combination of fields is read, and the right bytes patched."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp
from sfu.rtp.codecs import marker_for, vp9
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.packet import RtpPacket
from sfu.rtp.rewrite import Rewrite, rewritten


def packet_with(payload: bytes, *, marker: bool = False, padding: int = 0) -> RtpPacket:
    data = rtp.write(
        payload_type=98,
        sequence_number=1,
        timestamp=2,
        ssrc=3,
        payload=payload,
        marker=marker,
        padding=padding,
    )
    return rtp.parse(data)


def marked(payload: bytes, *, marker: bool = False) -> PayloadMark:
    return vp9.mark(packet_with(payload, marker=marker))


@st.composite
def descriptors(draw: st.DrawFn, group: bool = True) -> tuple[bytes, dict[str, int | bool]]:
    """The bytes of a descriptor, sometimes with a picture group, and what must be read from it."""
    flexible, predicted, start, end = (draw(st.booleans()) for _ in range(4))
    first = predicted << 6 | flexible << 4 | start << 3 | end << 2 | draw(st.integers(0, 1))
    body = b""
    picture_id = draw(st.none() | st.integers(0, 127) | st.integers(0, 0x7FFF))
    long = picture_id is not None and (picture_id > 127 or draw(st.booleans()))
    if picture_id is not None:
        first |= 0x80
        body += (0x8000 | picture_id).to_bytes(2, "big") if long else bytes([picture_id])
    temporal, spatial, switching, tl0picidx = 0, 0, False, -1
    if draw(st.booleans()):
        first |= 0x20
        temporal, spatial = draw(st.integers(0, 7)), draw(st.integers(0, 7))
        switching = draw(st.booleans())
        body += bytes([temporal << 5 | switching << 4 | spatial << 1 | draw(st.integers(0, 1))])
        if not flexible:
            tl0picidx = draw(st.integers(0, 255))
            body += bytes([tl0picidx])
    if flexible and predicted:
        distances = draw(st.lists(st.integers(0, 127), min_size=1, max_size=3))
        more = [1] * (len(distances) - 1) + [0]
        body += bytes(distance << 1 | one for distance, one in zip(distances, more, strict=True))
    height = 0
    if draw(st.booleans()):
        first |= 0x02
        sizes = draw(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=8))
        sized, grouped = draw(st.booleans()), group and draw(st.booleans())
        body += bytes([(len(sizes) - 1) << 5 | sized << 4 | grouped << 3])
        if sized:
            height = sizes[-1]
            body += b"".join(b"\x12\x34" + size.to_bytes(2, "big") for size in sizes)
        if grouped:
            body += b"\x02\x00\x24\x01"
    return bytes([first]) + body, {
        "keyframe": start and not predicted and spatial == 0,
        "start_of_frame": start,
        "end_of_frame": end,
        "temporal_id": temporal,
        "spatial_id": spatial,
        "switching_point": switching,
        "picture_id": -1 if picture_id is None else picture_id,
        "picture_id_long": long,
        "tl0picidx": tl0picidx,
        "height": height,
    }


@given(descriptors(), st.binary(max_size=20))
def test_what_is_written_is_read_back(
    descriptor: tuple[bytes, dict[str, int | bool]], rest: bytes
) -> None:
    head, expected = descriptor
    mark = marked(head + rest)
    assert {field: getattr(mark, field) for field in expected} == expected


@given(descriptors(), st.binary(max_size=20), st.integers(0, 0x7FFF), st.integers(0, 255))
def test_the_numbers_are_replaced_in_place_and_nothing_else(
    descriptor: tuple[bytes, dict[str, int | bool]], rest: bytes, picture_id: int, tl0picidx: int
) -> None:
    head, expected = descriptor
    packet = packet_with(head + rest)
    packet.mark = before = vp9.mark(packet)
    rewrite = Rewrite(9, 100, 7, 8, picture_id=picture_id, tl0picidx=tl0picidx)
    out = rtp.parse(rewritten(packet, rewrite, b""))
    after = vp9.mark(out)
    assert out.data.endswith(rest)
    assert len(out.data) == len(packet.data)
    if before.picture_id >= 0:
        mask = 0x7FFF if before.picture_id_long else 0x7F
        assert after.picture_id == picture_id & mask
    if before.tl0picidx >= 0:
        assert after.tl0picidx == tl0picidx
    for field in ("keyframe", "temporal_id", "spatial_id", "height", "start_of_frame"):
        assert getattr(after, field) == expected[field]


@given(descriptors(group=False), st.integers(0, 40))
def test_a_descriptor_cut_short_is_malformed_even_with_padding_behind(
    descriptor: tuple[bytes, dict[str, int | bool]], padding: int
) -> None:
    head, _ = descriptor
    for size in range(len(head)):
        with pytest.raises(MalformedPacket) as malformed:
            vp9.mark(packet_with(head[:size], padding=padding))
        assert malformed.value.reason == "vp9-malformed"


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x80", b"\x80\x81", b"\x20\x00", b"\x50", b"\x50\x03\x03\x03", b"\x02", b"\x02\x10ab"],
)
def test_what_ends_too_soon_is_malformed(payload: bytes) -> None:
    for padding in (0, 16):
        with pytest.raises(MalformedPacket) as malformed:
            vp9.mark(packet_with(payload, padding=padding))
        assert malformed.value.reason == "vp9-malformed"


@given(st.binary(max_size=30))
def test_any_bytes_are_a_mark_or_malformed(payload: bytes) -> None:
    packet = packet_with(payload)
    with contextlib.suppress(MalformedPacket):
        mark = marker_for("VP9")(packet)
        assert mark.picture_id_offset < packet.payload_end
        assert mark.tl0picidx_offset < packet.payload_end


def test_a_key_picture_starts_with_its_lowest_layer() -> None:
    sizes = b"\x30\x01\x40\x00\xb4\x02\x80\x01\x68"  # 320x180 and 640x360
    key = marked(b"\xaa\x80\x05\x00\x18" + sizes + b"x")
    assert (key.keyframe, key.spatial_id, key.height) == (True, 0, 360)
    above = marked(b"\xa8\x80\x05\x03\x18x")
    assert (above.keyframe, above.start_of_frame, above.spatial_id) == (False, True, 1)


def test_the_frame_of_a_layer_ends_before_the_picture_does() -> None:
    assert marked(b"\xac\x05\x00\x18x", marker=False).end_of_frame
    assert not marked(b"\xa8\x05\x04\x18x", marker=True).end_of_frame
