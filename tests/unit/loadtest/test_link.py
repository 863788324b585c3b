"""The network model: what is lost, how late the rest is, and that a seed always plays the same."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.link import OVERHEAD_BYTES, Link

SIZE = 1000
BITS = (SIZE + OVERHEAD_BYTES) * 8


def arrivals(link: Link, count: int, spacing: float = 0.001) -> list[float | None]:
    return [link.carry(SIZE, number * spacing) for number in range(count)]


def bursts(results: list[float | None]) -> list[int]:
    """The lengths of the runs of lost packets."""
    return [len(list(run)) for lost, run in itertools.groupby(r is None for r in results) if lost]


def test_without_knobs_everything_arrives_at_once() -> None:
    link = Link(Random(1))
    assert arrivals(link, 100) == [number * 0.001 for number in range(100)]
    assert (link.carried, link.lost, link.overflowed) == (100, 0, 0)
    assert link.carried_bytes == 100 * (SIZE + OVERHEAD_BYTES)


@pytest.mark.parametrize("burst", [1.0, 3.0, 8.0])
@pytest.mark.parametrize("loss", [0.05, 0.2, 0.5])
def test_the_share_of_losses_is_as_asked_for(loss: float, burst: float) -> None:
    link = Link(Random(1), loss=loss, burst=burst)
    results = arrivals(link, 40_000)
    assert results.count(None) == link.lost
    assert link.lost / 40_000 == pytest.approx(loss, rel=0.2)


@pytest.mark.parametrize("burst", [2.0, 5.0, 20.0])
def test_losses_come_in_bursts_of_the_length_asked_for(burst: float) -> None:
    runs = bursts(arrivals(Link(Random(1), loss=0.1, burst=burst), 60_000))
    assert sum(runs) / len(runs) == pytest.approx(burst, rel=0.15)


@pytest.mark.parametrize("burst", [1.0, 4.0])
def test_a_dead_link_carries_nothing_and_comes_back(burst: float) -> None:
    link = Link(Random(1), loss=1.0, burst=burst)
    assert arrivals(link, 200) == [None] * 200
    link.loss = 0.0
    assert None not in arrivals(link, 200)


def test_a_share_too_high_for_its_bursts_is_kept_by_longer_bursts() -> None:
    link = Link(Random(1), loss=0.9, burst=2.0)
    arrivals(link, 40_000)
    assert link.lost / 40_000 == pytest.approx(0.9, rel=0.05)


def test_a_rate_spaces_packets_that_come_in_a_burst() -> None:
    link = Link(Random(1), rate=1_000_000, delay=0.01, queue=10.0)
    times = [link.carry(SIZE, 5.0) for _ in range(100)]
    assert times == pytest.approx([5.01 + n * BITS / 1_000_000 for n in range(1, 101)])


def test_the_queue_bounds_the_delay_and_the_rest_is_dropped() -> None:
    link = Link(Random(1), rate=1_000_000, queue=0.2, delay=0.05)
    times = [time for n in range(2000) if (time := link.carry(SIZE, n * 0.004)) is not None]
    # Twice the rate is offered: half of it goes, and nobody waits longer than the queue is.
    assert link.overflowed == pytest.approx(1000, abs=50)
    assert link.lost == 0
    assert max(times) <= 2000 * 0.004 + 0.2 + 0.05 + 2 * BITS / 1_000_000
    assert link.carried * BITS <= (8.0 + 0.2) * 1_000_000 + 2 * BITS


def test_an_idle_link_has_an_empty_queue() -> None:
    link = Link(Random(1), rate=1_000_000)
    for _ in range(10):
        link.carry(SIZE, 0.0)
    assert link.carry(SIZE, 5.0) == pytest.approx(5.0 + BITS / 1_000_000)


def test_a_rate_changes_during_the_call() -> None:
    link = Link(Random(1), rate=100_000)
    link.carry(SIZE, 0.0)
    link.rate = 1_000_000
    assert link.carry(SIZE, 1.0) == pytest.approx(1.0 + BITS / 1_000_000)


@given(
    seed=st.integers(0, 1000),
    jitter=st.floats(0.0, 0.1),
    delays=st.lists(st.floats(0.0, 0.2), min_size=2, max_size=30),
)
def test_packets_never_overtake_each_other(seed: int, jitter: float, delays: list[float]) -> None:
    link = Link(Random(seed), jitter=jitter)
    times = []
    for number, delay in enumerate(delays):
        link.delay = delay
        arrival = link.carry(SIZE, number * 0.005)
        assert arrival is not None
        times.append(arrival)
    assert times == sorted(times)
    assert all(time >= number * 0.005 for number, time in enumerate(times))


def test_jitter_reorders_where_that_is_asked_for() -> None:
    link = Link(Random(1), jitter=0.05, delay=0.01, reorders=True)
    times = arrivals(link, 500)
    assert times != sorted(t for t in times if t is not None)
    late = [time - number * 0.001 for number, time in enumerate(times) if time is not None]
    assert min(late) >= 0.01
    assert max(late) <= 0.06


def test_a_share_of_the_packets_comes_twice() -> None:
    link = Link(Random(1), duplicates=0.2, delay=0.01)
    copies = [link.arrivals(SIZE, n * 0.001) for n in range(10_000)]
    assert {len(times) for times in copies} == {1, 2}
    assert sum(len(times) == 2 for times in copies) == pytest.approx(2000, rel=0.1)
    assert Link(Random(1), loss=1.0, duplicates=1.0).arrivals(SIZE, 0.0) == ()


@given(seed=st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_losses_and_delays(seed: int) -> None:
    def play() -> list[float | None]:
        link = Link(Random(seed), rate=500_000, jitter=0.02, loss=0.1, burst=3.0)
        return arrivals(link, 100)

    assert play() == play()


def test_different_seeds_give_different_losses() -> None:
    one, other = (Link(Random(seed), loss=0.3) for seed in (1, 2))
    assert arrivals(one, 200) != arrivals(other, 200)


@given(st.floats(0.0, 1000.0))
def test_in_a_blackout_nothing_gets_through_and_outside_of_it_everything(now: float) -> None:
    link = Link(Random(1), blackout=2.0, every=10.0)
    assert (link.carry(100, now) is None) is (now % 10.0 < 2.0)
