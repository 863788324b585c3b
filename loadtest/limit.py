"""The search for the largest load that still meets the conditions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

# A limit is known well enough when it is this close: runs differ by more.
_CLOSE = 0.05


class Outcome(Enum):
    """What came of one size; ``UNKNOWN`` when the load test itself was the bottleneck."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Limit:
    """``good`` is the largest size that met the conditions, 0 if none did.

    ``bad`` is the smallest that did not, None when ``good`` is as large as was asked for.
    ``known`` is False when the search ended because the load test was the bottleneck.
    """

    good: int
    bad: int | None
    known: bool = True


async def find_limit(
    attempt: Callable[[int], Awaitable[Outcome]], *, start: int, largest: int
) -> Limit:
    """Double from ``start`` until it is bad, then halve what is between."""
    size, good = min(start, largest), 0
    while True:
        outcome = await attempt(size)
        if outcome is Outcome.UNKNOWN:
            return Limit(good, None, known=False)
        if outcome is Outcome.BAD:
            break
        good = size
        if size == largest:
            return Limit(good, None)
        size = min(2 * size, largest)
    bad = size
    while bad - good > max(1, _CLOSE * good):
        size = (good + bad) // 2
        outcome = await attempt(size)
        if outcome is Outcome.UNKNOWN:
            return Limit(good, bad, known=False)
        if outcome is Outcome.GOOD:
            good = size
        else:
            bad = size
    return Limit(good, bad)
