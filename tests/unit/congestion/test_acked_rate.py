"""The acknowledged rate is what arrived in the last half second, and cannot be talked up."""

from sfu.congestion.acked_rate import AckedRate


def test_a_steady_stream_is_measured() -> None:
    acked = AckedRate()
    for index in range(100):
        acked.add([(index * 0.01, 500.0 + index * 0.01, 1000)])
    assert abs(acked.rate(1.0) - 800_000) < 20_000
    assert acked.covered()


def test_it_forgets_what_is_older_than_the_window() -> None:
    acked = AckedRate()
    for index in range(100):
        acked.add([(index * 0.01, index * 0.01, 1000)])
    for index in range(100, 200):
        acked.add([(index * 0.01, index * 0.01, 100)])
    assert abs(acked.rate(2.0) - 80_000) < 2_000


def test_nothing_is_known_after_a_pause() -> None:
    acked = AckedRate()
    assert acked.rate(0.0) == 0.0
    assert not acked.covered()
    for index in range(100):
        acked.add([(index * 0.01, index * 0.01, 1000)])
    assert acked.rate(10.0) == 0.0
    acked.add([(10.0, 10.0, 1000)])
    assert not acked.covered()


def test_the_recent_rate_is_that_of_a_path_that_has_just_become_slower() -> None:
    acked = AckedRate()
    for index in range(100):
        acked.add([(index * 0.004, index * 0.004, 1200)])
    for index in range(1, 15):
        acked.add([(0.4 + index * 0.004, 0.4 + index * 0.02, 1200)])
    recent = acked.recent_rate()
    assert recent is not None
    assert abs(recent - 480_000) < 1_000
    assert acked.rate(0.7) > 1.5 * recent


def test_too_few_packets_have_no_recent_rate() -> None:
    acked = AckedRate()
    assert acked.recent_rate() is None
    for index in range(3):
        acked.add([(index * 0.1, index * 0.1, 1200)])
    assert acked.recent_rate() is None


def test_a_receiver_that_claims_to_get_everything_at_once_gains_nothing() -> None:
    acked = AckedRate()
    for index in range(10_000):
        acked.add([(index * 0.01, 1.0, 1000)])
    assert acked.rate(100.0) <= 2.1 * 800_000
