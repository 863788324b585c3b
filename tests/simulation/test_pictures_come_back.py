"""Whatever befell the paths and the browsers: a picture that can be seen is seen, and soon."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulation.trouble import Trouble

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


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
