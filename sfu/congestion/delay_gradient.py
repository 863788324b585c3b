"""Whether the delay of a path grows: the trend of one-way delay over groups of packets."""

from __future__ import annotations

from collections import deque
from enum import Enum

# Packets that leave within 5 ms are one burst and queue behind each other on an idle path too
# (draft-ietf-rmcat-gcc-02 section 5.2).
_GROUP_MS = 5.0
# After a gap this long the old trend says nothing about the path.
_RESET_MS = 2000.0
# A group that takes this much longer than the one before is a receiver that slept.
_JUMP_MS = 3000.0

# The values of libwebrtc's trendline estimator: 20 groups are 0.8 s of video at 25 frames per
# second; the slope is scaled by the number of groups known (60 at most) and a gain of 4.
_WINDOW = 20
_SMOOTHING = 0.9
_GAIN = 4.0
_MAX_DELTAS = 60

# The adaptive threshold (section 5.4) follows the trend, slowly up so that a competing TCP flow
# does not starve us, faster down; steps beyond it (a route change) do not move it.
_THRESHOLD_START = 12.5
_THRESHOLD_MIN, _THRESHOLD_MAX = 6.0, 600.0
_K_UP, _K_DOWN = 0.0087, 0.039
_SPIKE = 15.0
# The trend must be over the threshold for 10 ms and two groups (section 5.4).
_OVERUSE_MS = 10.0


class Usage(Enum):
    """What the delay says about the path."""

    NORMAL = "normal"
    OVERUSE = "overuse"
    UNDERUSE = "underuse"


class DelayGradient:
    """Inter-group delay variation, trend filter and overuse detector.

    draft-ietf-rmcat-gcc-02 sections 5.2 to 5.4, with libwebrtc's least-squares line in place of
    the Kalman filter. ``slope`` is the trend in seconds of delay per second.
    """

    __slots__ = (
        "_accumulated",
        "_count",
        "_group_arrival",
        "_group_first",
        "_group_sent",
        "_last",
        "_over_groups",
        "_over_ms",
        "_points",
        "_previous_trend",
        "_smoothed",
        "_threshold",
        "slope",
        "usage",
    )

    def __init__(self) -> None:
        self._threshold = _THRESHOLD_START
        self._clear()

    def _clear(self) -> None:
        self.usage = Usage.NORMAL
        self.slope = 0.0
        self._group_first: float | None = None
        self._group_sent = self._group_arrival = 0.0
        self._last: tuple[float, float] | None = None
        self._points: deque[tuple[float, float]] = deque(maxlen=_WINDOW)
        self._accumulated = self._smoothed = 0.0
        self._count = 0
        self._previous_trend = 0.0
        self._over_ms = 0.0
        self._over_groups = 0

    def add(self, sent_at: float, arrived_at: float) -> None:
        """Note a packet that arrived, in the order of sending (both in seconds)."""
        sent, arrival = sent_at * 1000.0, arrived_at * 1000.0
        first = self._group_first
        if first is not None and sent < first:
            return  # out of order: its group is closed
        if first is None:
            self._group_first = self._group_sent = sent
            self._group_arrival = arrival
        elif sent - first <= _GROUP_MS:
            self._group_sent = sent
            self._group_arrival = max(self._group_arrival, arrival)
        else:
            self._close_group(sent)
            self._group_first = self._group_sent = sent
            self._group_arrival = arrival

    def _close_group(self, next_sent: float) -> None:
        sent, arrival = self._group_sent, self._group_arrival
        last, self._last = self._last, (sent, arrival)
        if last is None:
            return
        sent_delta, arrival_delta = sent - last[0], arrival - last[1]
        if (
            next_sent - sent > _RESET_MS
            or sent_delta > _RESET_MS
            or abs(arrival_delta - sent_delta) > _JUMP_MS
        ):
            self._clear()
            return
        self._measure(arrival_delta - sent_delta, sent_delta, arrival)

    def _measure(self, variation: float, sent_delta: float, arrival: float) -> None:
        self._count = min(self._count + 1, _MAX_DELTAS)
        self._accumulated += variation
        self._smoothed += (1.0 - _SMOOTHING) * (self._accumulated - self._smoothed)
        self._points.append((arrival, self._smoothed))
        if len(self._points) == _WINDOW:
            self.slope = _line_slope(self._points)
        self._detect(self._count * self.slope * _GAIN, sent_delta)

    def _detect(self, trend: float, sent_delta: float) -> None:
        if trend > self._threshold:
            self._over_ms += sent_delta if self._over_groups else sent_delta / 2
            self._over_groups += 1
            if (
                self._over_ms > _OVERUSE_MS
                and self._over_groups > 1
                and trend >= self._previous_trend
            ):
                self.usage = Usage.OVERUSE
        else:
            self._over_ms, self._over_groups = 0.0, 0
            self.usage = Usage.UNDERUSE if trend < -self._threshold else Usage.NORMAL
        self._previous_trend = trend
        distance = abs(trend) - self._threshold
        if distance <= _SPIKE:
            rate = _K_UP if distance > 0 else _K_DOWN
            threshold = self._threshold + rate * distance * min(sent_delta, 100.0)
            self._threshold = min(max(threshold, _THRESHOLD_MIN), _THRESHOLD_MAX)


def _line_slope(points: deque[tuple[float, float]]) -> float:
    """The slope of the least-squares line; 0.0 when all points are at one time."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    numerator = sum((x - mean_x) * (y - mean_y) for x, y in points)
    denominator = sum((x - mean_x) ** 2 for x, _ in points)
    return numerator / denominator if denominator > 0.0 else 0.0
