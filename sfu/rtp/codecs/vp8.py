"""The VP8 payload descriptor (RFC 7741 section 4.2), and the size in a keyframe's header."""

from __future__ import annotations

from sfu.errors import MalformedPacket
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.packet import RtpPacket

# RFC 6386 section 9.1: a keyframe begins with a tag of three bytes, these three, the width and
# the height; the two bits above 14 of a size tell the receiver how to scale it.
_START_CODE = b"\x9d\x01\x2a"
_START_CODE_AT, _HEIGHT_AT, _HEADER_SIZE = 3, 8, 10
_SIZE_MASK = 0x3FFF


def mark(packet: RtpPacket) -> PayloadMark:
    """Start of frame, keyframe, temporal id, picture ids, height. Raises ``MalformedPacket``."""
    data, position, end = packet.data, packet.payload_offset, packet.payload_end
    if position >= end:
        raise MalformedPacket("vp8-malformed")
    first = data[position]
    start = first & 0x17 == 0x10  # S bit set, partition 0
    position += 1
    picture_id = picture_id_offset = tl0picidx = tl0picidx_offset = -1
    long = switching_point = False
    temporal_id = 0
    try:
        if first & 0x80:
            flags = data[position]
            position += 1
            if flags & 0x80:
                picture_id_offset = position
                picture_id = data[position]
                if picture_id & 0x80:
                    long = True
                    picture_id = (picture_id & 0x7F) << 8 | data[position + 1]
                    position += 1
                position += 1
            if flags & 0x40:
                tl0picidx_offset = position
                tl0picidx = data[position]
                position += 1
            if flags & 0x30:
                if flags & 0x20:
                    temporal_id = data[position] >> 6
                    switching_point = data[position] & 0x20 != 0
                position += 1
        # The P bit of the frame header (RFC 6386 section 9.1) is 0 in a keyframe.
        keyframe = start and position < end and not data[position] & 0x01
    except IndexError:
        raise MalformedPacket("vp8-malformed") from None
    if position > end:
        raise MalformedPacket("vp8-malformed")
    return PayloadMark(
        keyframe,
        start,
        temporal_id,
        picture_id,
        picture_id_offset,
        long,
        tl0picidx,
        tl0picidx_offset,
        switching_point,
        packet.marker,
        0,
        _height(data, position, end) if keyframe else 0,
    )


def _height(data: bytes, position: int, end: int) -> int:
    """In pixels; 0 where the header is cut short or encrypted, which is nobody's mistake."""
    if position + _HEADER_SIZE > end or not data.startswith(_START_CODE, position + _START_CODE_AT):
        return 0
    at = position + _HEIGHT_AT
    return int.from_bytes(data[at : at + 2], "little") & _SIZE_MASK
