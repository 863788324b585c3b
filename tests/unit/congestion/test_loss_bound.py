"""Loss reduces the rate where it comes from too high a rate, and hardly where it does not."""

from sfu.congestion.loss_bound import LossBound

MBIT = 1_000_000.0


class Lossy:
    """One feedback of 30 packets each 100 ms; the estimate follows the bound."""

    def __init__(self) -> None:
        self.bound = LossBound()
        self.estimate = 3 * MBIT
        self.now = 10.0

    def run(self, seconds: float, lost: int, queued: bool, acked: float | None = None) -> None:
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.bound.add(lost, 30, self.now)
            limit = self.bound.bound(self.estimate, acked, queued, self.now)
            if limit is not None:
                assert limit < self.estimate
                self.estimate = limit


def test_the_fraction_is_smoothed() -> None:
    lossy = Lossy()
    lossy.run(0.1, lost=3, queued=False)
    assert lossy.bound.fraction < 0.02
    lossy.run(5.0, lost=3, queued=False)
    assert abs(lossy.bound.fraction - 0.1) < 0.005


def test_a_late_arrival_takes_its_loss_back() -> None:
    bound = LossBound()
    for index in range(20):
        bound.add(3, 30, index * 0.1)
    lossy = bound.fraction
    bound.add(-3, 30, 2.0)
    assert bound.fraction < lossy
    bound.add(-3, 3, 200.0)
    assert bound.fraction >= 0.0


def test_ten_percent_without_a_queue_is_tolerated() -> None:
    lossy = Lossy()
    lossy.run(60.0, lost=3, queued=False)
    assert lossy.estimate == 3 * MBIT


def test_more_than_that_without_a_queue_costs_little_and_not_for_ever() -> None:
    lossy = Lossy()
    lossy.run(2.0, lost=6, queued=False)
    assert lossy.estimate > 0.9 * 3 * MBIT
    lossy.run(60.0, lost=6, queued=False)
    assert abs(lossy.estimate - 0.7 * 3 * MBIT) < 1.0


def test_it_does_not_go_below_what_comes_through() -> None:
    lossy = Lossy()
    lossy.run(60.0, lost=6, queued=False, acked=2.5 * MBIT)
    assert lossy.estimate == 2.5 * MBIT


def test_loss_with_a_queue_reduces_in_proportion() -> None:
    lossy = Lossy()
    lossy.run(3.0, lost=6, queued=True)
    assert lossy.estimate < 2 * MBIT


def test_heavy_loss_with_a_queue_goes_to_what_comes_through() -> None:
    lossy = Lossy()
    lossy.run(1.0, lost=25, queued=True, acked=0.5 * MBIT)
    assert lossy.estimate == 0.85 * 0.5 * MBIT


def test_heavy_loss_reduces_without_a_queue_too() -> None:
    lossy = Lossy()
    lossy.run(4.0, lost=15, queued=False, acked=1.5 * MBIT)
    assert lossy.estimate < 1.6 * MBIT


def test_no_packets_say_nothing() -> None:
    bound = LossBound()
    bound.add(0, 0, 1.0)
    assert bound.fraction == 0.0
    assert bound.bound(MBIT, None, True, 1.0) is None
