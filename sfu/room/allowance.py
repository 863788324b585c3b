"""How often something may be done: a few times at once, then so many times per second."""

from __future__ import annotations


class Allowance:
    """A token bucket that starts full; ``burst`` tokens, ``per_second`` new ones."""

    __slots__ = ("_at", "_burst", "_left", "_per_second")

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._left = burst
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """Use one token, if there is one."""
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
