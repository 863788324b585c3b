"""The one timer of the server: every 20 ms whatever waits for time to pass learns the time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from sfu.counters import Counters
from sfu.server.bugs import Bugs

# The period of an audio packet: finer gives nothing, coarser delays NACKs and keyframe requests.
PERIOD = 0.02


class Ticker:
    """Calls each of ``targets`` with the time about every 20 ms, and measures how late it is."""

    def __init__(
        self,
        targets: Sequence[Callable[[float], None]],
        counters: Counters,
        late: Callable[[float], None] = lambda lag: None,
    ) -> None:
        """``late`` hears of each tick by how many seconds it was late."""
        self._targets = tuple(targets)
        self._counters = counters
        self._late = late
        self._due = 0.0
        self._handle: asyncio.TimerHandle | None = None
        self._bugs = Bugs(counters, "tick")

    def start(self) -> None:
        """Begin to tick on the running event loop."""
        self._schedule(time.monotonic())

    def stop(self) -> None:
        """Tick no more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def tick(self, now: float) -> None:
        """Call every target once; one that raises is a bug that must not stop the others."""
        for target in self._targets:
            try:
                target(now)
            except Exception as error:
                self._bugs.found(error, now)

    def _schedule(self, now: float) -> None:
        self._due += PERIOD
        if self._due <= now:
            # After a stall the missed ticks are skipped: the one just done did their work.
            self._due = now + PERIOD
        self._handle = asyncio.get_running_loop().call_later(self._due - now, self._fire)

    def _fire(self) -> None:
        now = time.monotonic()
        lag = max(0.0, now - self._due)
        self._counters.loop_lag.observe(lag)
        self._late(lag)
        self.tick(now)
        self._schedule(time.monotonic())
