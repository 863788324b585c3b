"""Headers read in native code: the same packets as in Python, and the same are malformed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp

parse = pytest.importorskip("sfu.transport._egress").parse


def parsed(data: bytes) -> Any:
    try:
        return rtp.parse(data)
    except MalformedPacket:
        return None


@given(
    st.sampled_from([0x80, 0x90, 0xA0, 0xB0, 0x9F, 0xBF, 0x40, 0x00]) | st.integers(0, 255),
    st.binary(max_size=80),
    st.sampled_from([b"", bytes([0xBE, 0xDE, 0, 1]), b"\0", b"\1", b"\xff"]),
)
@settings(max_examples=500, deadline=None)
def test_any_header_is_parsed_as_in_python(first, middle, end) -> None:
    for data in (bytes([first]) + middle + end, bytes([first]) + bytes(11) + end + middle):
        assert parse(rtp.RtpPacket, data) == parsed(data)


@given(
    st.binary(max_size=40),
    st.dictionaries(st.integers(1, 20), st.binary(max_size=20), max_size=3),
    st.lists(st.integers(0, 2**32 - 1), max_size=15),
    st.integers(0, 255),
    st.booleans(),
    st.integers(0, 0xFFFFFFFF),
)
@settings(max_examples=200, deadline=None)
def test_any_packet_is_parsed_as_in_python(
    payload, extensions, csrcs, padding, marker, ssrc
) -> None:
    data = rtp.write(
        payload_type=96,
        sequence_number=0xFFFF,
        timestamp=0xFFFFFFFF,
        ssrc=ssrc,
        payload=payload,
        marker=marker,
        extensions=extensions,
        csrcs=csrcs,
        padding=padding,
    )
    made = parse(rtp.RtpPacket, data)
    assert made == rtp.parse(data)
    assert all(
        type(getattr(made, name)) is type(getattr(parsed(data), name)) for name in made.__slots__
    )


def test_the_fields_of_a_parsed_packet_can_be_set() -> None:
    packet = parse(rtp.RtpPacket, bytes([0x80]) + bytes(11))
    assert (packet.mark, packet.dependency) == (None, None)
    packet.mark = packet.dependency = "read later"
    assert packet.mark == "read later"


@pytest.mark.parametrize("arguments", [(), (rtp.RtpPacket,), (1, b""), (rtp.RtpPacket, "x")])
def test_parse_says_what_it_takes(arguments) -> None:
    with pytest.raises(TypeError, match="a class and bytes"):
        parse(*arguments)
