"""The share of packets lost, and what it says about the rate."""

from __future__ import annotations

# draft-ietf-rmcat-gcc-02 section 6: below 2 % raise, above 10 % reduce.
LOW, HIGH = 0.02, 0.10
# Without a queue the limit is higher: a radio that loses 10 % often shows 13 % by chance.
_RADIO = 0.15
# Beyond this a path is overloaded whatever its delay says (a policer has no queue).
HEAVY = 0.30

# What comes through is carried, however much is lost beside it (section 5.5's factor).
_BETA = 0.85
# Losses are smoothed over this long, and over at least so many packets: one lost of ten is not
# yet 10 %, but a slow path should not remember for ten seconds either.
_SMOOTHING_SECONDS = 1.0
_SMOOTHING_PACKETS = 25
# Loss without a queue may take at most this much of the estimate per second, and in one episode
# at most so much of it: if that does not help, the loss is the radio's and not ours.
_GENTLE_PER_SECOND = 0.05
_EPISODE_FLOOR = 0.7
# A reduction shows after a smoothing time; only while loss still rises is there no waiting.
_APART_SECONDS, _APART_RISING_SECONDS = 1.0, 0.3


class LossBound:
    """Smoothed loss, and the rate above which the loss is not worth it.

    The draft's section 6 reduces on any loss above 10 %. Here only loss with a standing queue,
    or heavy loss, counts as congestion; other loss is a bad radio link, where a lower rate loses
    the same share of the packets.
    """

    __slots__ = ("_episode", "_reduced_at", "_reduced_for", "_updated_at", "fraction")

    def __init__(self) -> None:
        self.fraction = 0.0
        self._updated_at: float | None = None
        self._reduced_at = float("-inf")
        self._reduced_for = 0.0
        self._episode: float | None = None

    def add(self, lost: int, total: int, now: float) -> None:
        """Note that of ``total`` packets ``lost`` were (late arrivals may make it negative)."""
        if total <= 0:
            return
        elapsed = min(1.0, now - self._updated_at) if self._updated_at is not None else 0.1
        self._updated_at = now
        weight = min(elapsed / _SMOOTHING_SECONDS, total / _SMOOTHING_PACKETS)
        self.observe(lost / total, max(0.0, min(1.0, weight)))

    def observe(self, fraction: float, weight: float) -> None:
        """Move ``weight`` (0 to 1) of the way to ``fraction``, from a receiver report for one."""
        moved = self.fraction + (fraction - self.fraction) * weight
        self.fraction = min(1.0, max(0.0, moved))

    def bound(self, estimate: float, acked: float | None, queued: bool, now: float) -> float | None:
        """The rate to reduce to; None when the loss asks for nothing.

        ``acked`` is what comes through (None: not known), ``queued`` whether a queue stands.
        """
        if self.fraction < HIGH:
            if self.fraction < HIGH / 2:
                self._episode = None
            return None
        since = now - self._reduced_at
        rising = self.fraction > self._reduced_for
        if since < (_APART_RISING_SECONDS if rising else _APART_SECONDS):
            return None
        self._reduced_at, self._reduced_for = now, self.fraction
        target = self._target(estimate, acked, queued, since)
        return target if target < estimate else None

    def _target(self, estimate: float, acked: float | None, queued: bool, since: float) -> float:
        heavy = self.fraction >= HEAVY
        if queued and heavy and acked is not None:
            return _BETA * acked
        if queued or heavy:
            return max(estimate * (1.0 - 0.5 * self.fraction), _BETA * (acked or 0.0))
        if self.fraction < _RADIO:
            return estimate
        if self._episode is None:
            self._episode = estimate
        gentle = estimate * (1.0 - _GENTLE_PER_SECOND * min(since, 1.0))
        return max(gentle, acked or 0.0, self._episode * _EPISODE_FLOOR)
