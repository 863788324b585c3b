"""Losses are told from reorderings, asked for with patience, and forgotten in the end."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sfu.media.loss_tracker import MAX_MISSING, MAX_TRIES, LossTracker


def test_in_order_packets_leave_nothing_missing() -> None:
    tracker = LossTracker()
    assert all(tracker.add(n, n * 0.01) for n in range(100))
    assert len(tracker) == 0
    assert tracker.due(10.0, 0.1) == []


def test_a_gap_is_asked_for_after_two_newer_packets() -> None:
    tracker = LossTracker()
    tracker.add(10, 0.0)
    tracker.add(12, 0.001)
    assert tracker.due(0.002, 0.1) == []
    tracker.add(13, 0.002)
    assert tracker.due(0.003, 0.1) == [11]


def test_a_gap_is_asked_for_after_20_ms_without_newer_packets() -> None:
    tracker = LossTracker()
    tracker.add(10, 0.0)
    tracker.add(12, 0.0)
    assert tracker.due(0.019, 0.1) == []
    assert tracker.due(0.021, 0.1) == [11]


def test_tries_are_a_round_trip_apart_and_end() -> None:
    tracker = LossTracker()
    tracker.add(0, 0.0)
    tracker.add(2, 0.0)
    asked = [step / 1000 for step in range(2000) if tracker.due(step / 1000, 0.05)]
    assert len(asked) == MAX_TRIES
    assert all(b - a >= 0.05 for a, b in itertools.pairwise(asked))
    assert tracker.given_up == 1
    assert len(tracker) == 0


def test_a_recovered_packet_is_new_once() -> None:
    tracker = LossTracker()
    tracker.add(0, 0.0)
    tracker.add(2, 0.0)
    assert tracker.add(1, 0.03)
    assert not tracker.add(1, 0.04)
    assert tracker.due(1.0, 0.05) == []


def test_a_duplicate_is_not_new() -> None:
    tracker = LossTracker()
    assert tracker.add(5, 0.0)
    assert not tracker.add(5, 0.0)
    assert not tracker.add(4, 0.0)
    assert tracker.received == 1


def test_a_huge_gap_is_bounded() -> None:
    tracker = LossTracker()
    tracker.add(0, 0.0)
    tracker.add(5000, 0.0)
    assert len(tracker) == MAX_MISSING
    assert tracker.given_up == 4999 - MAX_MISSING


def test_what_was_lost_in_an_outage_is_not_asked_for() -> None:
    tracker = LossTracker()
    tracker.add(0, 0.0)
    tracker.add(250, 5.0)  # five seconds of sound
    tracker.add(252, 5.0)
    assert tracker.outages == 1
    assert tracker.given_up == 249
    assert tracker.due(5.1, 0.1) == [251]
    assert not tracker.add(100, 5.2)


def test_a_loss_at_the_beginning_after_a_pause_is_asked_for() -> None:
    tracker = LossTracker()
    tracker.add(0, 0.0)
    tracker.add(5, 60.0)
    assert tracker.due(60.1, 0.1) == [1, 2, 3, 4]
    assert tracker.outages == 0


def test_a_burst_of_losses_in_a_stream_that_goes_on_is_asked_for() -> None:
    tracker = LossTracker()
    tracker.add(0, 0.0)
    tracker.add(41, 0.8)
    assert len(tracker.due(0.9, 0.1)) == 40
    assert tracker.outages == 0


@given(st.lists(st.integers(0, 300), max_size=400))
def test_every_number_is_new_at_most_once_and_all_are_accounted_for(arrivals: list[int]) -> None:
    tracker = LossTracker()
    new = [number for number in arrivals if tracker.add(number, 0.0)]
    assert len(new) == len(set(new)) == tracker.received
    if new:
        expected = tracker.highest - new[0] + 1
        assert expected == tracker.received + len(tracker) + tracker.given_up
