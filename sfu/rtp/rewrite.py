"""What one outgoing copy of a packet must carry, and the bytes that carry it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.rtp.extensions import parse_extensions, write_extensions
from sfu.rtp.packet import RtpPacket

_HEADER = struct.Struct("!BBHII")

ExtensionMap = tuple[tuple[int, int], ...]
"""Pairs of an incoming and an outgoing header extension id; what is not listed stays behind."""


@dataclass(slots=True)
class Rewrite:
    """The fields that differ from copy to copy; -1 leaves the VP8 numbers as they are."""

    ssrc: int
    payload_type: int
    sequence_number: int
    timestamp: int
    extension_map: ExtensionMap = ()
    picture_id: int = -1
    tl0picidx: int = -1


def extension_block(packet: RtpPacket, extension_map: ExtensionMap) -> bytes:
    """The outgoing header extension block, the same for every copy with the same map.

    Raises ``MalformedPacket`` when the incoming one is broken.
    """
    if not extension_map or not packet.extension_profile:
        return b""
    elements = parse_extensions(packet)
    return write_extensions(
        {outgoing: elements[number] for number, outgoing in extension_map if number in elements}
    )


def rewritten(packet: RtpPacket, rewrite: Rewrite, block: bytes) -> bytes:
    """The outgoing packet: no CSRC, no padding, ``block`` as its header extensions."""
    header = _HEADER.pack(
        0x90 if block else 0x80,
        rewrite.payload_type | 0x80 if packet.marker else rewrite.payload_type,
        rewrite.sequence_number,
        rewrite.timestamp,
        rewrite.ssrc,
    )
    if rewrite.picture_id < 0 and rewrite.tl0picidx < 0:
        return header + block + packet.data[packet.payload_offset : packet.payload_end]
    return header + block + _patched_payload(packet, rewrite)


def retransmission(
    packet: RtpPacket,
    rewrite: Rewrite,
    block: bytes,
    rtx_ssrc: int,
    rtx_payload_type: int,
    rtx_sequence_number: int,
) -> bytes:
    """The same packet in its RTX form: its own numbers, the original one first (RFC 4588)."""
    header = _HEADER.pack(
        0x90 if block else 0x80,
        rtx_payload_type | 0x80 if packet.marker else rtx_payload_type,
        rtx_sequence_number,
        rewrite.timestamp,
        rtx_ssrc,
    )
    original = rewrite.sequence_number.to_bytes(2, "big")
    return header + block + original + _patched_payload(packet, rewrite)


def _patched_payload(packet: RtpPacket, rewrite: Rewrite) -> bytes:
    """The payload with the VP8 picture id and TL0PICIDX replaced in place (RFC 7741)."""
    start, mark = packet.payload_offset, packet.mark
    if mark is None or (mark.picture_id_offset < 0 and mark.tl0picidx_offset < 0):
        return packet.data[start : packet.payload_end]
    payload = bytearray(packet.data[start : packet.payload_end])
    if rewrite.picture_id >= 0 and mark.picture_id_offset >= 0:
        at = mark.picture_id_offset - start
        if mark.picture_id_long:
            payload[at] = 0x80 | rewrite.picture_id >> 8 & 0x7F
            payload[at + 1] = rewrite.picture_id & 0xFF
        else:
            payload[at] = rewrite.picture_id & 0x7F
    if rewrite.tl0picidx >= 0 and mark.tl0picidx_offset >= 0:
        payload[mark.tl0picidx_offset - start] = rewrite.tl0picidx & 0xFF
    return bytes(payload)
