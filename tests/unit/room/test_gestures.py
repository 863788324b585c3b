"""Hands have an order, and nobody floods the others with reactions."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import Refused
from sfu.room.events import ParticipantUpdated, Reacted
from sfu.room.gestures import MAX_REACTIONS, REACTION_SECONDS, Gestures
from sfu.room.permissions import Permissions


def person(id: str = "p1") -> Any:
    reacted_at = deque(maxlen=MAX_REACTIONS)
    return SimpleNamespace(id=id, hand=0, reacted_at=reacted_at, permissions=Permissions())


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40))
def test_hands_that_are_up_keep_the_order_in_which_they_were_raised(steps) -> None:
    told: list[Any] = []
    gestures = Gestures(told.append)
    people = [person(f"p{number}") for number in range(4)]
    up: list[Any] = []
    changes = 0
    for index, raised in steps:
        who = people[index]
        changes += (who in up) is not raised
        if raised and who not in up:
            up.append(who)
        elif not raised and who in up:
            up.remove(who)
        gestures.hand(who, raised)
        assert sorted(up, key=lambda each: each.hand) == up
        assert [each for each in people if each.hand] == [each for each in people if each in up]
        assert len({each.hand for each in up}) == len(up)
    assert len(told) == changes
    assert all(isinstance(event, ParticipantUpdated) for event in told)


def test_a_reaction_is_told_with_who_shows_it() -> None:
    told: list[Any] = []
    Gestures(told.append).react(person(), "clap", 10.0)
    assert told == [Reacted("p1", "clap")]


@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=60))
def test_in_no_three_seconds_somebody_shows_more_than_five(gaps) -> None:
    told: list[Any] = []
    gestures, who, now = Gestures(told.append), person(), 100.0
    shown: list[float] = []
    for gap in gaps:
        now += gap
        recent = sum(now - at < REACTION_SECONDS for at in shown)
        if recent < MAX_REACTIONS:
            gestures.react(who, "wow", now)
            shown.append(now)
        else:
            with pytest.raises(Refused) as refused:
                gestures.react(who, "wow", now)
            assert refused.value.code == "too-fast"
    assert len(told) == len(shown)


def test_one_who_reacts_too_fast_stops_nobody_else() -> None:
    gestures = Gestures(lambda event: None)
    eager, calm = person("p1"), person("p2")
    for _ in range(MAX_REACTIONS):
        gestures.react(eager, "heart", 10.0)
    with pytest.raises(Refused):
        gestures.react(eager, "heart", 10.0)
    gestures.react(calm, "heart", 10.0)
