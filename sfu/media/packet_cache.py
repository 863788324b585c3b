"""The last packets of one received stream, shared by all its subscribers for retransmission."""

from __future__ import annotations

from sfu.rtp.packet import RtpPacket

# 1,024 packets are a second of video at 10 Mbit/s, 64 more than a second of sound; a power of two
# makes the index a mask.
VIDEO_CAPACITY = 1024
AUDIO_CAPACITY = 64
# A browser that waited longer than a second has given the frame up.
MAX_AGE_SECONDS = 1.0


class PacketCache:
    """A ring of ``capacity`` packets (a power of two) by extended sequence number."""

    __slots__ = ("_arrivals", "_mask", "_packets", "_sequences")

    def __init__(self, capacity: int) -> None:
        self._mask = capacity - 1
        self._sequences = [-1] * capacity
        self._arrivals = [0.0] * capacity
        self._packets: list[RtpPacket | None] = [None] * capacity

    def put(self, sequence: int, packet: RtpPacket, now: float) -> None:
        """Keep ``packet`` until the ring's newer ones came or it is a second old."""
        index = sequence & self._mask
        self._sequences[index] = sequence
        self._arrivals[index] = now
        self._packets[index] = packet

    def get(self, sequence: int, now: float) -> RtpPacket | None:
        """The packet with that extended sequence number, or None when it is gone or too old."""
        index = sequence & self._mask
        if self._sequences[index] != sequence or now - self._arrivals[index] > MAX_AGE_SECONDS:
            return None
        return self._packets[index]
