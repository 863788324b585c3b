"""Overuse needs a queue; a queue that does not yield to us is not ours."""

from sfu.congestion.delay_gradient import Usage
from sfu.congestion.overuse import Overuse
from sfu.congestion.queue_delay import QueueDelay

RTT = 0.1


def judged(levels: list[float], usage: Usage = Usage.NORMAL) -> tuple[list[str | None], QueueDelay]:
    """One judgement each 100 ms, with the standing queue (seconds) of each."""
    overuse, queue = Overuse(), QueueDelay()
    for index in range(20):
        queue.add([(index * 0.02, 5.0 + index * 0.02, 1000)])
    reasons: list[str | None] = []
    now = 1.0
    for level in levels:
        for _ in range(10):
            now += 0.01
            queue.add([(now, 5.0 + now + level, 1000)])
        # The window keeps two tenths of a second: the least of this level and the one before.
        reasons.append(overuse.judge(usage, queue, RTT, now))
    return reasons, queue


def test_a_trend_without_a_queue_is_jitter() -> None:
    reasons, _ = judged([0.005] * 10, Usage.OVERUSE)
    assert not any(reasons)


def test_a_trend_with_a_queue_is_overuse() -> None:
    reasons, _ = judged([0.04] * 10, Usage.OVERUSE)
    assert reasons[-1] == "delay grows"


def test_a_small_queue_without_a_trend_is_left_alone() -> None:
    reasons, _ = judged([0.06] * 30)
    assert not any(reasons)


def test_a_standing_queue_asks_for_room_now_and_then() -> None:
    reasons, _ = judged([0.1] * 12)
    assert 2 <= reasons.count("queue stands") <= 3


def test_a_queue_that_shrinks_goes_on_asking() -> None:
    reasons, queue = judged([0.4 * 0.95**index for index in range(25)])
    assert reasons.count("queue stands") >= 4
    assert queue.seconds() > 0.1


def test_a_queue_that_does_not_yield_is_accepted() -> None:
    reasons, queue = judged([0.2] * 60)
    assert reasons.count("queue stands") == 4
    assert queue.seconds() == 0.0
