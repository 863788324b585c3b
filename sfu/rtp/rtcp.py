"""RTCP compound packets (RFC 3550 section 6): reports, descriptions, goodbyes, feedback."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from sfu.errors import MalformedPacket
from sfu.rtp.feedback import PSFB, RTPFB, Fir, Nack, Pli, Remb, parse_psfb, parse_rtpfb_nack
from sfu.rtp.transport_cc import MAX_FATES, TransportFeedback, parse_transport_feedback

_SR, _RR, _SDES, _BYE = 200, 201, 202, 203
_NACK, _TRANSPORT_CC = 1, 15
_CNAME = 1

_HEADER = struct.Struct("!BBH")
_SENDER = struct.Struct("!IQIII")
_BLOCK = struct.Struct("!IIIIII")
_UINT32 = struct.Struct("!I")

# More packets than any browser puts into one datagram; the smallest one has four bytes.
MAX_PACKETS = 64
# A NACK asks for what is still kept, at most 1,024 packets; browsers list up to 1,000.
MAX_NACKED = 1024
# Seconds from the NTP era (1900) to the Unix epoch.
_NTP_EPOCH = 2_208_988_800


@dataclass(slots=True)
class ReportBlock:
    """What a receiver says of one SSRC; ``delay_since_last_sr`` in 1/65536 s, jitter in ticks."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest_sequence: int
    jitter: int
    last_sr: int
    delay_since_last_sr: int

    def write(self) -> bytes:
        """The 24 bytes of a block."""
        return _BLOCK.pack(
            self.ssrc,
            self.fraction_lost << 24 | self.lost & 0xFFFFFF,
            self.highest_sequence,
            self.jitter,
            self.last_sr,
            self.delay_since_last_sr,
        )


@dataclass(slots=True)
class SenderReport:
    """Relates RTP timestamps to the sender's clock (``ntp``: 64 bits, 32 of them fraction)."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    blocks: list[ReportBlock]

    def write(self) -> bytes:
        """The packet."""
        sender = _SENDER.pack(
            self.ssrc, self.ntp, self.rtp_timestamp, self.packet_count, self.octet_count
        )
        return _packet(_SR, len(self.blocks), sender + _blocks(self.blocks))


@dataclass(slots=True)
class ReceiverReport:
    """Report blocks of somebody who sends nothing."""

    ssrc: int
    blocks: list[ReportBlock]

    def write(self) -> bytes:
        """The packet."""
        return _packet(_RR, len(self.blocks), _UINT32.pack(self.ssrc) + _blocks(self.blocks))


@dataclass(slots=True)
class Sdes:
    """Canonical names: pairs of SSRC and CNAME; other items are not kept."""

    chunks: list[tuple[int, str]]

    def write(self) -> bytes:
        """The packet; a name is cut at 255 bytes."""
        body = bytearray()
        for ssrc, name in self.chunks:
            text = name.encode()[:255]
            body += _UINT32.pack(ssrc) + bytes([_CNAME, len(text)]) + text
            body += bytes(4 - len(body) % 4)
        return _packet(_SDES, len(self.chunks), bytes(body))


@dataclass(slots=True)
class Bye:
    """Sources that end; the reason is not kept."""

    ssrcs: list[int]

    def write(self) -> bytes:
        """The packet."""
        body = struct.pack(f"!{len(self.ssrcs)}I", *self.ssrcs)
        return _packet(_BYE, len(self.ssrcs), body)


RtcpPacket = (
    SenderReport | ReceiverReport | Sdes | Bye | Nack | Pli | Fir | Remb | TransportFeedback
)


def ntp_from_unix(seconds: float) -> int:
    """The 64-bit NTP time of a Unix time."""
    return int((seconds + _NTP_EPOCH) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF


def ntp_middle(ntp: int) -> int:
    """The middle 32 bits, as report blocks carry them."""
    return ntp >> 16 & 0xFFFFFFFF


def write_compound(packets: Sequence[RtcpPacket]) -> bytes:
    """The packets one after the other."""
    return b"".join(packet.write() for packet in packets)


def parse_compound(data: bytes) -> list[RtcpPacket]:
    """All packets of a datagram that are known; reduced-size ones too (RFC 5506).

    Raises ``MalformedPacket`` when a length does not fit; nothing of the datagram counts then.
    """
    if len(data) < 4:
        raise MalformedPacket("rtcp-too-short")
    packets: list[RtcpPacket] = []
    position, size, seen = 0, len(data), 0
    fates = nacked = 0
    while position < size:
        if size - position < 4:
            raise MalformedPacket("rtcp-length")
        first, kind, words = _HEADER.unpack_from(data, position)
        if first & 0xC0 != 0x80:
            raise MalformedPacket("rtcp-version")
        end = position + 4 + 4 * words
        seen += 1
        if end > size or seen > MAX_PACKETS:
            raise MalformedPacket("rtcp-length")
        body = data[position + 4 : end]
        if first & 0x20:
            if not body or not body[-1] or body[-1] > len(body):
                raise MalformedPacket("rtcp-padding")
            body = body[: -body[-1]]
        packet = _parse_one(kind, first & 0x1F, body)
        if packet is not None:
            packets.append(packet)
        if isinstance(packet, TransportFeedback):
            fates += len(packet.arrivals)
        elif isinstance(packet, Nack):
            nacked += len(packet.lost)
        if fates > MAX_FATES or nacked > MAX_NACKED:
            raise MalformedPacket("rtcp-too-much")
        position = end
    return packets


def _parse_one(kind: int, count: int, body: bytes) -> RtcpPacket | None:
    if kind == _SR:
        if len(body) < _SENDER.size:
            raise MalformedPacket("rtcp-malformed")
        ssrc, ntp, timestamp, sent, octets = _SENDER.unpack_from(body)
        blocks = _parse_blocks(body, _SENDER.size, count)
        return SenderReport(ssrc, ntp, timestamp, sent, octets, blocks)
    if kind == _RR:
        if len(body) < 4:
            raise MalformedPacket("rtcp-malformed")
        return ReceiverReport(_UINT32.unpack_from(body)[0], _parse_blocks(body, 4, count))
    if kind == _SDES:
        return _parse_sdes(body, count)
    if kind == _BYE:
        if len(body) < 4 * count:
            raise MalformedPacket("rtcp-malformed")
        return Bye(list(struct.unpack_from(f"!{count}I", body)))
    if kind in (RTPFB, PSFB):
        if len(body) < 8:
            raise MalformedPacket("rtcp-malformed")
        sender_ssrc, media_ssrc = struct.unpack_from("!II", body)
        if kind == PSFB:
            return parse_psfb(count, sender_ssrc, media_ssrc, body[8:])
        if count == _NACK:
            return parse_rtpfb_nack(sender_ssrc, media_ssrc, body[8:])
        if count == _TRANSPORT_CC:
            return parse_transport_feedback(sender_ssrc, media_ssrc, body[8:])
    return None


def _parse_blocks(body: bytes, position: int, count: int) -> list[ReportBlock]:
    if len(body) < position + count * _BLOCK.size:
        raise MalformedPacket("rtcp-malformed")
    blocks = []
    for index in range(count):
        ssrc, losses, highest, jitter, last_sr, delay = _BLOCK.unpack_from(
            body, position + index * _BLOCK.size
        )
        lost = losses & 0xFFFFFF
        if lost & 0x800000:
            lost -= 1 << 24
        blocks.append(ReportBlock(ssrc, losses >> 24, lost, highest, jitter, last_sr, delay))
    return blocks


def _parse_sdes(body: bytes, count: int) -> Sdes:
    chunks: list[tuple[int, str]] = []
    position = 0
    for _ in range(count):
        if position + 4 > len(body):
            raise MalformedPacket("rtcp-malformed")
        (ssrc,) = _UINT32.unpack_from(body, position)
        position += 4
        while position < len(body) and body[position]:
            if position + 2 > len(body) or position + 2 + body[position + 1] > len(body):
                raise MalformedPacket("rtcp-malformed")
            kind, size = body[position], body[position + 1]
            if kind == _CNAME:
                text = body[position + 2 : position + 2 + size]
                chunks.append((ssrc, text.decode("utf-8", "replace")))
            position += 2 + size
        position += 4 - position % 4  # at least one zero ends the chunk, then to a word boundary
    return Sdes(chunks)


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _blocks(blocks: Sequence[ReportBlock]) -> bytes:
    return b"".join(block.write() for block in blocks)
