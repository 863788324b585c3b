"""The delay gradient tells a growing queue from a steady one, jitter and drift."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.delay_gradient import DelayGradient, Usage


class Stream:
    """One packet each 20 ms whose one-way delay is steered; the receiver's clock is its own."""

    def __init__(self, seed: int = 1) -> None:
        self.gradient = DelayGradient()
        self.random = Random(seed)
        self.now = 50.0
        self.delay = 0.03
        self.usages: list[Usage] = []

    def run(self, seconds: float, slope: float = 0.0, jitter: float = 0.0) -> None:
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            self.delay += slope * 0.02
            delay = self.delay + self.random.uniform(0.0, jitter)
            self.gradient.add([(self.now, 9000.0 + self.now + delay, 1000)])
            self.usages.append(self.gradient.usage)


def test_a_steady_delay_is_normal() -> None:
    stream = Stream()
    stream.run(10.0)
    assert set(stream.usages) == {Usage.NORMAL}
    assert abs(stream.gradient.slope) < 1e-9


def test_a_growing_delay_is_overuse_within_half_a_second() -> None:
    stream = Stream()
    stream.run(5.0)
    stream.run(0.5, slope=0.2)
    assert stream.gradient.usage is Usage.OVERUSE
    assert stream.gradient.slope > 0.05


def test_a_shrinking_delay_is_underuse() -> None:
    stream = Stream()
    stream.delay = 0.5
    stream.run(5.0)
    stream.run(1.0, slope=-0.2)
    assert stream.gradient.usage is Usage.UNDERUSE


def test_a_delay_that_stays_is_normal_again() -> None:
    stream = Stream()
    stream.run(5.0)
    stream.run(1.0, slope=0.2)
    stream.run(3.0)
    assert stream.gradient.usage is Usage.NORMAL


def test_moderate_jitter_is_seldom_overuse() -> None:
    stream = Stream()
    stream.run(60.0, jitter=0.01)
    assert stream.usages.count(Usage.OVERUSE) < len(stream.usages) * 0.01


def test_clock_drift_is_normal() -> None:
    stream = Stream()
    stream.run(60.0, slope=100e-6)
    assert set(stream.usages) == {Usage.NORMAL}


def test_a_burst_that_queues_behind_itself_is_normal() -> None:
    gradient = DelayGradient()
    for frame in range(200):
        for packet in range(5):
            sent = frame * 0.04 + packet * 0.0005
            gradient.add([(sent, 10.0 + frame * 0.04 + packet * 0.006, 1000)])
    assert gradient.usage is Usage.NORMAL
    assert abs(gradient.slope) < 1e-9


def test_a_pause_ends_the_trend() -> None:
    stream = Stream()
    stream.run(3.0)
    stream.run(1.0, slope=0.2)
    assert stream.gradient.usage is Usage.OVERUSE
    stream.now += 5.0
    stream.run(0.1)
    assert stream.gradient.usage is Usage.NORMAL


@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.floats(-1e6, 1e6)), max_size=200))
def test_any_times_give_a_finite_slope(times: list[tuple[float, float]]) -> None:
    gradient = DelayGradient()
    now = 0.0
    for pause, arrival in times:
        now += pause
        gradient.add([(now, arrival, 1000)])
        assert abs(gradient.slope) < float("inf")
