"""RTCP: every message is read back as it was written, and no bytes can do harm."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.rtp.feedback import Fir, Nack, Pli, Remb
from sfu.rtp.rtcp import (
    MAX_PACKETS,
    Bye,
    ReceiverReport,
    ReportBlock,
    Sdes,
    SenderReport,
    ntp_from_unix,
    ntp_middle,
    parse_compound,
    write_compound,
)
from sfu.rtp.transport_cc import TransportFeedback

uint32 = st.integers(0, 0xFFFFFFFF)
uint16 = st.integers(0, 0xFFFF)
blocks = st.lists(
    st.builds(
        ReportBlock,
        uint32,
        st.integers(0, 255),
        st.integers(-(1 << 23), (1 << 23) - 1),
        uint32,
        uint32,
        uint32,
        uint32,
    ),
    max_size=31,
)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)


@st.composite
def feedbacks(draw) -> TransportFeedback:
    arrivals: list[int | None] = []
    time = 0
    for _ in range(draw(st.integers(1, 60))):
        if draw(st.booleans()):
            time += draw(st.sampled_from([0, 1, 200, 255, 256, -100, 5000, -5000, 32767]))
            arrivals.append(time)
        else:
            arrivals.append(None)
    return TransportFeedback(
        draw(uint32),
        draw(uint32),
        draw(uint16),
        draw(st.integers(0, 255)),
        draw(st.integers(-(1 << 23), (1 << 23) - 1)),
        arrivals,
    )


packets = st.one_of(
    st.builds(SenderReport, uint32, st.integers(0, (1 << 64) - 1), uint32, uint32, uint32, blocks),
    st.builds(ReceiverReport, uint32, blocks),
    st.builds(Sdes, st.lists(st.tuples(uint32, names), max_size=5)),
    st.builds(Bye, st.lists(uint32, min_size=1, max_size=31)),
    st.builds(Pli, uint32, uint32),
    st.builds(Fir, uint32, st.lists(st.tuples(uint32, st.integers(0, 255)), max_size=5)),
    st.builds(Remb, uint32, st.integers(0, (1 << 18) - 1), st.lists(uint32, max_size=5)),
    feedbacks(),
)


@given(st.lists(packets, min_size=1, max_size=6))
def test_what_is_written_is_read_back(compound) -> None:
    data = write_compound(compound)
    assert len(data) % 4 == 0
    assert parse_compound(data) == compound


@given(uint32, uint32, st.lists(uint16, min_size=1, max_size=100, unique=True))
def test_a_nack_lists_the_same_numbers(sender, media, lost) -> None:
    (parsed,) = parse_compound(Nack(sender, media, sorted(lost)).write())
    assert isinstance(parsed, Nack)
    assert (parsed.sender_ssrc, parsed.media_ssrc) == (sender, media)
    assert sorted(parsed.lost) == sorted(lost)


def test_a_nack_is_compact() -> None:
    assert len(Nack(1, 2, list(range(65530, 65536)) + list(range(11))).write()) == 16


@given(st.integers(0, 1 << 62))
def test_remb_keeps_eighteen_bits(bitrate: int) -> None:
    (parsed,) = parse_compound(Remb(1, bitrate, []).write())
    assert isinstance(parsed, Remb)
    assert parsed.bitrate <= bitrate < parsed.bitrate * (1 + 2**-17) + 1


@given(st.binary(max_size=200))
def test_any_bytes_are_packets_or_malformed(data: bytes) -> None:
    with contextlib.suppress(MalformedPacket):
        assert len(parse_compound(data)) <= MAX_PACKETS


@given(packets, st.data())
def test_a_cut_packet_is_malformed(packet, data) -> None:
    whole = packet.write()
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(MalformedPacket):
        parse_compound(whole[:end])


@given(st.binary(min_size=4, max_size=120), st.sampled_from(range(200, 208)), st.integers(0, 31))
def test_random_bodies_raise_nothing_else(body: bytes, kind: int, count: int) -> None:
    body = body[: len(body) // 4 * 4]
    data = bytes([0x80 | count, kind]) + (len(body) // 4).to_bytes(2, "big") + body
    with contextlib.suppress(MalformedPacket):
        parse_compound(data)


def test_too_many_packets_are_refused() -> None:
    with pytest.raises(MalformedPacket):
        parse_compound(Pli(1, 2).write() * (MAX_PACKETS + 1))


def test_unknown_packets_are_skipped() -> None:
    application = bytes([0x80, 204, 0, 2]) + bytes(8)
    assert parse_compound(application + Pli(1, 2).write()) == [Pli(1, 2)]


def test_arrivals_too_far_apart_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        TransportFeedback(1, 2, 3, 4, 5, [0, 40000]).write()


def test_ntp_times() -> None:
    assert ntp_from_unix(0.5) == 2208988800 << 32 | 1 << 31
    assert ntp_middle(0x1111222233334444) == 0x22223333
