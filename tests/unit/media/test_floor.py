"""In a big room the loudest few have the floor; nobody loses it for a breath."""

from __future__ import annotations

from sfu.media.floor import KEEP_SECONDS, Floor
from sfu.media.speakers import Voice

PEOPLE = [f"p{number}" for number in range(6)]


def voices(**levels: float) -> dict[str, Voice]:
    return {who: Voice(level=level, last_loud=10.0) for who, level in levels.items()}


def test_everybody_has_the_floor_of_a_small_room() -> None:
    assert Floor(6).update({}, PEOPLE, 0.0) == frozenset(PEOPLE)


def test_the_loudest_have_the_floor_of_a_big_room() -> None:
    holders = Floor(2).update(voices(p3=30.0, p4=35.0, p5=40.0), PEOPLE, 10.0)
    assert holders == {"p3", "p4"}


def test_who_is_a_little_louder_does_not_take_it() -> None:
    floor = Floor(1)
    floor.update(voices(p1=35.0), PEOPLE, 10.0)
    assert floor.update(voices(p1=35.0, p2=31.0), PEOPLE, 10.0) == {"p1"}
    assert floor.update(voices(p1=35.0, p2=25.0), PEOPLE, 10.0) == {"p2"}


def test_a_breath_does_not_cost_it_but_a_silence_does() -> None:
    floor = Floor(1)
    floor.update(voices(p1=35.0), PEOPLE, 10.0)
    other = voices(p1=35.0, p2=36.0)
    other["p2"].last_loud = 100.0
    assert floor.update(other, PEOPLE, 10.0 + KEEP_SECONDS) == {"p1"}
    other["p2"].last_loud = 10.1 + KEEP_SECONDS
    assert floor.update(other, PEOPLE, 10.1 + KEEP_SECONDS) == {"p2"}


def test_the_first_loud_packet_is_a_reason_to_look() -> None:
    floor = Floor(1)
    floor.update(voices(p1=35.0), PEOPLE, 10.0)
    assert floor.may_enter("p2", 20)
    assert not floor.may_enter("p2", 80)
    assert not floor.may_enter("p1", 20)
