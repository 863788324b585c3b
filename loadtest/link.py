"""One direction of a network path: delay, jitter, rate with a queue, random and bursty loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

# IPv4 and UDP headers, and what SRTP adds: a rate counts them, an RTP packet does not.
OVERHEAD_BYTES = 28 + 16


@dataclass(slots=True)
class Link:
    """Tells for each packet when it arrives, or that it is lost; seeded, so always the same.

    ``rate`` is in bits per second (None: no limit), with a drop-tail ``queue`` of that many
    seconds. ``delay`` and ``jitter`` (uniform, on top) are seconds. ``loss`` is the share of
    packets lost, in bursts of ``burst`` packets on average (Gilbert-Elliott: above 1, a state in
    which everything is lost); ``duplicates`` the share that comes twice. Packets never overtake
    each other unless ``reorders`` is set. For the first ``blackout`` seconds of each ``every``
    nothing gets through. All of it may be changed while packets are under way.
    """

    random: Random
    rate: float | None = None
    queue: float = 0.3
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    burst: float = 1.0
    duplicates: float = 0.0
    reorders: bool = False
    blackout: float = 0.0
    every: float = 10.0
    carried: int = 0
    carried_bytes: int = 0
    lost: int = 0
    overflowed: int = 0
    _free_at: float = field(default=0.0)
    _last_arrival: float = field(default=0.0)
    _bad: bool = field(default=False)

    def carry(self, size: int, now: float) -> float | None:
        """When a packet of ``size`` bytes handed over at ``now`` arrives; None when it is lost."""
        size += OVERHEAD_BYTES
        leaves = now
        if self.rate is not None:
            starts = max(now, self._free_at)
            if starts - now > self.queue:
                self.overflowed += 1
                return None
            leaves = self._free_at = starts + size * 8 / self.rate
        if (self.blackout > 0.0 and now % self.every < self.blackout) or (
            self.loss > 0.0 and self._loses()
        ):
            self.lost += 1
            return None
        self.carried += 1
        self.carried_bytes += size
        arrival = leaves + self.delay
        if self.jitter > 0.0:
            arrival += self.random.random() * self.jitter
        if not self.reorders:
            arrival = self._last_arrival = max(arrival, self._last_arrival)
        return arrival

    def arrivals(self, size: int, now: float) -> tuple[float, ...]:
        """When each copy of the packet arrives: none, one, or a duplicate as well."""
        arrival = self.carry(size, now)
        if arrival is None:
            return ()
        if self.duplicates <= 0.0 or self.random.random() >= self.duplicates:
            return (arrival,)
        again = self.carry(size, now)
        return (arrival,) if again is None else (arrival, again)

    def _loses(self) -> bool:
        if self.burst <= 1.0:
            return self.random.random() < self.loss
        # Mean stay in the bad state is ``burst`` packets (more where the share of losses would
        # leave no packet between two bursts); the share of time in it is ``loss``.
        leave = min(1.0 / self.burst, (1.0 - self.loss) / self.loss)
        enter = leave * self.loss / (1.0 - self.loss) if self.loss < 1.0 else 1.0
        change = leave if self._bad else enter
        if self.random.random() < change:
            self._bad = not self._bad
        return self._bad
