"""One quality of a published track: an encoding of simulcast, or a spatial layer of SVC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sfu.media.allocation import Option

if TYPE_CHECKING:
    from sfu.media.receive_stream import ReceiveStream

# Rates follow with this time constant: long enough to see the mean of frames large and small,
# short enough for an encoder that changes its mind.
SMOOTH_SECONDS = 2.0
# What options say of a rate is left alone while it is right by this much: a path that is shared by
# what they say should not be shared anew for every large frame.
_STAYS_ABOVE, _STAYS_BELOW = 0.85, 1.1
# Without a packet for this long a layer is not sent any more: three frames of a slow camera.
# Browsers give up a layer without a word when their own path gets narrow.
LIVE_SECONDS = 0.6
# A browser that was asked for a layer again may have to find out first that its path carries it
# (Firefox took five seconds on a busy machine).
RESUME_SECONDS = 8.0
MAX_TEMPORAL = 4
# A layer begins with a keyframe: before this long its rate says little.
BEGIN_SECONDS = 0.6


@dataclass(slots=True)
class Layer:
    """What one layer costs; ``spatial`` counts from the lowest of its track, from 0.

    ``spatial_id`` is its number within an SVC stream, 0 for simulcast. ``paused`` while the
    publisher was told not to send it, since ``changed_at``. ``live`` when it comes, or would come
    if it were asked for.
    """

    stream: ReceiveStream
    spatial: int
    spatial_id: int = 0
    height: int = 0
    paused: bool = False
    live: bool = False
    changed_at: float = float("-inf")
    heard_at: float = float("-inf")
    rates: list[float] = field(default_factory=lambda: [0.0] * MAX_TEMPORAL)  # bits/s
    _said: list[float] = field(default_factory=lambda: [0.0] * MAX_TEMPORAL)
    _bytes: list[int] = field(default_factory=lambda: [0] * MAX_TEMPORAL)
    _measured_at: float | None = None
    _began_at: float | None = None

    def add(self, temporal_id: int, size: int, now: float) -> None:
        """Count a packet of ``size`` bytes."""
        self._bytes[temporal_id & 3] += size
        self.heard_at = now

    def measure(self, now: float) -> None:
        """Bring the rates up to date; to be called a few times per second."""
        if not any(self._bytes):
            self._measured_at = now
            return
        if self._measured_at is None or not any(self.rates):
            if self._began_at is None:
                self._began_at = self._measured_at if self._measured_at is not None else now
            elapsed = now - self._began_at
            if elapsed < BEGIN_SECONDS:
                return
            share = 1.0
            self._began_at = None
        else:
            elapsed = now - self._measured_at
            share = min(1.0, elapsed / SMOOTH_SECONDS)
        for temporal_id, size in enumerate(self._bytes):
            rate = size * 8 / elapsed
            self.rates[temporal_id] += (rate - self.rates[temporal_id]) * share
            self._bytes[temporal_id] = 0
        self._measured_at = now
        total = said = 0.0
        for temporal_id, rate in enumerate(self.rates):
            total += rate
            said += self._said[temporal_id]
            if not _STAYS_ABOVE * said <= total <= _STAYS_BELOW * said:
                self._said = list(self.rates)
                break

    def judge(self, now: float, heard_at: float, *, alone: bool) -> None:
        """Find out whether it is ``live``; one that is paused stays what it was.

        ``heard_at`` is when anything of its publisher was heard.
        The one layer of a track (``alone``) is live for ever: a still screen sends hardly anything.
        """
        if alone or not any(self.rates):
            self.live = alone
        elif not self.paused:
            awaited = self.heard_at < self.changed_at and now - self.changed_at < RESUME_SECONDS
            self.live = awaited or self.comes(max(heard_at, now - LIVE_SECONDS))

    def comes(self, now: float) -> bool:
        """Whether it was heard of late."""
        return now - self.heard_at < LIVE_SECONDS

    def pause(self, paused: bool, now: float) -> None:
        """The publisher is told (not) to send it."""
        if self.paused is not paused:
            self.paused = paused
            self.changed_at = now

    def within(self, bitrate: float) -> int:
        """The highest temporal id that ``bitrate`` (bits/s) carries; -1 when it carries none."""
        total = 0.0
        for temporal_id, rate in enumerate(self.rates):
            total += rate
            if total > bitrate:
                return temporal_id - 1
        return len(self.rates) - 1

    def options(self, below: float) -> list[Option]:
        """The ways to forward it: all temporal layers up to each, ``below`` (bits/s) with them."""
        options: list[Option] = []
        total = below
        for temporal_id, rate in enumerate(self._said):
            total += rate
            if rate > 0.0:
                options.append(Option(self.spatial, temporal_id, self.height, total))
        return options
