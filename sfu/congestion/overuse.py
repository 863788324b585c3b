"""Whether a path is overused now, from the trend of its delay and from its standing queue."""

from __future__ import annotations

from sfu.congestion.delay_gradient import Usage
from sfu.congestion.queue_delay import QueueDelay

# Seconds of standing queue. A trend counts only with some queue: jitter has a trend, but none.
QUEUE_TREND = 0.02
# From here on nothing grows.
QUEUE_HOLD = 0.03
# From here on we make room, after as many feedbacks: trends miss a queue that grows slowly.
QUEUE_STANDING, _STANDING_TIMES = 0.08, 2
# From here on there is nothing to wait for.
_QUEUE_FULL = 0.15

# How often we make room (beside a round trip), and how often in vain before the queue must be
# somebody else's: a queue that yields to us shrinks by a tenth each time.
_ROOM_SECONDS = 0.4
_ROOM_TIMES = 4
_ROOM_YIELDS = 0.9


class Overuse:
    """Joins draft-ietf-rmcat-gcc-02's overuse signal (section 5.4) with the queue itself."""

    __slots__ = ("_made_at", "_queue_then", "_rooms", "_standing")

    def __init__(self) -> None:
        self._standing = 0
        self._made_at = float("-inf")
        self._rooms = 0
        self._queue_then = 0.0

    def judge(self, usage: Usage, queue: QueueDelay, rtt: float, now: float) -> str | None:
        """Why the rate must go down now; None when it need not. Once per feedback.

        A queue that does not yield to that becomes part of the distance (``QueueDelay.accept``).
        """
        seconds = queue.seconds()
        if usage is Usage.OVERUSE and seconds >= QUEUE_TREND:
            return "delay grows"
        self._standing = self._standing + 1 if seconds >= QUEUE_STANDING else 0
        if seconds < QUEUE_HOLD:
            self._rooms, self._queue_then = 0, 0.0
        if seconds < _QUEUE_FULL and self._standing < _STANDING_TIMES:
            return None
        if now - self._made_at < _ROOM_SECONDS + rtt:
            return None
        self._made_at = now
        self._rooms = 1 if seconds < _ROOM_YIELDS * self._queue_then else self._rooms + 1
        self._queue_then = seconds
        if self._rooms > _ROOM_TIMES:
            self._rooms = 0
            queue.accept()
            return None
        return "queue stands"
