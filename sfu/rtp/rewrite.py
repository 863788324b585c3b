"""What one outgoing copy of a packet must carry, and the bytes that carry it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sfu.rtp.dependency_descriptor import FRAME_NUMBER_OFFSET
from sfu.rtp.extensions import ONE_BYTE, parse_extensions, write_extensions
from sfu.rtp.packet import RtpPacket

_HEADER = struct.Struct("!BBHII")
_UINT16 = struct.Struct("!H")
# Most packets carry nothing that travels, or one of 128 audio levels; there are a few plans.
_BLOCKS = 512


class ExtensionPlan(NamedTuple):
    """Which header extensions go out.

    ``forwarded`` are pairs of an incoming and an outgoing id; what is not listed stays behind.
    The others are the outgoing ids of those we write into, 0 where they are not negotiated:
    ``dependency`` is among the forwarded ones as well.
    """

    forwarded: tuple[tuple[int, int], ...] = ()
    transport_cc: int = 0
    abs_send_time: int = 0
    dependency: int = 0


NO_EXTENSIONS = ExtensionPlan()


@dataclass(slots=True)
class Rewrite:
    """The fields that differ from copy to copy; -1 leaves a number as it is.

    ``marker`` sets the marker bit where the packet has none: the layer above it is left out.
    ``empty`` keeps a packet's place in the numbering but not its payload, which belongs to a
    layer that this copy leaves out.
    """

    ssrc: int
    payload_type: int
    sequence_number: int
    timestamp: int
    extensions: ExtensionPlan = NO_EXTENSIONS
    picture_id: int = -1
    tl0picidx: int = -1
    frame_number: int = -1
    marker: bool = False
    empty: bool = False


@dataclass(slots=True)
class ExtensionBlock:
    """Header extensions of all copies with the same plan; offsets of what each copy stamps.

    Shared by many packets: whoever has one does not change it.
    """

    data: bytes
    transport_cc: int = -1
    abs_send_time: int = -1
    frame_number: int = -1


_NO_BLOCK = ExtensionBlock(b"")


def extension_block(packet: RtpPacket | None, plan: ExtensionPlan) -> ExtensionBlock:
    """The outgoing header extensions; without a ``packet``, only those of our own.

    Raises ``MalformedPacket`` when the incoming ones are broken.
    """
    forwarded: tuple[tuple[int, bytes], ...] = ()
    if packet is not None and plan.forwarded and packet.extension_profile:
        incoming = parse_extensions(packet)
        forwarded = tuple(
            (outgoing, incoming[number])
            for number, outgoing in plan.forwarded
            if number in incoming
        )
    return _block(plan.transport_cc, plan.abs_send_time, plan.dependency, forwarded)


@lru_cache(maxsize=_BLOCKS)
def _block(
    transport_cc: int, abs_send_time: int, dependency: int, forwarded: tuple[tuple[int, bytes], ...]
) -> ExtensionBlock:
    elements: dict[int, bytes] = {}
    if transport_cc:
        elements[transport_cc] = b"\0\0"
    if abs_send_time:
        elements[abs_send_time] = b"\0\0\0"
    elements.update(forwarded)
    if not elements:
        return _NO_BLOCK
    block = ExtensionBlock(write_extensions(elements))
    if not (transport_cc or abs_send_time or dependency):
        return block
    element_header = 1 if _UINT16.unpack_from(block.data)[0] == ONE_BYTE else 2
    position = 4
    for number, value in elements.items():
        position += element_header
        if number == transport_cc:
            block.transport_cc = position
        elif number == abs_send_time:
            block.abs_send_time = position
        elif number == dependency and len(value) >= FRAME_NUMBER_OFFSET + 2:
            block.frame_number = position + FRAME_NUMBER_OFFSET
        position += len(value)
    return block


def stamped(
    block: ExtensionBlock, transport_sequence: int, send_time: bytes, frame_number: int
) -> bytes:
    """The block with one copy's numbers in it; ``send_time`` as ``abs_send_time`` makes it."""
    data = bytearray(block.data)
    if block.transport_cc >= 0:
        _UINT16.pack_into(data, block.transport_cc, transport_sequence)
    if block.abs_send_time >= 0:
        data[block.abs_send_time : block.abs_send_time + 3] = send_time
    if block.frame_number >= 0 and frame_number >= 0:
        _UINT16.pack_into(data, block.frame_number, frame_number)
    return bytes(data)


def abs_send_time(now: float) -> bytes:
    """``now`` as 24-bit fixed-point seconds, 6 bits before the point (abs-send-time extension)."""
    return (int(now * 262144.0) & 0xFFFFFF).to_bytes(3, "big")


def rewritten(packet: RtpPacket, rewrite: Rewrite, block: bytes) -> bytes:
    """The outgoing packet: no CSRC, no padding, ``block`` as its header extensions."""
    marker = (packet.marker or rewrite.marker) and not rewrite.empty
    header = _HEADER.pack(
        0x90 if block else 0x80,
        rewrite.payload_type | 0x80 if marker else rewrite.payload_type,
        rewrite.sequence_number,
        rewrite.timestamp,
        rewrite.ssrc,
    )
    if rewrite.empty:
        return header + block
    if rewrite.picture_id < 0 and rewrite.tl0picidx < 0:
        return header + block + packet.data[packet.payload_offset : packet.payload_end]
    return header + block + _patched_payload(packet, rewrite)


def padding(
    *,
    size: int,
    ssrc: int,
    payload_type: int,
    sequence_number: int,
    timestamp: int,
    block: bytes,
) -> bytes:
    """A packet of nothing but ``size`` (1 to 255) bytes of padding."""
    first = 0xB0 if block else 0xA0
    header = _HEADER.pack(first, payload_type, sequence_number, timestamp, ssrc)
    return header + block + bytes(size - 1) + bytes([size])


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
        rtx_payload_type | 0x80 if packet.marker or rewrite.marker else rtx_payload_type,
        rtx_sequence_number,
        rewrite.timestamp,
        rtx_ssrc,
    )
    original = _UINT16.pack(rewrite.sequence_number)
    if rewrite.empty:
        return header + block + original
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
