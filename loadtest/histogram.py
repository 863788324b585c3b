"""Durations counted in buckets that grow by a few percent: small, mergeable, good to 1.5 %."""

from __future__ import annotations

import math
from collections.abc import Iterable

# The first bucket ends here, in seconds: less than one send costs.
_FIRST = 1e-5
# Each bucket is wider than the one before by this; half of it is the error of a quantile.
_GROWTH = 1.03
_LOG_GROWTH = math.log(_GROWTH)
# So many buckets reach 60 s; whatever takes longer is counted in the last one.
_BUCKETS = math.ceil(math.log(60.0 / _FIRST) / _LOG_GROWTH) + 1


class Histogram:
    """Counts durations in seconds; those below 10 microseconds, and below zero, as one."""

    __slots__ = ("counts", "largest", "total")

    def __init__(self, counts: Iterable[int] = (), total: int = 0, largest: float = 0.0) -> None:
        self.counts = list(counts) or [0] * _BUCKETS
        self.total = total
        self.largest = largest

    def record(self, seconds: float) -> None:
        """Count one duration."""
        index = 0
        if seconds > _FIRST:
            index = min(int(math.log(seconds / _FIRST) / _LOG_GROWTH) + 1, _BUCKETS - 1)
        self.counts[index] += 1
        self.total += 1
        if seconds > self.largest:
            self.largest = seconds

    def add(self, other: Histogram) -> None:
        """Count everything that ``other`` counted as well."""
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        self.total += other.total
        self.largest = max(self.largest, other.largest)

    def quantile(self, share: float) -> float | None:
        """What ``share`` (0 to 1) of all durations stay within; None when there are none."""
        if not self.total:
            return None
        wanted = max(1, math.ceil(share * self.total))
        below = 0
        for index, count in enumerate(self.counts):
            below += count
            if below >= wanted:
                return min(_middle(index), self.largest)
        return self.largest

    def cumulative(self) -> list[tuple[float, float]]:
        """Pairs of a duration and the share of all that stay within it, rising."""
        points, below = [], 0
        for index, count in enumerate(self.counts):
            if count:
                below += count
                points.append((min(_middle(index), self.largest), below / self.total))
        return points


def _middle(index: int) -> float:
    return _FIRST if index == 0 else _FIRST * _GROWTH ** (index - 0.5)
