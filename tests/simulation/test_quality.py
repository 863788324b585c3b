"""What docs/quality.md promises, on simulated networks: freezes, sound, stability, recovery."""

from __future__ import annotations

import pytest

from tests.simulation.scenarios import loss, rate_step, steady

# Minutes of calls: nobody knows how long a busy machine takes.
pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("seed", [1, 2])
def test_five_percent_random_loss_is_hardly_noticed(seed: int) -> None:
    seen = loss(0.05, 1.0, seed=seed, seconds=60.0)
    assert seen.longest_freeze < 0.5
    assert seen.audio_lost < 0.001


@pytest.mark.parametrize("seed", [1, 2])
def test_a_call_stays_usable_with_ten_percent_of_bursty_loss(seed: int) -> None:
    seen = loss(0.10, 5.0, seed=seed, seconds=60.0)
    assert seen.frozen < 0.03
    assert seen.audio_lost < 0.005


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_link_that_becomes_narrow_and_wide_again(seed: int) -> None:
    seen = rate_step(seed=seed)
    assert seen.lower_after < 1.5
    assert seen.longest_freeze < 1.0
    assert seen.audio_lost < 0.005
    assert seen.top_after <= 10.0


def test_a_link_of_many_pictures_that_becomes_narrow() -> None:
    seen = rate_step(seed=1, publishers=4)
    assert seen.longest_freeze < 2.5
    assert seen.audio_lost < 0.03
    assert seen.top_after <= 12.0


@pytest.mark.parametrize("rate", [150e3, 300e3, 700e3, 1.5e6, 5e6])
def test_a_steady_link_is_used_and_pictures_do_not_change(rate: float) -> None:
    seen = steady(rate)
    assert seen.changes_per_minute <= 2.0
    assert seen.used >= 0.8
    assert seen.audio_lost < 0.03


def test_a_client_without_transport_cc_gets_what_its_own_estimate_carries(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", simulcast=True, remb=True, down={"rate": 1e6})
    bob = call.browser("bob", simulcast=True)
    call.run(10.0)
    assert ann.session._participant.subscriber.downlink.measured is False
    assert ann.view_of(bob).height == 360
    assert ann.view_of(bob).longest_freeze < 1.0
    ann.down.rate = 5e6
    call.run(10.0)
    assert ann.view_of(bob).height == 720
    assert ann.listening_to(bob).residual_loss < 0.001
