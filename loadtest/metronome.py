"""Calls that repeat at exact intervals, any number of them on one timer of the event loop."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass

from loadtest.histogram import Histogram

# After a longer standstill what was missed is left out: a flood would be no test of the server.
_MAX_BEHIND_SECONDS = 0.5
# uvloop counts in milliseconds and may wake up to one too early: waiting for the rest would spin.
_EARLY_SECONDS = 0.001


@dataclass(slots=True)
class Beat:
    """One repeated call; ``stop`` ends it."""

    interval: float
    call: Callable[[], None] | None

    def stop(self) -> None:
        """Call no more."""
        self.call = None


class Metronome:
    """``late`` counts how long after its time each call came; ``skipped`` the calls left out."""

    def __init__(self) -> None:
        self.late = Histogram()
        self.skipped = 0
        self._loop = asyncio.get_running_loop()
        self._due: list[tuple[float, int, Beat]] = []
        self._order = 0  # keeps calls that are due at the same time in turn
        self._timer: asyncio.TimerHandle | None = None

    def every(self, interval: float, call: Callable[[], None], *, after: float = 0.0) -> Beat:
        """Call ``call`` every ``interval`` seconds, first in ``after`` seconds."""
        beat = Beat(interval, call)
        self._push(self._loop.time() + after, beat)
        self._wake_up()
        return beat

    def stop(self) -> None:
        """End all calls."""
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _push(self, due: float, beat: Beat) -> None:
        self._order += 1
        heapq.heappush(self._due, (due, self._order, beat))

    def _wake_up(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due:
            self._timer = self._loop.call_at(self._due[0][0], self._run)

    def _run(self) -> None:
        now = self._loop.time()
        while self._due and self._due[0][0] <= now + _EARLY_SECONDS:
            due, _, beat = heapq.heappop(self._due)
            if beat.call is None:
                continue
            beat.call()
            self.late.record(now - due)
            following = due + beat.interval
            if now - following > _MAX_BEHIND_SECONDS:
                missed = int((now - following) / beat.interval)
                self.skipped += missed
                following += missed * beat.interval
            self._push(following, beat)
            now = self._loop.time()
        self._wake_up()
