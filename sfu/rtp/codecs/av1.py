"""The AV1 aggregation header (RTP Payload Format For AV1, section 4.4)."""

from __future__ import annotations

from sfu.errors import MalformedPacket
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.packet import RtpPacket

_CONTINUES, _NEW_SEQUENCE = 0x80, 0x08  # the Z and N bits


def mark(packet: RtpPacket) -> PayloadMark:
    """A keyframe is the first packet of a coded video sequence.

    ``start_of_frame`` says only that nothing from the packet before is needed, ``end_of_frame``
    only the end of all layers' frames of this time: the dependency descriptor knows better.
    Raises ``MalformedPacket``.
    """
    if packet.payload_offset >= packet.payload_end:
        raise MalformedPacket("av1-malformed")
    header = packet.data[packet.payload_offset]
    start = not header & _CONTINUES
    return PayloadMark(
        keyframe=start and header & _NEW_SEQUENCE != 0,
        start_of_frame=start,
        end_of_frame=packet.marker,
    )
