"""How fast packets got through, by the receiver's clock."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfu.congestion.send_history import Arrived

# Twelve video frames: long enough for frames of different sizes to average out.
WINDOW_SECONDS = 0.5
# Two feedbacks: what a path that has just become slower delivers now, not half a second ago.
RECENT_SECONDS = 0.2
# On slow paths more time, for so many packets; fewer than the least say nothing about a rate.
_RECENT_PACKETS, _LEAST_PACKETS = 8, 4
# Half a second at 80 Mbit/s; also what a receiver can make us keep whose clock stands still.
_CAPACITY = 4096


class AckedRate:
    """Sliding windows over acknowledged packets (draft-ietf-rmcat-gcc-02 section 5.5, R_hat)."""

    __slots__ = ("_bytes", "_packets")

    def __init__(self) -> None:
        self._packets: deque[Arrived] = deque(maxlen=_CAPACITY)
        self._bytes = 0

    def add(self, arrived: Iterable[Arrived]) -> None:
        """Note packets, in the order of sending."""
        packets, total = self._packets, self._bytes
        for packet in arrived:
            sent_at, arrived_at, size = packet
            if len(packets) == _CAPACITY:
                total -= packets.popleft()[2]
            packets.append(packet)
            total += size
            # By both clocks: a receiver that claims to get everything at once gains nothing.
            while (
                arrived_at - packets[0][1] >= WINDOW_SECONDS
                or sent_at - packets[0][0] >= 2 * WINDOW_SECONDS
            ):
                total -= packets.popleft()[2]
        self._bytes = total

    def rate(self, now: float) -> float:
        """Bits per second over the window; 0.0 when nothing sent in the last two came through."""
        packets = self._packets
        if not packets or now - packets[-1][0] > 4 * WINDOW_SECONDS:
            return 0.0
        return self._bytes * 8 / WINDOW_SECONDS

    def covered(self) -> bool:
        """Whether packets arrived over most of the window: not just begun, not after a pause."""
        packets = self._packets
        return bool(packets) and packets[-1][1] - packets[0][1] >= 0.6 * WINDOW_SECONDS

    def recent_rate(self) -> float | None:
        """Bits per second over the last moments; right only while a queue feeds the path.

        None when too few packets arrived to tell.
        """
        packets = self._packets
        total, span = 0, 0.0
        newest = packets[-1][1] if packets else 0.0
        for count, (_, arrived_at, size) in enumerate(reversed(packets)):
            span = newest - arrived_at
            if span >= RECENT_SECONDS and count >= _RECENT_PACKETS:
                return total * 8 / span
            total += size
        if span < RECENT_SECONDS or len(packets) <= _LEAST_PACKETS:
            return None
        return (total - packets[0][2]) * 8 / span
