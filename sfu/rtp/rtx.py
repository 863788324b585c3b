"""The original packet inside a retransmission (RFC 4588 section 4)."""

from __future__ import annotations

import struct

from sfu.errors import MalformedPacket
from sfu.rtp.packet import RtpPacket, parse

_SECOND_TO_SSRC = struct.Struct("!BHII")


def unwrap_rtx(packet: RtpPacket, ssrc: int, payload_type: int) -> RtpPacket:
    """The packet that was sent before under ``ssrc`` and ``payload_type``.

    Raises ``MalformedPacket`` when there is no original sequence number.
    """
    start = packet.payload_offset
    if packet.payload_end - start < 2:
        raise MalformedPacket("rtx-too-short")
    data = bytearray(packet.data[:start])
    number = int.from_bytes(packet.data[start : start + 2], "big")
    data[0] &= 0xDF  # the padding stays behind
    marked = payload_type | 0x80 if packet.marker else payload_type
    _SECOND_TO_SSRC.pack_into(data, 1, marked, number, packet.timestamp, ssrc)
    return parse(bytes(data) + packet.data[start + 2 : packet.payload_end])
