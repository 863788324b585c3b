"""What a person sees and hears of somebody else: pictures, freezes, changes, lost sound."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# W3C webrtc-stats, freezeCount: a gap of three mean intervals, and at least 150 ms over the mean.
FREEZE_FACTOR = 3
FREEZE_SECONDS = 0.15
MEAN_OF = 30
# Taken for the mean until that many intervals were seen: a slow screen.
FIRST_INTERVALS, FIRST_MEAN = 5, 0.2
# A longer interval counts as this long in the mean, or the next freeze would not be seen.
MAX_INTERVAL = 1.0
# Sound that comes later than this after it was sent is not worth hearing.
MAX_AUDIO_LATENESS = 0.4
# Freezes that begin so long after an incident belong to it.
INCIDENT_SECONDS = 10.0


class Viewer:
    """One person watching one camera or screen; ``now`` tells the time of the call.

    A stop for which there is an excuse (``excuse``: muted, paused, not on screen) is no freeze.
    """

    def __init__(self, now: Callable[[], float], since: float) -> None:
        self.since = since
        self.frames = 0
        self.bytes = 0
        self.height = 0
        self.rid: str | None = None
        self.first_at: float | None = None
        self.changes: list[tuple[float, int, str]] = []  # time, height and rid from then on
        self.misattributed = 0  # shown while the slots message said that it is somebody else
        self._now = now
        self._freezes: list[tuple[float, float]] = []
        self._intervals: deque[float] = deque(maxlen=MEAN_OF)
        self._total = 0.0  # of ``_intervals``
        self._last: float | None = None  # from when the next picture is awaited
        self._shown: list[float] = []
        self._sizes: list[int] = []
        self._excuses: set[str] = set()
        self._excused_at = since
        self._excused = 0.0
        self._paused_at: float | None = None
        self._paused = 0.0

    # --- what happens ---

    def shown(self, height: int, rid: str, size: int) -> None:
        """A picture appears; ``size`` is that of its packets' payloads in bytes."""
        now = self._now()
        self.frames += 1
        self.bytes += size
        self._shown.append(now)
        self._sizes.append(size)
        if self.first_at is None:
            self.first_at = now
        elif (height, rid) != (self.height, self.rid):
            self.changes.append((now, height, rid))
        self.height, self.rid = height, rid
        if self._last is not None:
            gap = now - self._last
            if gap > self._threshold():
                self._freezes.append((self._last, now))
            gap = min(gap, MAX_INTERVAL)
            if len(self._intervals) == MEAN_OF:
                self._total -= self._intervals[0]
            self._intervals.append(gap)
            self._total += gap
        self._last = None if self._excuses else now

    def excuse(self, why: str) -> None:
        """From now on there is a reason to see no new picture."""
        if not self._excuses:
            now = self._now()
            if self._last is not None and now - self._last > self._threshold():
                self._freezes.append((self._last, now))
            self._last = None
            self._excused_at = now
        self._excuses.add(why)
        if why == "paused" and self._paused_at is None:
            self._paused_at = self._now()

    def resume(self, why: str) -> None:
        """That reason is gone."""
        if why not in self._excuses:
            return
        self._excuses.discard(why)
        if why == "paused" and self._paused_at is not None:
            self._paused += self._now() - self._paused_at
            self._paused_at = None
        if not self._excuses:
            now = self._now()
            self._excused += now - max(self._excused_at, self.first_at or now)
            self._last = now if self.first_at is not None else None

    @property
    def excused(self) -> bool:
        """Whether there is a reason to see no new picture."""
        return bool(self._excuses)

    @property
    def paused(self) -> float:
        """Seconds during which the server said that the path does not carry the picture."""
        lasting = 0.0 if self._paused_at is None else self._now() - self._paused_at
        return self._paused + lasting

    # --- what the person would say ---

    @property
    def time_to_first_picture(self) -> float | None:
        """Seconds from the later one's join to the first picture; None while there is none."""
        return None if self.first_at is None else self.first_at - self.since

    @property
    def freezes(self) -> list[tuple[float, float]]:
        """Every freeze as (start, end); one that lasts ends now."""
        now = self._now()
        if self._last is not None and now - self._last > self._threshold():
            return [*self._freezes, (self._last, now)]
        return list(self._freezes)

    @property
    def longest_freeze(self) -> float:
        """Seconds; 0.0 when there was none."""
        return max((end - start for start, end in self.freezes), default=0.0)

    def frozen(self, after: float = 0.0) -> float:
        """Seconds frozen since the time ``after``."""
        return sum(max(0.0, end - max(start, after)) for start, end in self.freezes)

    @property
    def frozen_share(self) -> float:
        """The share of the time since the first picture; what is excused does not count."""
        if self.first_at is None:
            return 0.0
        now = self._now()
        excused = self._excused
        if self._excuses:
            excused += now - max(self._excused_at, self.first_at)
        return self.frozen() / max(now - self.first_at - excused, 1e-9)

    def changes_per_minute(self, after: float = 0.0) -> float:
        """Visible changes of height or encoding per minute since the time ``after``."""
        begin = max(after, self.since)
        count = sum(at > begin for at, _, _ in self.changes)
        return count * 60 / max(self._now() - begin, 1e-9)

    @property
    def fps(self) -> float:
        """Pictures in the last second."""
        return float(len(self._shown) - bisect_right(self._shown, self._now() - 1.0))

    def goodput(self, after: float = 0.0) -> float:
        """Bytes per second of the pictures shown since the time ``after``."""
        begin = max(after, self.first_at or self.since)
        size = sum(self._sizes[bisect_left(self._shown, begin) :])
        return size / max(self._now() - begin, 1e-9)

    def recovered_after(self, at: float) -> float:
        """Seconds from ``at`` to the end of the last freeze it caused: 0.0 when it caused none.

        Those that last at ``at`` or begin within ten seconds of it; infinite when one still lasts.
        """
        now = self._now()
        ends = [end for start, end in self.freezes if end > at and start < at + INCIDENT_SECONDS]
        if not ends:
            return 0.0
        return float("inf") if ends[-1] >= now and self._lasting() else ends[-1] - at

    def largest_gap(self, after: float = 0.0) -> float:
        """The longest time between two pictures since the time ``after``, excused or not."""
        if self.first_at is None:
            return 0.0
        shown = self._shown[bisect_right(self._shown, after) :]
        times = [max(after, self.first_at), *shown, self._now()]
        return max(later - earlier for earlier, later in pairwise(times))

    def _lasting(self) -> bool:
        return self._last is not None and self._now() - self._last > self._threshold()

    def _threshold(self) -> float:
        count = len(self._intervals)
        mean = self._total / count if count >= FIRST_INTERVALS else FIRST_MEAN
        return max(FREEZE_FACTOR * mean, mean + FREEZE_SECONDS)


class Listener:
    """One person listening to one microphone; ``sent_at`` has the time of each of its packets."""

    def __init__(self, now: Callable[[], float], sent_at: Sequence[float]) -> None:
        self.arrivals = 0
        self.late = 0
        self._now = now
        self._sent_at = sent_at
        self._in_time = bytearray()  # by number: 1 when it was heard
        self._first: int | None = None  # the first packet of the time it is forwarded
        self._spans: list[tuple[int, int]] = []  # the times before the present one

    def arrived(self, number: int) -> None:
        """The packet with that number since the publisher's first is here, for the first time."""
        if self._first is None:
            self._first = number
        self.arrivals += 1
        if self._now() - self._sent_at[number] > MAX_AUDIO_LATENESS:
            self.late += 1
            return
        if number >= len(self._in_time):
            self._in_time.extend(bytes(number + 1 - len(self._in_time)))
        self._in_time[number] = 1

    def ended(self) -> None:
        """It is no longer forwarded; what is under way is neither heard nor missed."""
        if self._first is not None:
            self._spans.append((self._first, self._due(self._first)))
            self._first = None

    def _due(self, first: int) -> int:
        """The number after the last packet that must have been heard by now."""
        return max(first, bisect_right(self._sent_at, self._now() - MAX_AUDIO_LATENESS))

    @property
    def residual_loss(self) -> float:
        """The share of packets sent while forwarded that never came, or came too late."""
        spans = list(self._spans)
        if self._first is not None:
            spans.append((self._first, self._due(self._first)))
        expected = sum(end - first for first, end in spans)
        heard = sum(sum(self._in_time[first:end]) for first, end in spans)
        return 1 - heard / expected if expected else 0.0
