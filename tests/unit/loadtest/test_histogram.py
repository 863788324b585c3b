"""The histogram of durations: quantiles, merging, and its limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.histogram import Histogram

DURATIONS = st.lists(st.floats(2e-5, 50.0), min_size=1, max_size=50)


def of(durations: list[float]) -> Histogram:
    histogram = Histogram()
    for each in durations:
        histogram.record(each)
    return histogram


@given(DURATIONS, st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]))
def test_quantiles_are_those_of_the_sorted_durations_within_two_percent(
    durations: list[float], share: float
) -> None:
    rank = max(1, -(-share * len(durations) // 1))
    expected = sorted(durations)[int(rank) - 1]
    assert of(durations).quantile(share) == pytest.approx(expected, rel=0.02)


@given(DURATIONS, DURATIONS)
def test_merging_counts_as_if_it_had_been_one(first: list[float], second: list[float]) -> None:
    merged, whole = of(first), of(first + second)
    merged.add(of(second))
    assert (merged.counts, merged.total, merged.largest) == (
        whole.counts,
        whole.total,
        whole.largest,
    )


@given(DURATIONS)
def test_the_cumulative_shares_rise_to_one(durations: list[float]) -> None:
    points = of(durations).cumulative()
    assert points == sorted(points)
    assert points[-1] == (pytest.approx(max(durations), rel=0.02), 1.0)


def test_nothing_recorded_has_no_quantile() -> None:
    assert Histogram().quantile(0.5) is None
    assert Histogram().cumulative() == []


def test_what_is_out_of_range_is_counted_at_the_ends() -> None:
    histogram = of([-1.0, 0.0, 1000.0])
    assert histogram.total == 3
    assert histogram.quantile(0.1) < 2e-5
    assert histogram.largest == 1000.0
