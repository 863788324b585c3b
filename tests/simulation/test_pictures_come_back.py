"""Whatever befell the paths and the browsers: a picture that can be seen is seen, and soon."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulation.trouble import Trouble

pytestmark = pytest.mark.timeout(600)

LOSSES = st.sampled_from([0.0, 0.05, 0.12, 0.2, 0.4, 1.0])
EVENTS = st.one_of(
    st.tuples(st.just("rate"), st.sampled_from([30e3, 60e3, 90e3, 120e3, 250e3, 400e3, 1e6, None])),
    st.tuples(st.sampled_from(["loss", "reports", "sends", "asks"]), LOSSES),
    st.tuples(st.just("gives-up"), st.sampled_from(["", "f", "hf", "qf", "qhf"])),
    st.tuples(st.just("late"), st.sampled_from([0.0, 0.7, float("inf")])),
    st.tuples(st.just("tile"), st.sampled_from([0, 120, 360, 720])),
)
TROUBLES = st.lists(
    st.tuples(EVENTS, st.sampled_from([0.1, 0.4, 0.7, 1.5, 3.0, 6.0])), min_size=1, max_size=8
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(1, 1000), simulcast=st.booleans(), troubles=TROUBLES)
def test_a_picture_that_is_granted_moves_and_all_comes_back_when_all_is_well(
    seed, simulcast, troubles
) -> None:
    call = Trouble(seed, simulcast=simulcast)
    call.run(4.0)
    for (what, value), seconds in troubles:
        call.befall(what, value)
        call.run(seconds)
    call.heal()
    assert call.seconds_until_seen(8.0) < 6.0, call.explain()


def test_a_small_tile_shows_the_large_layer_until_the_small_one_comes() -> None:
    call = Trouble(1)
    call.run(6.0)
    assert call.view.height == 720
    call.befall("late", float("inf"))  # the small layer is paused, and stays so
    call.befall("tile", 120)
    call.run(6.0)
    assert call.view.height == 720
    assert call.view.fps >= 10


@pytest.mark.parametrize("simulcast", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_five_seconds_without_any_network_are_over_when_they_are_over(seed, simulcast) -> None:
    call = Trouble(seed, simulcast=simulcast)
    call.run(8.0)
    for what in ("loss", "reports"):
        call.befall(what, 1.0)
    call.run(5.0)
    call.heal()
    assert call.seconds_until_seen(4.0) < 1.5


def test_sound_asked_for_again_and_again_does_not_keep_a_narrow_path_full(new_call) -> None:
    call = new_call(seed=2)
    others = [call.browser(f"p{number}", simulcast=True) for number in range(5)]
    call.run(3.0)
    ann = call.browser("ann", down={"rate": 150e3})
    call.run(0.5)
    for silent in others[1:]:
        silent.mute("microphone")
    call.run(2.5)
    overflowed = ann.down.overflowed
    call.run(3.0)
    assert ann.down.overflowed - overflowed < 30


@pytest.mark.parametrize("seed", [1, 2])
def test_the_keyframe_that_a_picture_begins_with_does_not_turn_it_away(seed: int) -> None:
    call = Trouble(seed, simulcast=False)
    call.run(4.0)
    call.befall("rate", 90e3)
    call.run(8.0)
    call.befall("rate", None)
    wide_at = call.call.now
    call.run(8.0)
    since = [what for at, what in call.decisions() if at > wide_at]
    assert since
    assert not [what for what in since if "→ paused" in what]
