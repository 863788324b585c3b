"""Measures every second how much the server has to do, and says when that changes its state."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sfu.config import Settings
from sfu.congestion.load import SAMPLE_SECONDS, Limits, Load, LoadState, Sample, worst_lag
from sfu.counters import Counters
from sfu.server.ticker import PERIOD


class LoadWatch:
    """Hears how late each tick is (``late``) and is one of its targets (``tick``).

    ``changed`` takes each new state. With ``overload`` off it measures, and the state stays normal.
    """

    def __init__(
        self,
        settings: Settings,
        counters: Counters,
        changed: Callable[[LoadState], None],
        *,
        cpu_clock: Callable[[], float] = time.process_time,
    ) -> None:
        self._acts = settings.overload == "on"
        self._load = Load(
            Limits(settings.overload_lag, settings.overload_cpu, settings.overload_packets)
        )
        self._counters = counters
        self._changed = changed
        self._cpu_clock = cpu_clock
        self._lags: list[float] = []
        self._measured_at: float | None = None
        self._cpu = self._datagrams = self._refused = 0.0

    def late(self, lag: float) -> None:
        """A tick came ``lag`` seconds late."""
        self._lags.append(lag)

    def tick(self, now: float) -> None:
        """Take a sample when a second is over."""
        if self._measured_at is not None and now - self._measured_at < SAMPLE_SECONDS:
            return
        counters, before = self._counters, (self._cpu, self._datagrams, self._refused)
        self._cpu = self._cpu_clock()
        out = counters.datagrams_out + counters.tcp_frames_out
        self._datagrams = counters.datagrams_in + counters.tcp_frames_in + out
        self._refused = counters.drops["socket-full"]
        lags, self._lags = self._lags, []
        began, self._measured_at = self._measured_at, now
        if began is None:
            return
        elapsed = now - began
        cpu, datagrams, refused = self._cpu - before[0], self._datagrams - before[1], 0.0
        if self._refused > before[2]:
            refused = self._refused - before[2]
            refused /= refused + datagrams
        sample = Sample(worst_lag(lags, PERIOD), cpu / elapsed, datagrams / elapsed, refused)
        if self._acts and self._load.take(sample, now):
            self._changed(self._load.state)
        elif not self._acts:
            self._load.sample = sample

    def explain(self) -> dict[str, Any]:
        """The state and what was measured last, for a debug page."""
        return self._load.explain()
