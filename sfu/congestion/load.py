"""How much the server has to do, in four published states: rises fast, falls slowly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# Whoever calls measures this often; a second holds 50 ticks.
SAMPLE_SECONDS = 1.0
# How long it has to be worse before the next state: a stall of a second is over before anything
# that is done about it has an effect.
RISE_SECONDS = 2.0
# How long it has to be better before the state before: pictures that grow and shrink again are
# worse than small ones.
FALL_SECONDS = 10.0
# It was too early when it gets worse again within this: next time the wait is twice as long, up to
# the longest. So much time without any load forgets that.
RELAPSE_SECONDS = 60.0
LONGEST_FALL_SECONDS = 80.0
# Better is less than this share of what made it worse: whatever was taken away comes back.
BETTER = 0.75
# The share of the time that the worst lag may be left out of, whatever the number of ticks.
_WORST_SHARE = 0.05
# The parts of each limit at which the three states begin. Two ticks late (40 ms) is what jitter
# buffers grow by without a word, 0.2 s is what everybody hears; the processor has only a little
# room between plenty and nothing.
_LAG_PARTS = (0.2, 0.5, 1.0)
_RATE_PARTS = (0.85, 0.93, 1.0)
# Of what is sent, what the system did not take: a little is a burst, a tenth is heard as loss.
_REFUSED = (0.005, 0.02, 0.1)


class LoadState(StrEnum):
    """What follows is in ``sfu.media.restraint``; sound is whole in each of them."""

    NORMAL = "normal"
    BUSY = "busy"  # large pictures become smaller
    STRAINED = "strained"  # pictures are small, and few are sent to each
    FULL = "full"  # besides, nobody new gets in

    @property
    def level(self) -> int:
        """0 (normal) to 3 (full)."""
        return _STATES.index(self)


_STATES = tuple(LoadState)


class Sample(NamedTuple):
    """What was measured in one second."""

    lag: float = 0.0  # seconds that the event loop was late (``worst_lag``)
    cpu: float = 0.0  # of one core, which is all that an event loop can use
    packets: float = 0.0  # datagrams per second, in and out
    refused: float = 0.0  # the share of datagrams that the system did not take


@dataclass(frozen=True, slots=True)
class Limits:
    """At which values nobody new gets in; 0 packets is no limit."""

    lag: float = 0.2  # seconds
    cpu: float = 0.95
    packets: float = 0.0


def worst_lag(lags: Sequence[float], period: float) -> float:
    """The lag that was exceeded for a twentieth of the time; each lasted one ``period`` more.

    One stall of half a second hides 25 ticks: of the ticks it is one in 25, of the time half.
    """
    left = _WORST_SHARE * (sum(lags) + period * len(lags))
    for lag in sorted(lags, reverse=True):
        left -= lag + period
        if left < 0.0:
            return lag
    return 0.0


class Load:
    """Rises fast and falls slowly, one state at a time; told every second by ``take``."""

    def __init__(self, limits: Limits) -> None:
        self.state = LoadState.NORMAL
        self.sample = Sample()
        self._steps = (
            tuple(limits.lag * part for part in _LAG_PARTS),
            tuple(limits.cpu * part for part in _RATE_PARTS),
            tuple((limits.packets or float("inf")) * part for part in _RATE_PARTS),
            _REFUSED,
        )
        self._worse_since: float | None = None
        self._better_since: float | None = None
        self._fell_at = float("-inf")
        self._fall_seconds = FALL_SECONDS

    def take(self, sample: Sample, now: float) -> bool:
        """Take in what was measured until ``now``; True when that changed the state."""
        self.sample = sample
        level = self.state.level
        if self._reaches(sample, level + 1):
            self._better_since = None
            if self._worse_since is None:
                self._worse_since = now - SAMPLE_SECONDS  # what was measured has been so long
            if now - self._worse_since < RISE_SECONDS:
                return False
            if now - self._fell_at < RELAPSE_SECONDS:
                self._fall_seconds = min(2 * self._fall_seconds, LONGEST_FALL_SECONDS)
                self._fell_at = float("-inf")
            return self._become(level + 1)
        self._worse_since = None
        if self._reaches(sample, level, BETTER):
            self._better_since = None
            return False
        if self._better_since is None:
            self._better_since = now - SAMPLE_SECONDS
        calm = now - self._better_since
        if level == 0:
            if calm >= RELAPSE_SECONDS:
                self._fall_seconds = FALL_SECONDS
            return False
        if calm < self._fall_seconds:
            return False
        self._fell_at = now
        return self._become(level - 1)

    def _become(self, level: int) -> bool:
        self.state = _STATES[level]
        # What is measured next is to show what the new state changes.
        self._worse_since = self._better_since = None
        return True

    def _reaches(self, sample: Sample, level: int, part: float = 1.0) -> bool:
        """Whether ``sample`` asks for ``level`` or more, at ``part`` of its thresholds."""
        return 0 < level < len(_STATES) and any(
            value >= steps[level - 1] * part
            for value, steps in zip(sample, self._steps, strict=True)
        )

    def explain(self) -> dict[str, object]:
        """Plain values for a debug page."""
        lag, cpu, packets, refused = self.sample
        return {
            "state": str(self.state),
            "lag_ms": round(lag * 1000, 1),
            "cpu": round(cpu, 3),
            "packets_per_second": round(packets),
            "refused": round(refused, 4),
        }
