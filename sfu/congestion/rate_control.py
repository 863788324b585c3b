"""From what the path shows to a rate: increase, hold or decrease."""

from __future__ import annotations

from enum import Enum
from math import sqrt

# draft-ietf-rmcat-gcc-02 section 5.5: to 0.85 of what came through, 8 % more per second.
_BETA = 0.85
_MULTIPLICATIVE = 1.08
# Where the capacity is known the queue is caught small: less is given up, so that layers stay.
_BETA_NEAR = 0.93
# Near the known capacity, shares of it per second: back to nine tenths in two seconds, then so
# slowly that the next overuse is tens of seconds away.
_ADDITIVE_FAR, _ADDITIVE_NEAR = 0.03, 0.004
_NEAR = 0.9
# Nothing grows beyond what was seen to get through by more than this.
_HEADROOM = 1.1
# Time passes in steps of a feedback; a longer gap is no reason for a bigger step.
_MAX_STEP_SECONDS = 0.5

# Capacity memory: weight of a new overuse, and bounds of its variance over its mean (kbit/s), as
# in libwebrtc's link capacity estimator, which is slower (0.05) but also forgets less.
_CAPACITY_WEIGHT = 0.2
_VARIANCE_MIN, _VARIANCE_MAX = 0.4, 2.5
_DEVIATIONS = 3.0
# One packet lost of eight makes a measure that much too low; that is no other capacity yet.
_SHRUNK = 0.8


class State(Enum):
    """What the estimate is doing (draft section 5.5)."""

    INCREASE = "increase"
    HOLD = "hold"
    DECREASE = "decrease"


class Capacity:
    """Mean and deviation of the rate that came through at overuse; unknown until the first."""

    __slots__ = ("_variance", "mean")

    def __init__(self) -> None:
        self.mean: float | None = None
        self._variance = _VARIANCE_MIN

    def observe(self, rate: float) -> None:
        """Note the rate (bits/s) that came through at an overuse; one far off starts afresh."""
        rate = max(rate, 1000.0)
        if self.mean is None or not self.low() <= rate <= self.high():
            self.mean, self._variance = rate, _VARIANCE_MIN
            return
        error = rate - self.mean
        self.mean += _CAPACITY_WEIGHT * error
        sample = error * error / self.mean / 1000.0
        variance = self._variance + _CAPACITY_WEIGHT * (sample - self._variance)
        self._variance = min(max(variance, _VARIANCE_MIN), _VARIANCE_MAX)

    def forget(self) -> None:
        """The path has changed."""
        self.mean, self._variance = None, _VARIANCE_MIN

    def high(self) -> float:
        """The rate above which the capacity must have grown; infinite while unknown."""
        return float("inf") if self.mean is None else self.mean + self._spread(self.mean)

    def low(self) -> float:
        """The rate below which the capacity must have shrunk; 0.0 while unknown."""
        if self.mean is None:
            return 0.0
        return max(0.0, min(self.mean - self._spread(self.mean), _SHRUNK * self.mean))

    def _spread(self, mean: float) -> float:
        return _DEVIATIONS * sqrt(self._variance * mean * 1000.0)


class RateControl:
    """Holds the estimate in bits per second, always within ``minimum`` and ``maximum``."""

    __slots__ = ("_at", "capacity", "estimate", "maximum", "minimum", "proven", "reason", "state")

    def __init__(self, start: float, minimum: float, maximum: float) -> None:
        self.minimum, self.maximum = minimum, maximum
        self.estimate = min(max(start, minimum), maximum)
        self.proven = 0.0
        self.capacity = Capacity()
        self.state = State.HOLD
        self.reason = "start"
        self._at: float | None = None

    def increase(self, throughput: float, now: float) -> None:
        """All is well and ``throughput`` (bits/s) gets through: grow towards what that proves."""
        step = min(now - self._at, _MAX_STEP_SECONDS) if self._at is not None else 0.0
        self._at = now
        self.proven = max(self.proven, throughput)
        if self.estimate > self.capacity.high():
            self.capacity.forget()
        mean = self.capacity.mean
        if mean is None:
            # What gets through without a queue is carried, whatever was thought of the path.
            grown = max(self.estimate * _MULTIPLICATIVE ** max(step, 0.0), throughput)
        else:
            share = _ADDITIVE_NEAR if self.estimate > _NEAR * mean else _ADDITIVE_FAR
            grown = self.estimate + share * min(mean, self.estimate) * max(step, 0.0)
        limit = self.proven * _HEADROOM
        if grown <= limit:
            self._set(grown, State.INCREASE, "growing" if mean is None else "near capacity")
        else:
            self._set(max(self.estimate, limit), State.HOLD, "nothing more is proven")

    def hold(self, reason: str, now: float) -> None:
        """Wait: a queue drains, or feedback is missing."""
        self._at = now
        self.state, self.reason = State.HOLD, reason

    def overuse(self, acked: float | None, reason: str, now: float) -> None:
        """The path carries no more than ``acked`` (bits/s; None: not known): go below it."""
        if acked is None:
            self.reduce(self.estimate * _BETA, reason, now)
            return
        capacity = self.capacity
        near = capacity.mean is not None and capacity.low() <= acked <= capacity.high()
        capacity.observe(acked)
        if near and capacity.mean is not None:
            # What is known is believed more than one measure.
            self.reduce(capacity.mean * _BETA_NEAR, reason, now)
        else:
            self.reduce(acked * _BETA, reason, now)

    def reduce(self, rate: float, reason: str, now: float) -> None:
        """Go down to ``rate`` (bits/s), never up."""
        self._at = now
        self.proven = min(self.proven, max(rate, self.minimum))
        if rate < self.estimate:
            self._set(rate, State.DECREASE, reason)
        else:
            self.hold(reason, now)

    def prove(self, rate: float, now: float) -> None:
        """A probe at ``rate`` (bits/s) got through."""
        self._at = now
        self.proven = max(self.proven, rate)
        if rate > self.estimate:
            self._set(rate, State.INCREASE, "probed")
        if self.estimate > self.capacity.high():
            self.capacity.forget()

    def capped(self, rate: float, now: float) -> None:
        """A probe failed, and only ``rate`` (bits/s) came through while its queue was full."""
        self._at = now
        self.capacity.observe(rate)
        carried = rate * _BETA_NEAR
        if carried > self.estimate:
            self.proven = max(self.proven, carried)
            self._set(carried, State.INCREASE, "probed in part")
        else:
            self._set(max(carried, self.estimate * _BETA_NEAR), State.HOLD, "probe failed")

    def follow(self, rate: float, reason: str) -> None:
        """Take over an estimate made elsewhere."""
        state = State.INCREASE if rate > self.estimate else State.DECREASE
        self._set(rate, state if rate != self.estimate else State.HOLD, reason)

    def _set(self, rate: float, state: State, reason: str) -> None:
        self.estimate = min(max(rate, self.minimum), self.maximum)
        self.state, self.reason = state, reason
