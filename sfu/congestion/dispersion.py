"""How far apart the packets of one burst arrive: a hint that a path has become faster."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfu.congestion.send_history import Arrived

# Packets of one video frame leave together (draft-ietf-rmcat-gcc-02 section 5.2: 5 ms).
_BURST_SECONDS = 0.005
# After the first packet a burst must bring this much: jitter hides the size of small packets.
_BURST_BYTES = 1000
# The median of so many bursts (half a second of video) does not follow single ones.
_BURSTS = 12
# Arrival times come in steps of 250 microseconds.
_RESOLUTION_SECONDS = 0.00025
# The floor follows a slower path within a second; a faster one must be this much faster for
# this many feedbacks to count as news.
_FALL = 0.2
_RISE, _RISE_TIMES = 1.5, 5


class Dispersion:
    """The rate at which bursts come out of the path, compared only with its own past.

    As a measure of capacity it is worthless behind Wi-Fi (which delivers in batches) or a token
    bucket (which lets bursts pass). But where it rises, something has changed, and it is worth
    asking the path again: see ``Prober.retry``.
    """

    __slots__ = ("_bytes", "_first_arrival", "_first_sent", "_floor", "_last", "_rates", "_rises")

    def __init__(self) -> None:
        self._rates: deque[float] = deque(maxlen=_BURSTS)
        self._first_sent = float("-inf")
        self._first_arrival = self._last = 0.0
        self._bytes = 0
        self._floor: float | None = None
        self._rises = 0

    def add(self, arrived: Iterable[Arrived]) -> None:
        """Note packets that arrived, in the order of sending."""
        for sent_at, arrived_at, size in arrived:
            if 0.0 <= sent_at - self._first_sent <= _BURST_SECONDS:
                self._bytes += size
                self._last = max(self._last, arrived_at)
                continue
            if self._bytes >= _BURST_BYTES:
                span = max(self._last - self._first_arrival, _RESOLUTION_SECONDS)
                self._rates.append(self._bytes * 8 / span)
            self._first_sent = sent_at
            self._first_arrival = self._last = arrived_at
            self._bytes = 0

    def risen(self) -> bool:
        """Whether the path looks faster than it did; asked once per feedback."""
        if len(self._rates) < _BURSTS:
            return False
        rates = sorted(self._rates)
        rate = (rates[_BURSTS // 2 - 1] + rates[_BURSTS // 2]) / 2
        if self._floor is None:
            self._floor = rate
        if rate < self._floor:
            self._floor += _FALL * (rate - self._floor)
        self._rises = self._rises + 1 if rate >= _RISE * self._floor else 0
        if self._rises < _RISE_TIMES:
            return False
        self._floor = rate
        self._rises = 0
        return True
