"""Transport-cc feedback reports each packet once, with the right times, and stays bounded."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.arrival_recorder import MAX_PACKETS, MAX_PENDING, ArrivalRecorder
from sfu.rtp.transport_cc import TransportFeedback


def reported(feedback: TransportFeedback) -> dict[int, float | None]:
    """Sequence number to arrival in seconds."""
    return {
        (feedback.base_sequence + index) & 0xFFFF: None
        if ticks is None
        else (feedback.reference_time * 256 + ticks) * 0.00025
        for index, ticks in enumerate(feedback.arrivals)
    }


def test_times_and_losses_are_reported() -> None:
    recorder = ArrivalRecorder()
    recorder.record(10, 7, 1.0)
    recorder.record(12, 7, 1.05)
    feedback = recorder.take_feedback(1, 1.1)
    assert feedback is not None
    times = reported(feedback)
    assert feedback.media_ssrc == 7
    assert times[11] is None
    assert times[10] is not None
    assert times[12] is not None
    assert abs(times[10] - 1.0) <= 0.00025
    assert abs(times[12] - 1.05) <= 0.00025


def test_nothing_is_reported_twice_and_the_count_goes_up() -> None:
    recorder = ArrivalRecorder()
    recorder.record(65535, 7, 1.0)
    first = recorder.take_feedback(1, 1.0)
    recorder.record(0, 7, 1.1)
    recorder.record(65535, 7, 1.1)
    second = recorder.take_feedback(1, 1.2)
    assert first is not None
    assert second is not None
    assert list(reported(first)) == [65535]
    assert list(reported(second)) == [0]
    assert second.feedback_count == first.feedback_count + 1
    assert recorder.take_feedback(1, 1.25) is None


def test_it_waits_between_reports() -> None:
    recorder = ArrivalRecorder()
    recorder.record(0, 7, 1.0)
    assert recorder.take_feedback(1, 1.0) is not None
    recorder.record(1, 7, 1.01)
    assert recorder.take_feedback(1, 1.05) is None


@given(st.lists(st.integers(0, 0xFFFF), max_size=300))
def test_any_numbers_give_writable_and_bounded_reports(numbers: list[int]) -> None:
    recorder = ArrivalRecorder()
    now = 100.0
    for number in numbers:
        now += 0.003
        recorder.record(number, 7, now)
        feedback = recorder.take_feedback(1, now)
        if feedback is not None:
            assert 0 < len(feedback.arrivals) <= MAX_PACKETS
            feedback.write()


def test_what_it_keeps_is_bounded() -> None:
    recorder = ArrivalRecorder()
    for number in range(60000):
        recorder.record(number & 0xFFFF, 7, 1.0)
    reports = 0
    now = 1.0
    while recorder.take_feedback(1, now := now + 0.1) is not None:
        reports += 1
    assert reports <= MAX_PENDING // MAX_PACKETS + 1


def test_what_waited_too_long_behind_numbers_that_leap_is_not_reported() -> None:
    recorder = ArrivalRecorder()
    for n in range(200):
        recorder.record(700 * n & 0xFFFF, 1, 0.001 * n)  # each needs a report of its own
    told = [recorder.take_feedback(9, 0.11 * n) for n in range(3, 80)]
    assert all(feedback is None or feedback.write() for feedback in told)
    assert sum(feedback is not None for feedback in told) in range(30, 40)
    recorder = ArrivalRecorder()
    recorder.record(1, 1, 0.0)
    recorder.record(2, 1, 9.0)
    feedback = recorder.take_feedback(9, 9.1)
    assert feedback is not None
    assert [arrival is not None for arrival in feedback.arrivals] == [False, True]
