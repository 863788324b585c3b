"""The H.264 payload formats that browsers send (RFC 6184): single, STAP-A, FU-A."""

from __future__ import annotations

from sfu.errors import MalformedPacket
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.packet import RtpPacket

_IDR, _SPS, _STAP_A, _FU_A = 5, 7, 24, 28


def mark(packet: RtpPacket) -> PayloadMark:
    """A keyframe starts with its parameter sets, or with an IDR slice where they came before.

    Raises ``MalformedPacket``.
    """
    data, position, end = packet.data, packet.payload_offset, packet.payload_end
    if position >= end:
        raise MalformedPacket("h264-malformed")
    kind = data[position] & 0x1F
    if kind == _STAP_A:
        return _aggregate(packet, position + 1)
    if kind == _FU_A:
        if position + 2 > end:
            raise MalformedPacket("h264-malformed")
        header = data[position + 1]
        start = header & 0x80 != 0
        return PayloadMark(
            keyframe=start and header & 0x1F == _IDR,
            start_of_frame=start,
            end_of_frame=packet.marker,
        )
    return PayloadMark(
        keyframe=kind in (_SPS, _IDR), start_of_frame=True, end_of_frame=packet.marker
    )


def _aggregate(packet: RtpPacket, position: int) -> PayloadMark:
    data, end = packet.data, packet.payload_end
    keyframe = False
    while position < end:
        if position + 3 > end:
            raise MalformedPacket("h264-malformed")
        size = int.from_bytes(data[position : position + 2], "big")
        keyframe = keyframe or data[position + 2] & 0x1F in (_SPS, _IDR)
        position += 2 + size
        if not size or position > end:
            raise MalformedPacket("h264-malformed")
    return PayloadMark(keyframe=keyframe, start_of_frame=True, end_of_frame=packet.marker)
