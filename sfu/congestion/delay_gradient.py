"""Whether the delay of a path grows: the trend of one-way delay over groups of packets."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfu.congestion.send_history import Arrived

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
# Arrivals come in steps of 0.25 ms: less (square milliseconds) is no spread but a rounding error.
_LEAST_SPREAD = 1e-6
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
        "_previous_trend",
        "_smoothed",
        "_threshold",
        "_trend",
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
        self._trend = _Trend()
        self._accumulated = self._smoothed = 0.0
        self._count = 0
        self._previous_trend = 0.0
        self._over_ms = 0.0
        self._over_groups = 0

    def add(self, arrived: Iterable[Arrived]) -> None:
        """Note packets that arrived, in the order of sending."""
        first, last, latest = self._group_first, self._group_sent, self._group_arrival
        for sent_at, arrived_at, _ in arrived:
            sent, arrival = sent_at * 1000.0, arrived_at * 1000.0
            if first is not None:
                if sent < first:
                    continue  # out of order: its group is closed
                if sent - first <= _GROUP_MS:
                    last = sent
                    latest = max(latest, arrival)
                    continue
                self._close_group(last, latest, sent)
            first = last = sent
            latest = arrival
        self._group_first, self._group_sent, self._group_arrival = first, last, latest

    def _close_group(self, sent: float, arrival: float, next_sent: float) -> None:
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
        slope = self._trend.add(arrival, self._smoothed)
        if slope is not None:
            self.slope = slope
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


class _Trend:
    """The slope of the least-squares line through the last points, brought up to date in place."""

    __slots__ = ("_fresh", "_origin", "_points", "_x", "_xx", "_xy", "_y")

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque()
        self._origin = (0.0, 0.0)
        self._x = self._y = self._xx = self._xy = 0.0  # sums, relative to the origin
        self._fresh = 0  # points until the origin moves along: sums of large numbers are inexact

    def add(self, x: float, y: float) -> float | None:
        """The slope with this point; None before there are enough, 0.0 when all are at one x."""
        points = self._points
        points.append((x, y))
        if self._fresh == 0:
            self._move()
        self._fresh -= 1
        origin_x, origin_y = self._origin
        x -= origin_x
        y -= origin_y
        self._x += x
        self._y += y
        self._xx += x * x
        self._xy += x * y
        if len(points) < _WINDOW:
            return None
        numerator = self._xy - self._x * self._y / _WINDOW
        denominator = self._xx - self._x * self._x / _WINDOW
        x, y = points.popleft()
        x -= origin_x
        y -= origin_y
        self._x -= x
        self._y -= y
        self._xx -= x * x
        self._xy -= x * y
        return numerator / denominator if denominator > _LEAST_SPREAD else 0.0

    def _move(self) -> None:
        """Take the newest point, which is not counted yet, for the origin."""
        self._origin = origin_x, origin_y = self._points[-1]
        self._fresh = _WINDOW
        before = [(x - origin_x, y - origin_y) for x, y in self._points][:-1]
        self._x = sum(x for x, _ in before)
        self._y = sum(y for _, y in before)
        self._xx = sum(x * x for x, _ in before)
        self._xy = sum(x * y for x, y in before)
