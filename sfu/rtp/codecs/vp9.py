"""The VP9 payload descriptor (RFC 9628 section 4.2)."""

from __future__ import annotations

from sfu.errors import MalformedPacket
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.packet import RtpPacket

# The bits of the first byte, in the order of the standard.
_I, _P, _L, _F, _B, _E, _V = 0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02

_MAX_REFERENCES = 3  # of one frame in flexible mode (section 4.2)


def mark(packet: RtpPacket) -> PayloadMark:
    """Where this layer's frame starts and ends, its layer, picture ids, and the height.

    A keyframe is the lowest spatial layer of a picture that refers to no earlier one; ``height``
    comes with the scalability structure. Raises ``MalformedPacket``.
    """
    data, position, end = packet.data, packet.payload_offset, packet.payload_end
    if position >= end:
        raise MalformedPacket("vp9-malformed")
    first = data[position]
    position += 1
    picture_id = picture_id_offset = tl0picidx = tl0picidx_offset = -1
    long = switching_point = False
    temporal_id = spatial_id = height = 0
    try:
        if first & _I:
            picture_id_offset = position
            picture_id = data[position]
            if picture_id & 0x80:
                long = True
                picture_id = (picture_id & 0x7F) << 8 | data[position + 1]
                position += 1
            position += 1
        if first & _L:
            layer = data[position]
            temporal_id = layer >> 5
            switching_point = layer & 0x10 != 0
            spatial_id = layer >> 1 & 0x07
            position += 1
            if not first & _F:
                tl0picidx_offset = position
                tl0picidx = data[position]
                position += 1
        if first & _F and first & _P:
            position = _after_references(data, position)
        if first & _V:
            height, position = _structure(data, position)
    except IndexError:
        raise MalformedPacket("vp9-malformed") from None
    if position > end:
        raise MalformedPacket("vp9-malformed")
    start = first & _B != 0
    return PayloadMark(
        start and not first & _P and not spatial_id,
        start,
        temporal_id,
        picture_id,
        picture_id_offset,
        long,
        tl0picidx,
        tl0picidx_offset,
        switching_point,
        first & _E != 0,
        spatial_id,
        height,
    )


def _after_references(data: bytes, position: int) -> int:
    """The offset behind the P_DIFF list, whose bytes say in their last bit if one more comes."""
    for _ in range(_MAX_REFERENCES):
        position += 1
        if not data[position - 1] & 0x01:
            return position
    raise MalformedPacket("vp9-malformed")


def _structure(data: bytes, position: int) -> tuple[int, int]:
    """The height of the highest layer (0 if not told), and the offset behind the sizes.

    The picture group that may follow describes what each packet says of itself anyway.
    """
    header = data[position]
    position += 1
    if not header & 0x10:
        return 0, position
    position += 4 * ((header >> 5) + 1)
    return data[position - 2] << 8 | data[position - 1], position
