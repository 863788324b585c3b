"""A token bucket for what the server itself chooses to send: retransmissions and padding."""

from __future__ import annotations

# A lost frame's packets may be answered at once; more than that would hurt the media beside it.
BURST_SECONDS = 0.1
# Whatever the rate, some full-size packets must pass together.
BURST_BYTES = 4800


class Pacer:
    """Never asked for forwarded media: that is paced by whoever sends it.

    ``rate`` is in bits per second and may be set at any time.
    """

    __slots__ = ("_at", "_tokens", "rate")

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._tokens = float(BURST_BYTES)
        self._at = 0.0

    def allow(self, size: int, now: float) -> bool:
        """Whether ``size`` bytes may be sent ``now``; what is allowed is taken as sent."""
        burst = max(float(BURST_BYTES), self.rate / 8 * BURST_SECONDS)
        elapsed = max(0.0, now - self._at)
        self._tokens = min(burst, self._tokens + elapsed * self.rate / 8)
        self._at = max(self._at, now)
        if size > self._tokens:
            return False
        self._tokens -= size
        return True
