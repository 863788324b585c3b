"""States of load: worse quickly, better slowly, one at a time."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.load import (
    BETTER,
    FALL_SECONDS,
    LONGEST_FALL_SECONDS,
    RISE_SECONDS,
    Limits,
    Load,
    LoadState,
    Sample,
    worst_lag,
)

IDLE = Sample()
OVER = Sample(lag=1.0)

samples = st.builds(
    Sample,
    lag=st.floats(0, 0.4),
    cpu=st.floats(0, 1.5),
    packets=st.floats(0, 200_000),
    refused=st.floats(0, 0.3),
)


def fed(load: Load, sample: Sample, seconds: int, now: float = 0.0) -> list[LoadState]:
    """The state after each second of ``sample``."""
    states = []
    for second in range(seconds):
        load.take(sample, now + second)
        states.append(load.state)
    return states


def settled(sample: Sample, limits: Limits | None = None) -> LoadState:
    load = Load(limits or Limits())
    return fed(load, sample, 30)[-1]


@pytest.mark.parametrize(
    ("sample", "state"),
    [
        (IDLE, "normal"),
        (Sample(lag=0.03), "normal"),
        (Sample(lag=0.05), "busy"),
        (Sample(lag=0.12), "strained"),
        (Sample(lag=0.25), "full"),
        (Sample(cpu=0.7), "normal"),
        (Sample(cpu=0.85), "busy"),
        (Sample(cpu=0.9), "strained"),
        (Sample(cpu=0.97), "full"),
        (Sample(refused=0.001), "normal"),
        (Sample(refused=0.01), "busy"),
        (Sample(refused=0.05), "strained"),
        (Sample(refused=0.2), "full"),
        (Sample(packets=1e9), "normal"),
    ],
)
def test_each_measure_alone_leads_to_its_state(sample, state) -> None:
    assert settled(sample) == state


def test_packets_count_where_the_operator_knows_how_many_are_too_many() -> None:
    limits = Limits(packets=10_000)
    assert settled(Sample(packets=8_000), limits) == "normal"
    assert settled(Sample(packets=9_000), limits) == "busy"
    assert settled(Sample(packets=11_000), limits) == "full"


def test_it_rises_a_state_every_two_seconds() -> None:
    assert fed(Load(Limits()), OVER, 7) == [
        "normal", "busy", "busy", "strained", "strained", "full", "full",
    ]  # fmt: skip
    assert RISE_SECONDS == 2.0


def test_a_stall_of_one_second_changes_nothing() -> None:
    load = Load(Limits())
    for second in range(60):
        load.take(OVER if second % 3 == 0 else IDLE, second)
        assert load.state is LoadState.NORMAL


def test_it_falls_a_state_every_ten_seconds() -> None:
    load = Load(Limits())
    fed(load, OVER, 6)
    states = fed(load, IDLE, 40, now=6.0)
    assert states.count("strained") == states.count("busy") == FALL_SECONDS
    assert states.count("full") == FALL_SECONDS - 1  # the first second is over already
    assert states[-1] == "normal"


def test_what_is_only_a_little_better_keeps_the_state() -> None:
    load = Load(Limits())
    fed(load, Sample(lag=0.045), 5)
    assert set(fed(load, Sample(lag=0.041 * BETTER), 300, now=5.0)) == {LoadState.BUSY}
    assert fed(load, Sample(lag=0.039 * BETTER), 30, now=305.0)[-1] == "normal"


def test_it_waits_longer_each_time_that_relief_brings_the_load_back() -> None:
    """As with a load that vanishes whenever pictures are small."""
    load = Load(Limits())
    rises, before = [], LoadState.NORMAL
    for second in range(1000):
        load.take(Sample(cpu=0.85) if load.state is LoadState.NORMAL else IDLE, second)
        if load.state is LoadState.BUSY and before is LoadState.NORMAL:
            rises.append(second)
        before = load.state
    apart = [later - earlier for earlier, later in itertools.pairwise(rises)]
    assert apart == sorted(apart)
    assert apart[-1] >= LONGEST_FALL_SECONDS
    assert len(rises) <= 15


def test_a_minute_without_load_forgets_how_long_it_had_to_wait() -> None:
    load = Load(Limits())
    for second in range(300):
        load.take(Sample(cpu=0.85) if load.state is LoadState.NORMAL else IDLE, second)
    fed(load, IDLE, 200, now=300.0)
    fed(load, Sample(cpu=0.85), 3, now=500.0)
    assert load.state is LoadState.BUSY
    assert fed(load, IDLE, 12, now=503.0)[-1] == "normal"


@given(st.lists(samples, max_size=120))
def test_it_moves_one_state_at_a_time_and_says_when(taken) -> None:
    load = Load(Limits(packets=100_000))
    for second, sample in enumerate(taken):
        before = load.state.level
        changed = load.take(sample, second)
        assert changed is (load.state.level != before)
        assert abs(load.state.level - before) <= 1


@given(st.lists(samples, max_size=120))
def test_it_never_goes_up_and_down_within_ten_seconds(taken) -> None:
    load = Load(Limits(packets=100_000))
    moved_at = float("-inf")
    for second, sample in enumerate(taken):
        before = load.state.level
        load.take(sample, second)
        if load.state.level != before:
            fell = load.state.level < before
            assert not fell or second - moved_at >= FALL_SECONDS
            assert fell or second - moved_at >= RISE_SECONDS
            moved_at = second


@given(st.lists(samples, max_size=120))
def test_it_comes_back_to_normal_in_bounded_time_whatever_was_before(taken) -> None:
    load = Load(Limits())
    for second, sample in enumerate(taken):
        load.take(sample, second)
    states = fed(load, IDLE, int(3 * (LONGEST_FALL_SECONDS + 2)), now=len(taken))
    assert states[-1] is LoadState.NORMAL
    assert states == sorted(states, key=lambda state: -state.level)


@given(st.lists(st.tuples(samples, st.floats(1.0, 3.0)), max_size=8))
def test_more_load_never_leads_to_a_better_state(taken) -> None:
    """Of a steady load: while it changes, waiting times may differ."""
    less, more = Load(Limits(packets=100_000)), Load(Limits(packets=100_000))
    for sample, factor in taken:
        for load, each in ((less, sample), (more, Sample(*(factor * part for part in sample)))):
            load.__init__(Limits(packets=100_000))
            fed(load, each, 10)
        assert more.state.level >= less.state.level


@given(st.lists(st.floats(0, 2), min_size=1, max_size=60))
def test_the_worst_lag_is_one_that_was_seen(lags) -> None:
    assert worst_lag(lags, 0.02) in lags
    assert worst_lag([*lags, max(lags)], 0.02) >= worst_lag(lags, 0.02)


def test_one_long_stall_counts_by_the_time_it_took() -> None:
    assert worst_lag([0.0] * 25 + [0.5], 0.02) == 0.5
    assert worst_lag([0.0] * 49 + [0.015], 0.02) == 0.0
    assert worst_lag([], 0.02) == 0.0
