"""The estimator in a closed loop with a path: finds its rate, keeps it, follows its changes."""

import pytest

from tests.unit.congestion.path import Media, Path, fixed, greedy

KBIT, MBIT = 1_000.0, 1_000_000.0
# What the path's audio takes of it, unrecorded.
AUDIO = 60 * KBIT


def percentile(values: list[float], share: float) -> float:
    return values[int(len(values) * share)]


def longest_above(values: list[float], limit: float) -> float:
    """Seconds (samples are 0.1 s apart)."""
    longest = run = 0
    for value in values:
        run = run + 1 if value > limit else 0
        longest = max(longest, run)
    return longest * 0.1


@pytest.mark.parametrize(
    ("case", "jitter", "loss", "delay"),
    [(0, 0.0, 0.0, 0.025), (1, 0.015, 0.0, 0.025), (2, 0.0, 0.02, 0.08)],
    ids=["clean", "jitter", "lossy-and-far"],
)
@pytest.mark.parametrize("capacity", [150, 300, 700, 1500, 3000, 5000])
def test_greedy_media_fill_a_steady_path_without_a_queue(
    capacity: int, case: int, jitter: float, loss: float, delay: float
) -> None:
    capacity_rate = capacity * KBIT
    audio = capacity >= 700
    path = Path(
        capacity_rate, jitter=jitter, loss=loss, delay=delay, audio=audio, seed=capacity + case
    )
    path.estimator.want(2 * capacity_rate, path.now)
    path.run(60.0)
    estimates = path.estimates(10.0, 60.0)
    available = capacity_rate - (AUDIO if audio else 0.0)
    mean = sum(min(estimate, capacity_rate) for estimate in estimates) / len(estimates)
    assert mean >= 0.85 * available
    assert longest_above(estimates, 1.15 * capacity_rate) <= 1.0
    assert percentile(path.queueing(10.0, 60.0), 0.95) < 0.2
    assert path.decreases(10.0, 60.0) <= 2


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("queue", [0.05, 0.3, 1.0])
def test_a_path_that_becomes_slower_is_followed_within_a_second(seed: int, queue: float) -> None:
    path = Path(3 * MBIT, queue=queue, seed=seed)
    path.estimator.want(10 * MBIT, path.now)
    path.run(12.0)
    assert path.estimator.estimate > 2.5 * MBIT
    path.link.rate = 500 * KBIT
    path.run_until(lambda estimator: estimator.estimate < 600 * KBIT, limit=1.0)
    assert path.estimator.congested
    path.run(2.0 + 6.0 * queue)  # a seventh of the rate is left for the queue to drain
    since = path.time
    path.run(10.0)
    assert min(path.estimates(since, path.time)) > 300 * KBIT
    assert percentile(path.queueing(since, path.time), 0.95) < 0.2


@pytest.mark.parametrize("low", [150 * KBIT, 500 * KBIT])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_path_that_becomes_faster_is_followed(low: float, seed: int) -> None:
    path = Path(low, jitter=0.005, seed=seed)
    path.estimator.want(10 * MBIT, path.now)
    path.run(15.0 + seed)
    path.link.rate = 3 * MBIT
    path.run_until(lambda estimator: estimator.estimate > 2.5 * MBIT, limit=10.0)


def test_a_fast_path_is_found_in_the_first_seconds() -> None:
    path = Path(100 * MBIT, delay=0.001, media=fixed(500 * KBIT))
    path.estimator.want(5 * MBIT, path.now)
    path.run_until(lambda estimator: estimator.estimate >= 5 * MBIT, limit=3.0)


@pytest.mark.parametrize(
    ("jitter", "loss"), [(0.0, 0.0), (0.02, 0.0), (0.04, 0.0), (0.0, 0.05), (0.01, 0.1)]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_an_estimate_that_is_not_used_holds(seed: int, jitter: float, loss: float) -> None:
    path = Path(3 * MBIT, media=fixed(300 * KBIT), jitter=jitter, loss=loss, seed=seed)
    path.estimator.want(None, path.now)
    path.run(30.0)
    assert min(path.estimates(0.0, 30.0)) >= 1.2 * 300 * KBIT
    assert max(path.estimates(0.0, 30.0)) <= 600 * KBIT * 1.1
    assert path.padded == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_wanted_is_found_by_probing(seed: int) -> None:
    path = Path(3 * MBIT, media=fixed(300 * KBIT), jitter=0.01, seed=seed)
    path.estimator.want(None, path.now)
    path.run(10.0)
    path.estimator.want(1.2 * MBIT, path.now)
    path.run_until(lambda estimator: estimator.estimate >= 1.2 * MBIT, limit=3.0)
    padded = path.padded
    assert 0 < padded < 200_000
    path.run(20.0)
    assert path.padded == padded
    assert min(path.estimates(path.time - 20.0, path.time)) >= 1.2 * MBIT


def test_probing_in_vain_costs_little() -> None:
    path = Path(1 * MBIT, media=fixed(500 * KBIT))
    path.estimator.want(5 * MBIT, path.now)
    path.run(90.0)
    estimates = path.estimates(10.0, 90.0)
    assert min(estimates) > 850 * KBIT
    assert max(estimates) < 1.15 * MBIT
    assert path.padded * 8 / 90.0 < 0.04 * MBIT
    assert percentile(path.queueing(10.0, 90.0), 0.99) < 0.1


@pytest.mark.parametrize(("loss", "least"), [(0.05, 0.8), (0.1, 0.6)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bad_radio_link_is_not_congestion(seed: int, loss: float, least: float) -> None:
    path = Path(3 * MBIT, loss=loss, seed=seed)
    path.estimator.want(10 * MBIT, path.now)
    path.run(40.0)
    estimates = path.estimates(10.0, 40.0)
    assert sum(estimates) / len(estimates) > least * 3 * MBIT
    assert min(estimates) > 0.4 * 3 * MBIT
    assert abs(path.estimator.loss - loss) < 0.06


def test_other_traffic_is_given_way_to_and_its_end_is_noticed() -> None:
    path = Path(3 * MBIT)
    path.estimator.want(4 * MBIT, path.now)
    path.run(12.0)
    path.cross = lambda _: 2 * MBIT * 0.01 / 8
    path.run(15.0)
    estimates = path.estimates(path.time - 10.0, path.time)
    assert 0.5 * MBIT < sum(estimates) / len(estimates) < 1.1 * MBIT
    path.cross = None
    path.run_until(lambda estimator: estimator.estimate > 2.4 * MBIT, limit=8.0)


def test_a_queue_that_others_keep_full_does_not_starve_us() -> None:
    path = Path(3 * MBIT, queue=0.5)
    path.estimator.want(4 * MBIT, path.now)
    path.run(12.0)
    # Others fill what we leave, up to a queue of 200 ms.
    path.cross = lambda _: max(0.0, 0.2 - path.standing()) * 3 * MBIT / 8 * 0.3
    path.run(30.0)
    assert min(path.estimates(14.0, path.time)) > 0.5 * MBIT


@pytest.mark.parametrize("media", [greedy, fixed(500 * KBIT)], ids=["greedy", "limited"])
def test_missing_feedback_reduces_and_its_return_recovers(media: Media) -> None:
    path = Path(3 * MBIT, media=media)
    path.estimator.want(4 * MBIT, path.now)
    path.run(10.0)
    before = path.estimator.estimate
    path.feedback_works = False
    path.run(0.4)
    assert path.estimator.estimate >= before
    path.run(0.6)
    assert path.estimator.estimate < 0.6 * before
    assert path.estimator.congested
    path.run(10.0)
    assert path.estimator.estimate >= 150 * KBIT
    path.feedback_works = True
    path.run_until(lambda estimator: estimator.estimate > 0.85 * before, limit=6.0)


@pytest.mark.parametrize(
    ("rate", "loss"),
    [(3 * MBIT, 0.13), (3 * MBIT, 0.2), (60 * KBIT, 0.0), (150 * KBIT, 0.05)],
    ids=["lossy", "very lossy", "full", "full and lossy"],
)
def test_a_path_that_was_bad_when_nothing_more_was_sent_is_asked_again(
    rate: float, loss: float
) -> None:
    for stop in range(10):  # the last that is heard: a queue, one that drains, losses
        sends = [200 * KBIT]
        path = Path(rate, media=lambda _, sends=sends: sends[0], loss=loss, seed=stop + 1)
        path.run(4.0 + 0.13 * stop)
        sends[0] = 0.0
        path.run(0.5)
        path.link.rate, path.link.loss = 3 * MBIT, 0.0
        path.estimator.want(MBIT, path.now)
        path.run_until(lambda estimator: estimator.estimate > 0.9 * MBIT, limit=9.0)


def test_what_was_lost_in_an_outage_is_not_held_against_the_path_after_it() -> None:
    path = Path(None, media=fixed(500 * KBIT))
    path.run(5.0)
    path.link.loss = 1.0
    path.run(5.0)
    path.link.loss = 0.0
    path.run(0.6)
    assert path.estimator.loss < 0.02
    assert not path.estimator.limited
    path.run_until(lambda estimator: estimator.estimate > 450 * KBIT, limit=2.0)


def test_a_probe_of_padding_alone_is_judged_as_soon_as_all_of_it_is_reported() -> None:
    sends = [200 * KBIT]
    path = Path(3 * MBIT, media=lambda _: sends[0])
    path.run(3.0)
    sends[0] = 0.0
    path.run(3.0)
    path.estimator.want(1.2 * MBIT, path.now)
    assert path.estimator.estimate <= 660 * KBIT
    path.run_until(lambda estimator: estimator.estimate > 1.1 * MBIT, limit=0.6)


def test_silence_without_sending_means_nothing() -> None:
    rate = [500 * KBIT]
    path = Path(3 * MBIT, media=lambda _: rate[0])
    path.run(10.0)
    before = path.estimator.estimate
    assert before > 500 * KBIT
    rate[0] = 0.0
    path.run(30.0)
    rate[0] = 500 * KBIT
    path.run(5.0)
    assert path.estimator.estimate >= before
    assert not path.estimator.congested


def test_a_receiver_whose_clock_is_set_is_no_congestion() -> None:
    path = Path(3 * MBIT, media=fixed(500 * KBIT))
    path.estimator.want(None, path.now)
    path.run(10.0)
    before = path.estimator.estimate
    path.set_clock(3600.0)
    path.run(10.0)
    assert path.estimator.estimate >= before


def test_rates_are_measured() -> None:
    path = Path(3 * MBIT, media=fixed(400 * KBIT), loss=0.1)
    path.run(5.0)
    assert abs(path.estimator.sent_rate - 400 * KBIT) < 40 * KBIT
    assert abs(path.estimator.acked_rate - 360 * KBIT) < 60 * KBIT


def test_it_explains_itself_in_plain_values() -> None:
    path = Path(1 * MBIT)
    path.estimator.want(2 * MBIT, path.now)
    path.run(5.0)
    explained = path.estimator.explain()
    assert explained["state"] in {"increase", "hold", "decrease"}
    assert all(
        value is None or isinstance(value, int | float | str | bool) for value in explained.values()
    )
