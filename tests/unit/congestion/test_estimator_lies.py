"""Whatever a client reports, the estimate stays within its bounds and near what was sent."""

from math import inf, isfinite, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.congestion.estimator import Estimator
from sfu.rtp.transport_cc import TransportFeedback

MINIMUM, MAXIMUM = 30_000.0, 20_000_000.0


def feedback(base: int, arrivals: list[int | None], reference: int) -> TransportFeedback:
    reference = ((reference + 0x800000) & 0xFFFFFF) - 0x800000
    return TransportFeedback(1, 2, base & 0xFFFF, 0, reference, arrivals)


def pad(estimator: Estimator, now: float) -> None:
    padding = estimator.tick(now)
    assert 0 <= padding < 1.05 * MAXIMUM / 8 * 0.07
    while padding > 0:
        estimator.history.record(255, now, estimator.probe_cluster)
        padding -= 255


def check(estimator: Estimator) -> None:
    assert MINIMUM <= estimator.estimate <= MAXIMUM
    assert 0.0 <= estimator.loss <= 1.0
    assert isfinite(estimator.acked_rate)
    assert isfinite(estimator.sent_rate)
    for value in estimator.explain().values():
        assert not isinstance(value, float) or isfinite(value)


report = st.tuples(
    st.integers(0, 40),  # packets sent before it
    st.floats(0.0, 1.0),  # seconds before it
    st.integers(-200, 50),  # first number, from the last one sent
    st.one_of(st.integers(-20, 20), st.integers(-0x800000, 0x7FFFFF)),  # step of the time
    st.lists(st.one_of(st.none(), st.integers(0, 400), st.integers(-(2**24), 2**24)), max_size=200),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(report, max_size=30), st.one_of(st.none(), st.floats(0.0, 1e9)))
def test_any_feedback_is_survived(
    reports: list[tuple[int, float, int, int, list[int | None]]], wanted: float | None
) -> None:
    estimator = Estimator()
    now = 5.0
    last = reference = 0
    estimator.want(wanted, now)
    for count, pause, first, step, arrivals in reports:
        for _ in range(count):
            last = estimator.history.record(1200, now)
        now += pause
        reference += step
        estimator.feedback(feedback(last + first, arrivals, reference), now)
        pad(estimator, now)
        check(estimator)


def liar(arrival: str) -> Estimator:
    """20 s of 500 kbit/s and a client whose reports are as ``arrival`` says."""
    estimator = Estimator()
    estimator.want(15_000_000.0, 0.0)
    reported = reference = 0
    sent = 0
    most = 0.0
    for step in range(1000):
        now = 100.0 + step * 0.02
        estimator.history.record(1250, now)
        before = estimator.history.sent_bytes
        pad(estimator, now)
        most = max(most, estimator.sent_rate)
        sent += 1 + -(-(estimator.history.sent_bytes - before) // 255)
        if step % 5 == 4:
            count = sent - reported
            ticks: list[int | None]
            match arrival:
                case "at once":
                    ticks = [0] * count
                    reference = 1000
                case "backwards":
                    ticks = [count - index for index in range(count)]
                    reference -= 1
                case "everything lost":
                    ticks = [None] * count
                case "never sent":
                    ticks = [0] * 60_000
                    reported += 5_000
            estimator.feedback(feedback(reported, ticks, reference), now)
            reported = sent
            check(estimator)
    assert estimator.estimate <= max(600_000.0, 1.25 * most)
    return estimator


@pytest.mark.parametrize("arrival", ["at once", "backwards", "everything lost", "never sent"])
def test_a_lie_gains_no_more_than_was_sent(arrival: str) -> None:
    liar(arrival)


def test_reporting_everything_lost_goes_down_to_the_minimum() -> None:
    assert liar("everything lost").estimate < 60_000.0


def test_what_was_never_sent_is_counted() -> None:
    assert liar("never sent").history.ignored > 1_000_000


@pytest.mark.parametrize("bitrate", [nan, inf, -inf, -5.0, 0.0, 1e30])
def test_an_impossible_remb_is_bounded(bitrate: float) -> None:
    estimator = Estimator()
    estimator.remb(bitrate, 1.0)
    check(estimator)


def test_remb_is_followed_where_there_is_no_transport_feedback() -> None:
    estimator = Estimator()
    estimator.remb(1_500_000.0, 1.0)
    assert estimator.estimate == 1_500_000.0
    estimator.remb(400_000.0, 2.0)
    assert estimator.estimate == 400_000.0


def test_remb_is_ignored_beside_transport_feedback() -> None:
    estimator = Estimator()
    base = estimator.history.record(1200, 1.0)
    estimator.feedback(feedback(base, [0], 10), 1.1)
    estimator.remb(5_000_000.0, 1.2)
    estimator.receiver_report(0.9, 1.2)
    assert estimator.estimate == 600_000.0
    assert estimator.loss == 0.0


def test_the_loss_of_receiver_reports_bounds_remb() -> None:
    estimator = Estimator()
    estimator.remb(2_000_000.0, 1.0)
    for second in range(2, 7):
        estimator.receiver_report(0.3, float(second))
        estimator.remb(2_000_000.0, second + 0.5)
    assert estimator.congested
    assert estimator.estimate < 1_200_000.0
    for second in range(7, 40):
        estimator.receiver_report(0.0, float(second))
    assert not estimator.congested
    assert estimator.estimate == 2_000_000.0


def test_receiver_reports_alone_move_the_estimate() -> None:
    estimator = Estimator()
    for step in range(1000):
        now = step * 0.02
        estimator.history.record(1500, now)
        assert estimator.tick(now) == 0
        if step % 50 == 0:
            estimator.receiver_report(0.0, now)
    assert 600_000.0 < estimator.estimate <= 1.1 * estimator.sent_rate
    raised = estimator.estimate
    for second in range(20, 25):
        estimator.receiver_report(0.2, float(second))
    assert estimator.estimate < 0.9 * raised
    estimator.receiver_report(nan, 30.0)
    check(estimator)
