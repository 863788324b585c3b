"""What is measured each second, and what becomes of it."""

from __future__ import annotations

import pytest

from sfu.config import Settings
from sfu.congestion.load import LoadState
from sfu.counters import Counters
from sfu.server.load_watch import LoadWatch


class Machine:
    """A server's counters and clock; ``second`` lets one pass."""

    def __init__(self, **settings) -> None:
        self.now, self.cpu = 50.0, 7.0
        self.counters = Counters()
        self.states: list[LoadState] = []
        self.watch = LoadWatch(
            Settings(**settings), self.counters, self.states.append, cpu_clock=lambda: self.cpu
        )
        self.watch.tick(self.now)

    def second(self, *, lag=0.0, cpu=0.0, received=0, sent=0, refused=0) -> dict:
        self.cpu += cpu
        self.counters.datagrams_in += received
        self.counters.datagrams_out += sent
        self.counters.drops["socket-full"] += refused
        for _ in range(50):
            self.watch.late(lag)
            self.now += 0.02
            self.watch.tick(self.now + 1e-6)
        return self.watch.explain()


def test_what_was_measured_is_told() -> None:
    machine = Machine()
    told = machine.second(lag=0.012, cpu=0.25, received=1000, sent=8000, refused=1000)
    assert told == {
        "state": "normal",
        "lag_ms": 12.0,
        "cpu": pytest.approx(0.25, rel=0.02),
        "packets_per_second": pytest.approx(9000, rel=0.02),
        "refused": 0.1,
    }


def test_what_the_process_did_before_it_was_watched_does_not_count() -> None:
    assert Machine().second()["cpu"] == 0.0


@pytest.mark.parametrize(
    "burden",
    [
        {"lag": 0.3},
        {"cpu": 0.99},
        {"sent": 1000, "refused": 500},
        {"received": 500, "sent": 9600},
    ],
)
def test_each_kind_of_burden_is_noticed_and_its_end_too(burden) -> None:
    machine = Machine(overload_packets=10_000)
    for _ in range(8):
        machine.second(**burden)
    assert machine.states == ["busy", "strained", "full"]
    for _ in range(35):
        machine.second()
    assert machine.states == ["busy", "strained", "full", "strained", "busy", "normal"]


def test_switched_off_it_measures_and_does_nothing() -> None:
    machine = Machine(overload="off")
    for _ in range(8):
        told = machine.second(lag=1.0)
    assert machine.states == []
    assert told["state"] == "normal"
    assert told["lag_ms"] == 1000.0


def test_the_limits_are_those_of_the_settings() -> None:
    machine = Machine(overload_lag=6.0, overload_cpu=4.0)
    for _ in range(8):
        machine.second(lag=0.5, cpu=1.0)
    assert machine.states == []
