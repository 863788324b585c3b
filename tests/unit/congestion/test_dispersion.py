"""Dispersion notices a path that has become faster, and nothing else."""

from random import Random

from sfu.congestion.dispersion import Dispersion


class Bursts:
    """Frames of three full packets, 25 a second, over a path of a given rate."""

    def __init__(self, size: int = 1200) -> None:
        self.dispersion = Dispersion()
        self.random = Random(1)
        self.size = size
        self.now = 0.0
        self.rises = 0

    def run(self, seconds: float, rate: float, jitter: float = 0.0) -> None:
        for frame in range(round(seconds * 25)):
            arrival = self.now
            for _ in range(3):
                arrival += self.size * 8 / rate + self.random.uniform(0.0, jitter)
                self.dispersion.add([(self.now, arrival, self.size)])
            self.now += 0.04
            if frame % 3 == 0:
                self.rises += self.dispersion.risen()


def test_a_faster_path_is_noticed_once() -> None:
    bursts = Bursts()
    bursts.run(5.0, 500_000.0)
    assert bursts.rises == 0
    bursts.run(2.0, 3_000_000.0)
    assert bursts.rises == 1
    bursts.run(10.0, 3_000_000.0)
    assert bursts.rises == 1


def test_it_is_noticed_after_the_path_had_become_slower() -> None:
    bursts = Bursts()
    bursts.run(3.0, 3_000_000.0)
    bursts.run(3.0, 500_000.0)
    assert bursts.rises == 0
    bursts.run(2.0, 3_000_000.0)
    assert bursts.rises == 1


def test_jitter_is_not_a_faster_path() -> None:
    bursts = Bursts()
    bursts.run(60.0, 1_000_000.0, jitter=0.02)
    assert bursts.rises == 0


def test_small_packets_say_nothing() -> None:
    bursts = Bursts(size=300)
    bursts.run(3.0, 500_000.0)
    bursts.run(3.0, 3_000_000.0)
    assert bursts.rises == 0
