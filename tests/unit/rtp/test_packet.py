"""RTP packets, extensions and rewriting: every byte in its place, every lie refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp
from sfu.rtp.codecs import marker_for, vp8
from sfu.rtp.extensions import find_extension, parse_extensions, write_extensions
from sfu.rtp.rewrite import (
    ExtensionPlan,
    Rewrite,
    abs_send_time,
    extension_block,
    padding,
    retransmission,
    rewritten,
    stamped,
)
from sfu.rtp.rtx import unwrap_rtx

uint7, uint16, uint32 = st.integers(0, 127), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
short_elements = st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16))
any_elements = st.dictionaries(st.integers(1, 255), st.binary(max_size=255), max_size=6)


@given(
    uint7,
    uint16,
    uint32,
    uint32,
    st.binary(max_size=100),
    st.booleans(),
    st.one_of(short_elements, any_elements),
    st.lists(uint32, max_size=15),
    st.integers(0, 255),
)
def test_what_is_written_is_read_back(
    payload_type, number, timestamp, ssrc, payload, marker, elements, csrcs, padding
) -> None:
    packet = rtp.parse(
        rtp.write(
            payload_type=payload_type,
            sequence_number=number,
            timestamp=timestamp,
            ssrc=ssrc,
            payload=payload,
            marker=marker,
            extensions=elements,
            csrcs=csrcs,
            padding=padding,
        )
    )
    assert (packet.payload_type, packet.sequence_number, packet.timestamp) == (
        payload_type,
        number,
        timestamp,
    )
    assert (packet.ssrc, packet.marker) == (ssrc, marker)
    assert packet.data[packet.payload_offset : packet.payload_end] == payload
    assert parse_extensions(packet) == elements
    for identifier in range(1, 16):
        assert find_extension(packet, identifier) == elements.get(identifier)


@given(st.binary(max_size=120))
def test_any_bytes_are_a_packet_or_malformed(data: bytes) -> None:
    with contextlib.suppress(MalformedPacket):
        packet = rtp.parse(data)
        assert 12 <= packet.payload_offset <= packet.payload_end <= len(data)
        for codec in ("vp8", "h264", "opus", "unknown"):
            with contextlib.suppress(MalformedPacket):
                marker_for(codec)(packet)
        with contextlib.suppress(MalformedPacket):
            unwrap_rtx(packet, 1, 96)
        assert parse_extensions(packet) is not None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x80" * 11, "rtp-too-short"),
        (b"\x40" + bytes(11), "rtp-version"),
        (b"\x8f" + bytes(11), "rtp-csrc-overrun"),
        (b"\x90" + bytes(11), "rtp-extension-overrun"),
        (b"\x90" + bytes(11) + b"\xbe\xde\x00\x05", "rtp-extension-overrun"),
        (b"\xa0" + bytes(11) + b"\x00", "rtp-padding"),
        (b"\xa0" + bytes(11) + b"\x05", "rtp-padding"),
    ],
)
def test_lengths_that_point_outside_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedPacket) as malformed:
        rtp.parse(data)
    assert malformed.value.reason == reason


def test_an_extension_without_a_form_is_an_error() -> None:
    with pytest.raises(ValueError, match="no form"):
        write_extensions({1: bytes(256)})


# VP8 descriptors: extension byte, picture id of 7 or 15 bits or none, TL0PICIDX, TID byte.
descriptors = st.builds(
    lambda start, picture, tl0, tid: (
        bytes([(0x80 if picture is not None or tl0 is not None or tid is not None else 0) | start])
        + (
            bytes(
                [
                    (0x80 if picture is not None else 0)
                    | (0x40 if tl0 is not None else 0)
                    | (0x20 if tid is not None else 0)
                ]
            )
            if picture is not None or tl0 is not None or tid is not None
            else b""
        )
        + (
            b""
            if picture is None
            else bytes([picture])
            if picture < 128
            else (0x8000 | picture).to_bytes(2, "big")
        )
        + (b"" if tl0 is None else bytes([tl0]))
        + (b"" if tid is None else bytes([tid << 6])),
        picture,
        tl0,
        tid,
    ),
    st.sampled_from([0x10, 0x00]),
    st.none() | st.integers(0, 0x7FFF),
    st.none() | st.integers(0, 255),
    st.none() | st.integers(0, 3),
)


@given(descriptors, st.binary(min_size=1, max_size=40), st.integers(0, 0x7FFF), st.integers(0, 255))
def test_vp8_numbers_are_read_and_replaced_and_nothing_else(
    descriptor, rest: bytes, picture_id: int, tl0picidx: int
) -> None:
    head, picture, tl0, tid = descriptor
    packet = rtp.parse(
        rtp.write(payload_type=96, sequence_number=1, timestamp=2, ssrc=3, payload=head + rest)
    )
    packet.mark = mark = vp8.mark(packet)
    assert mark.picture_id == (-1 if picture is None else picture)
    assert mark.tl0picidx == (-1 if tl0 is None else tl0)
    assert mark.temporal_id == (tid or 0)
    assert mark.keyframe is (head[0] & 0x10 != 0 and rest[0] & 1 == 0)
    out = rtp.parse(rewritten(packet, Rewrite(9, 120, 7, 8, (), picture_id, tl0picidx), b""))
    again = vp8.mark(out)
    if picture is not None:
        assert again.picture_id == (picture_id if mark.picture_id_long else picture_id & 0x7F)
    if tl0 is not None:
        assert again.tl0picidx == tl0picidx
    assert out.payload_end - out.payload_offset == len(head + rest)
    assert out.data.endswith(rest)
    assert (out.ssrc, out.payload_type, out.sequence_number, out.timestamp) == (9, 120, 7, 8)


@given(
    short_elements,
    st.binary(max_size=50),
    st.booleans(),
    st.lists(uint32, max_size=3),
    st.integers(0, 9),
    st.lists(st.integers(1, 14), unique=True, max_size=14),
)
def test_a_copy_carries_the_payload_and_the_mapped_extensions_only(
    elements, payload, marker, csrcs, padding, outgoing
) -> None:
    packet = rtp.parse(
        rtp.write(
            payload_type=96,
            sequence_number=1,
            timestamp=2,
            ssrc=3,
            payload=payload,
            marker=marker,
            extensions=elements,
            csrcs=csrcs,
            padding=padding,
        )
    )
    mapping = tuple(enumerate(outgoing, 1))
    plan = ExtensionPlan(mapping)
    block = extension_block(packet, plan).data
    out = rtp.parse(rewritten(packet, Rewrite(9, 120, 7, 8, plan), block))
    assert out.data[out.payload_offset : out.payload_end] == payload
    assert out.payload_end == len(out.data)
    assert out.marker is marker
    assert parse_extensions(out) == {
        theirs: elements[ours] for ours, theirs in mapping if ours in elements
    }
    rtx = rtp.parse(retransmission(packet, Rewrite(9, 120, 7, 8, plan), block, 10, 121, 99))
    assert (rtx.ssrc, rtx.payload_type, rtx.sequence_number) == (10, 121, 99)
    assert unwrap_rtx(rtx, 9, 120).data == out.data


@given(
    st.dictionaries(st.integers(1, 14), st.binary(min_size=3, max_size=40), max_size=5),
    st.lists(st.integers(1, 15), min_size=3, max_size=3, unique=True),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
)
def test_each_copy_stamps_its_own_numbers_and_nothing_else(
    elements, ids, transport_sequence, frame_number
) -> None:
    packet = rtp.parse(
        rtp.write(
            payload_type=96,
            sequence_number=1,
            timestamp=2,
            ssrc=3,
            payload=b"x",
            extensions=elements,
        )
    )
    transport_cc, send_time, dependency = ids
    plan = ExtensionPlan(((1, dependency),), transport_cc, send_time, dependency)
    block = extension_block(packet, plan)
    head = stamped(block, transport_sequence, abs_send_time(65.5), frame_number)
    out = parse_extensions(rtp.parse(rewritten(packet, Rewrite(9, 120, 7, 8, plan), head)))
    assert int.from_bytes(out.pop(transport_cc), "big") == transport_sequence
    assert out.pop(send_time) == (int(1.5 * 2**18)).to_bytes(3, "big")
    if 1 in elements:
        value = elements[1]
        assert out.pop(dependency) == value[:1] + frame_number.to_bytes(2, "big") + value[3:]
    assert out == {}


def test_an_empty_copy_keeps_only_its_place() -> None:
    data = rtp.write(
        payload_type=96, sequence_number=1, timestamp=2, ssrc=3, payload=b"xyz", marker=True
    )
    out = rtp.parse(rewritten(rtp.parse(data), Rewrite(9, 120, 7, 8, empty=True), b""))
    assert (out.sequence_number, out.marker, out.payload_end - out.payload_offset) == (7, False, 0)


def test_padding_is_only_padding() -> None:
    data = padding(size=255, ssrc=1, payload_type=97, sequence_number=5, timestamp=6, block=b"")
    out = rtp.parse(data)
    assert len(data) == 12 + 255
    assert out.payload_end == out.payload_offset


def test_a_retransmission_without_its_number_is_refused() -> None:
    packet = rtp.parse(
        rtp.write(payload_type=97, sequence_number=1, timestamp=2, ssrc=3, payload=b"x")
    )
    with pytest.raises(MalformedPacket):
        unwrap_rtx(packet, 1, 96)


def test_h264_keyframes() -> None:
    def mark(payload: bytes):
        data = rtp.write(payload_type=96, sequence_number=1, timestamp=2, ssrc=3, payload=payload)
        return marker_for("H264")(rtp.parse(data))

    sps, idr, slice_ = b"\x67abc", b"\x65abc", b"\x41abc"
    assert mark(sps).keyframe
    assert mark(idr).keyframe
    assert not mark(slice_).keyframe
    assert mark(b"\x78\x00\x04" + sps + b"\x00\x04" + idr).keyframe
    assert not mark(b"\x78\x00\x04" + slice_).keyframe
    assert mark(b"\x7c\x85abc").keyframe
    assert not mark(b"\x7c\x05abc").keyframe
    assert not mark(b"\x7c\x81abc").keyframe
    for broken in (b"\x7c", b"\x78\x00", b"\x78\x00\x09abc", b"\x78\x00\x00"):
        with pytest.raises(MalformedPacket):
            mark(broken)
