"""The standing queue is what the luckiest packets wait beyond the distance."""

from random import Random

from sfu.congestion.queue_delay import QueueDelay


class Stream:
    """One packet each 20 ms over a distance, with a queue and jitter on top."""

    def __init__(self) -> None:
        self.queue = QueueDelay()
        self.random = Random(1)
        self.now = 20.0

    def run(
        self, seconds: float, delay: float = 0.05, jitter: float = 0.0, drift: float = 0.0
    ) -> None:
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            late = self.random.uniform(0.0, jitter) + self.now * drift
            self.queue.add([(self.now, self.now - 7000.0 + delay + late, 1000)])


def test_the_distance_is_no_queue() -> None:
    stream = Stream()
    stream.run(3.0)
    assert stream.queue.seconds() < 1e-9


def test_a_queue_is_seen_within_the_window_and_gone_at_once() -> None:
    stream = Stream()
    stream.run(3.0)
    stream.run(0.3, delay=0.15)
    assert abs(stream.queue.seconds() - 0.1) < 1e-6
    stream.run(0.02)
    assert stream.queue.seconds() < 1e-9


def test_jitter_is_no_queue() -> None:
    stream = Stream()
    for _ in range(50):
        stream.run(0.2, jitter=0.03)
        assert stream.queue.seconds() < 0.02


def test_a_longer_distance_is_learnt_and_a_shorter_one_told() -> None:
    stream = Stream()
    stream.run(3.0)
    stream.run(25.0, delay=0.15)
    assert stream.queue.seconds() < 1e-6
    assert not stream.queue.nearer()
    stream.run(0.1, delay=0.08)
    assert stream.queue.nearer()
    assert not stream.queue.nearer()


def test_drift_is_no_queue() -> None:
    stream = Stream()
    stream.run(60.0, drift=100e-6)
    assert stream.queue.seconds() < 0.003


def test_an_accepted_queue_is_distance() -> None:
    stream = Stream()
    stream.run(3.0)
    stream.run(1.0, delay=0.15)
    stream.queue.accept()
    assert stream.queue.seconds() == 0.0


def test_nothing_is_known_after_a_pause() -> None:
    stream = Stream()
    assert not stream.queue.known()
    stream.run(3.0)
    assert stream.queue.known()
    stream.now += 5.0
    stream.run(0.02, delay=0.4)
    assert not stream.queue.known()
    assert stream.queue.seconds() == 0.0
