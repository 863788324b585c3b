"""Scenarios and networks: who sits where, and how the work is divided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.profiles import PROFILES, network
from loadtest.scenario import NAMES, Job, scenario


def test_each_scenario_has_its_people() -> None:
    fanout = scenario("fanout", size=5)
    assert [seat.sends for seat in fanout.seats] == [True] + [False] * 5
    assert fanout.connections == 5
    assert scenario("room", size=6, rooms=9).connections == 30
    rooms = scenario("rooms", size=3, rooms=4)
    assert (len(rooms.seats), rooms.connections) == (12, 24)
    assert {seat.room for seat in rooms.seats} == {0, 1, 2, 3}
    idle = scenario("idle", size=4, rooms=2)
    assert not any(seat.sends for seat in idle.seats)
    assert idle.connections == 0
    webinar = scenario("webinar", size=20, publishers=3)
    assert (sum(seat.sends for seat in webinar.seats), webinar.connections) == (3, 3 * 22)
    joins = scenario("joins", size=10, rooms=20)
    assert (len(joins.seats), joins.tolerant, joins.connections) == (200, True, 0)
    assert scenario("joins", size=10, rooms=20, publishers=1).connections == 20 * 9
    churn = scenario("churn", size=4, guests_per_second=2.0, stay=3.0)
    assert (churn.guests_per_second, churn.stay, len(churn.seats)) == (2.0, 3.0, 4)


@given(st.sampled_from(sorted(NAMES)), st.integers(1, 20), st.integers(1, 5), st.integers(1, 9))
def test_workers_share_all_seats_guests_and_joins(
    name: str, size: int, rooms: int, workers: int
) -> None:
    plan = scenario(name, size=size, rooms=rooms, guests_per_second=3.0, stay=1.0)
    job = Job("http://x", ("a",) * rooms, plan)
    shares = [job.share(workers, number) for number in range(workers)]
    seats = [seat for share in shares for seat in share.scenario.seats]
    assert sorted(seats, key=lambda seat: seat.number) == list(plan.seats)
    guests = sum(share.scenario.guests_per_second for share in shares)
    assert guests == pytest.approx(plan.guests_per_second)
    joins = sum(share.joins_per_second for share in shares)
    assert joins == pytest.approx(job.joins_per_second)
    assert len({share.seed for share in shares}) == workers


def test_a_network_has_a_name_or_is_spelt_out() -> None:
    assert network("3g") is PROFILES["3g"]
    up, down = network("loss=5% delay=80ms,down-rate=400k")
    assert (up.loss, up.delay, up.rate) == (0.05, 0.08, None)
    assert (down.loss, down.delay, down.rate) == (0.05, 0.08, 400e3)
    up, down = network("blackout=2s every=7s")
    assert (up.blackout, up.every, down) == (2.0, 7.0, up)


@pytest.mark.parametrize(
    "text", ["", "5g", "every=0s", "loss", "loss=500%", "colour=red", "loss=5% x"]
)
def test_any_other_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        network(text)
