"""How much of a path's one-way delay is a standing queue, not distance."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfu.congestion.send_history import Arrived

# The least delay of this span is the queue: long enough to hold a packet at the head of a burst
# and, on jittery paths, one that was lucky.
_WINDOW_SECONDS = 0.2
_WINDOW_PACKETS = 5
_CAPACITY = 512
# The least delay of the last 10 to 20 s is the distance: clocks drift by a millisecond meanwhile,
# and our own queues do not stand that long.
_DISTANCE_SECONDS = 10.0
# A full-size packet takes 20 ms less at 3 Mbit/s than at 500 kbit/s; jitter's luck is smaller.
_NEARER_SECONDS = 0.01
# After a pause the queue is gone, whatever the last packets met.
_STALE_SECONDS = 1.0


class QueueDelay:
    """Minimum filters over (arrival - sending), whose zero is arbitrary.

    Complements the gradient, which does not see a queue that grows slowly or stands still.
    """

    __slots__ = ("_bucket_at", "_count", "_distances", "_minima", "_nearer", "_recent")

    def __init__(self) -> None:
        self._recent: deque[Arrived] = deque()
        # Of the recent packets, those with less delay than all after them: number, delay.
        self._minima: deque[tuple[int, float]] = deque()
        self._count = 0
        self._distances = float("inf"), float("inf")  # of the bucket before, of this one
        self._bucket_at = 0.0
        self._nearer = False

    def add(self, arrived: Iterable[Arrived]) -> None:
        """Note packets that arrived, in the order of sending."""
        recent, minima, count = self._recent, self._minima, self._count
        before, least = self._distances
        for packet in arrived:
            sent_at, arrived_at, _ = packet
            delay = arrived_at - sent_at
            if delay < least:
                if delay < before and not self._nearer:
                    self._nearer = _NEARER_SECONDS < min(before, least) - delay < float("inf")
                if sent_at - self._bucket_at < _DISTANCE_SECONDS:
                    least = delay
            if sent_at - self._bucket_at >= _DISTANCE_SECONDS:
                before, least = least, delay
                self._bucket_at = sent_at
            if recent and sent_at - recent[-1][0] > _STALE_SECONDS:
                recent.clear()
                minima.clear()
            count += 1
            recent.append(packet)
            while minima and minima[-1][1] >= delay:
                minima.pop()
            minima.append((count, delay))
            while len(recent) > _WINDOW_PACKETS and (
                arrived_at - recent[0][1] > _WINDOW_SECONDS or len(recent) > _CAPACITY
            ):
                recent.popleft()
            while minima[0][0] <= count - len(recent):
                minima.popleft()
        self._count = count
        self._distances = before, least

    def seconds(self) -> float:
        """The standing queue; 0.0 while unknown."""
        return max(0.0, self._least() - min(self._distances)) if self.known() else 0.0

    def known(self) -> bool:
        """Whether enough packets arrived lately."""
        return len(self._recent) >= _WINDOW_PACKETS

    def accept(self) -> None:
        """Take the queue as part of the distance: it does not yield, so it is not ours."""
        if self._recent:
            self._distances = self._least(), self._least()

    def nearer(self) -> bool:
        """Whether the distance has shrunk since this was last asked: another or faster path."""
        nearer, self._nearer = self._nearer, False
        return nearer

    def _least(self) -> float:
        return self._minima[0][1]
