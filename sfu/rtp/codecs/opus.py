"""Opus (RFC 7587): each packet stands for itself."""

from __future__ import annotations

from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.packet import RtpPacket

# Nobody writes into marks of a payload without numbers, so all packets share one.
_ANY = PayloadMark(keyframe=True, start_of_frame=True, end_of_frame=True)


def mark(packet: RtpPacket) -> PayloadMark:
    """A switch may begin with any packet; ``packet`` is not looked at."""
    return _ANY
