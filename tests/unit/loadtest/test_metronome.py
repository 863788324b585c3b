"""Repeated calls keep their intervals, whatever else happens."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Any

import pytest

from loadtest.metronome import Metronome


class Clock:
    """An event loop's timers, in a time of their own."""

    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[tuple[float, int, list[Callable[[], None] | None]]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, call: Callable[[], None]) -> Any:
        cell: list[Callable[[], None] | None] = [call]
        heapq.heappush(self._timers, (when, id(cell), cell))

        class Handle:
            def cancel(self) -> None:
                cell[0] = None

        return Handle()

    def run_until(self, end: float) -> None:
        while self._timers and self._timers[0][0] <= end:
            when, _, (call,) = heapq.heappop(self._timers)
            if call is not None:
                self.now = max(self.now, when)
                call()
        self.now = max(self.now, end)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    return made


def test_calls_come_at_their_intervals_and_stop_when_told(clock: Clock) -> None:
    metronome, calls = Metronome(), []
    beat = metronome.every(0.02, lambda: calls.append(round(clock.now, 6)), after=0.01)
    metronome.every(0.05, lambda: None)
    clock.run_until(0.1)
    assert calls == [0.01, 0.03, 0.05, 0.07, 0.09]
    beat.stop()
    clock.run_until(1.0)
    assert len(calls) == 5
    assert metronome.late.largest < 1e-6


def test_a_new_earlier_call_does_not_wait_for_a_later_one(clock: Clock) -> None:
    metronome, calls = Metronome(), []
    metronome.every(1.0, lambda: calls.append("late"), after=1.0)
    metronome.every(1.0, lambda: calls.append("early"), after=0.1)
    clock.run_until(1.0)
    assert calls == ["early", "late"]


def test_after_a_short_standstill_the_missed_calls_are_made_up_for(clock: Clock) -> None:
    metronome, calls = Metronome(), []
    metronome.every(0.02, lambda: calls.append(clock.now))
    clock.now = 0.2
    clock.run_until(0.2)
    assert len(calls) == 11
    assert metronome.skipped == 0
    assert metronome.late.largest == pytest.approx(0.2)


def test_after_a_long_one_they_are_left_out_and_counted(clock: Clock) -> None:
    metronome, calls = Metronome(), []
    metronome.every(0.02, lambda: calls.append(clock.now))
    clock.now = 10.0
    clock.run_until(10.0)
    assert len(calls) < 30
    assert metronome.skipped + len(calls) == pytest.approx(501, abs=1)


def test_nothing_is_called_after_the_end(clock: Clock) -> None:
    metronome, calls = Metronome(), []
    metronome.every(0.02, lambda: calls.append(1))
    metronome.stop()
    clock.run_until(1.0)
    assert calls == []
