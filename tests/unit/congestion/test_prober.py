"""A probe pads to its rate, stops at once when told, measures, and backs off after failures."""

from sfu.congestion.prober import Outcome, Phase, Prober

MBIT = 1_000_000.0
RTT = 0.05


class Probing:
    """Ticks of 20 ms with a media packet each; padding is answered by a path of some rate."""

    def __init__(self, capacity: float = 100 * MBIT) -> None:
        self.prober = Prober()
        self.capacity = capacity
        self.now = 100.0
        self.sent = 0
        self.padded = 0
        self.free_at = 0.0
        self.lose_every = 0
        self.count = 0
        self.packets: list[tuple[float, float, int]] = []
        self.lost: list[float] = []

    def send(self, size: int) -> None:
        self.sent += size
        self.count += 1
        self.free_at = max(self.now, self.free_at) + size * 8 / self.capacity
        lost = self.lose_every and self.count % self.lose_every == 0
        if lost:
            self.lost.append(self.now)
        else:
            self.packets.append((self.now, self.free_at, size))

    def tick(self) -> None:
        self.now += 0.02
        self.send(500)
        padding = self.prober.padding(self.sent, self.now)
        while padding > 0:
            self.send(min(1000, padding))
            self.padded += min(1000, padding)
            padding -= 1000

    def probe(self, estimate: float, wanted: float) -> Outcome:
        assert self.prober.start(estimate, wanted, self.sent, self.now)
        self.finish()
        return self.conclude()

    def finish(self) -> float:
        """Runs a started probe to its end; the rate of all that was sent meanwhile."""
        before, started = self.sent, self.now
        while self.prober.phase is Phase.SENDING:
            self.tick()
        return (self.sent - before) * 8 / (self.now - started)

    def conclude(self) -> Outcome:
        self.prober.add(self.packets, self.lost)
        self.packets.clear()
        self.lost.clear()
        self.now += 0.5
        outcome = self.prober.conclude(self.now, RTT, self.now)
        assert outcome is not None
        return outcome


def test_media_and_padding_together_make_the_rate_and_it_is_proven() -> None:
    probing = Probing()
    started = probing.now
    assert probing.prober.start(MBIT, 10 * MBIT, probing.sent, probing.now)
    assert abs(probing.finish() / (2 * MBIT) - 1.0) < 0.1
    assert 0.3 <= probing.now - started <= 0.6
    outcome = probing.conclude()
    assert outcome.passed
    assert outcome.rate is not None
    assert 1.9 * MBIT < outcome.rate <= 2 * MBIT


def test_it_asks_for_little_more_than_is_wanted() -> None:
    outcome = Probing().probe(MBIT, 1.2 * MBIT)
    assert outcome.passed
    assert outcome.rate is not None
    assert 1.2 * MBIT < outcome.rate <= 1.05 * 1.2 * MBIT


def test_nothing_is_asked_when_enough_is_known() -> None:
    prober = Prober()
    assert not prober.start(MBIT, MBIT, 0, 1.0)
    assert prober.padding(0, 1.0) == 0
    assert prober.conclude(1.0, RTT, 1.0) is None


def test_a_full_path_fails_and_tells_its_rate() -> None:
    outcome = Probing(capacity=1.2 * MBIT).probe(MBIT, 10 * MBIT)
    assert not outcome.passed
    assert outcome.rate is not None
    assert abs(outcome.rate - 1.2 * MBIT) < 0.1 * MBIT


def test_a_lossy_probe_fails_unless_the_path_was_lossy_before() -> None:
    probing = Probing()
    probing.lose_every = 5
    assert not probing.probe(MBIT, 10 * MBIT).passed
    probing = Probing()
    probing.lose_every = 10
    probing.prober.start(MBIT, 10 * MBIT, probing.sent, probing.now, loss=0.1)
    probing.finish()
    outcome = probing.conclude()
    assert outcome.passed
    assert outcome.rate is not None
    assert outcome.rate > 1.8 * MBIT


def test_congestion_stops_it_at_once() -> None:
    probing = Probing()
    probing.prober.start(MBIT, 10 * MBIT, 0, probing.now)
    probing.tick()
    probing.prober.spoil(probing.now)
    padded = probing.padded
    probing.tick()
    assert probing.padded == padded
    assert not probing.conclude().passed


def test_a_late_tick_is_not_made_up_for_in_one_burst() -> None:
    probing = Probing()
    probing.prober.start(MBIT, 10 * MBIT, 0, probing.now)
    assert probing.prober.padding(0, probing.now + 0.25) <= 2 * MBIT / 8 * 0.06


def test_no_feedback_is_a_failure_after_some_patience() -> None:
    probing = Probing()
    probing.prober.start(MBIT, 10 * MBIT, 0, probing.now)
    probing.finish()
    assert probing.prober.conclude(0.0, RTT, probing.now + 0.3) is None
    outcome = probing.prober.conclude(0.0, RTT, probing.now + 1.0)
    assert outcome is not None
    assert not outcome.passed
    assert outcome.rate is None


def test_failures_back_off_and_ask_more_softly() -> None:
    probing = Probing(capacity=1.0 * MBIT)
    pauses, rates = [], []
    failed_at = probing.now
    for _ in range(6):
        while not probing.prober.start(MBIT, 10 * MBIT, probing.sent, probing.now):
            probing.now += 0.1
        pauses.append(round(probing.now - failed_at))
        rates.append(probing.finish() / MBIT)
        assert not probing.conclude().passed
        failed_at = probing.now
    assert pauses == [0, 3, 6, 6, 6, 6]
    assert rates[0] > 1.8
    assert rates[-1] < 1.4


def test_success_and_a_hint_end_the_back_off() -> None:
    probing = Probing(capacity=1.0 * MBIT)
    probing.probe(MBIT, 10 * MBIT)
    assert not probing.prober.start(MBIT, 10 * MBIT, probing.sent, probing.now)
    probing.prober.retry(probing.now)
    probing.capacity = 100 * MBIT
    assert probing.probe(MBIT, 10 * MBIT).passed
    assert probing.prober.start(2 * MBIT, 10 * MBIT, probing.sent, probing.now)


def test_a_known_capacity_is_not_exceeded_by_much() -> None:
    probing = Probing()
    probing.prober.start(MBIT, 10 * MBIT, 0, probing.now, capacity=1.1 * MBIT)
    assert abs(probing.finish() / (1.25 * 1.1 * MBIT) - 1.0) < 0.1


def test_clusters_are_numbered_from_one() -> None:
    probing = Probing()
    assert probing.prober.cluster == 0
    probing.probe(MBIT, 10 * MBIT)
    assert probing.prober.cluster == 1
    probing.probe(2 * MBIT, 10 * MBIT)
    assert probing.prober.cluster == 2


def test_a_probe_is_due_while_it_pads_and_when_all_of_it_was_reported() -> None:
    probing = Probing()
    prober = probing.prober
    assert prober.start(MBIT, 10 * MBIT, probing.sent, probing.now)
    assert prober.due(probing.now, RTT, probing.now) == probing.now
    probing.finish()
    now = probing.now
    patience = prober.due(now - 1.0, RTT, now)  # nothing of it was reported
    assert now < patience
    assert prober.conclude(now - 1.0, RTT, patience - 0.001) is None
    assert prober.due(now, RTT, now) == now  # all was
    assert prober.conclude(now - 1.0, RTT, patience) is not None
