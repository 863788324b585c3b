"""People keep their slots; newcomers take free ones; nobody is in two."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.media.slots import Occupant, assign
from sfu.media.source import Source


def seat(name: str) -> Occupant:
    return Occupant(name, Source.CAMERA)


def rank(*names: str, **higher: int) -> dict[Occupant, int]:
    return {seat(name): higher.get(name, 1) for name in names}


def test_newcomers_fill_free_slots_in_order() -> None:
    assert assign([None, None, None], rank("a", "b")) == ([seat("a"), seat("b"), None], 0)


def test_who_stays_does_not_move() -> None:
    current = [seat("a"), seat("b"), seat("c")]
    assert assign(current, rank("d", "c", "a"))[0] == [seat("a"), seat("d"), seat("c")]


def test_who_finds_no_slot_is_counted() -> None:
    assert assign([None], rank("a", "b", "c")) == ([seat("a")], 2)


def test_who_is_wanted_more_takes_the_place_of_who_is_wanted_least() -> None:
    current = [seat("a"), seat("b"), seat("c")]
    wanted = rank("a", "b", "c", "d", "e", a=2, b=0, c=1, d=3, e=1)
    assert assign(current, wanted) == ([seat("a"), seat("d"), seat("c")], 2)


_wanted = st.dictionaries(st.sampled_from("abcdefgh").map(seat), st.integers(0, 4))


@given(st.integers(0, 6), st.lists(_wanted, max_size=8))
def test_places_are_stable_unique_and_used(size: int, script: list[dict[Occupant, int]]) -> None:
    places: list[Occupant | None] = [None] * size
    for wanted in script:
        before = list(places)
        places, waiting = assign(places, wanted)
        taken = [place for place in places if place is not None]
        assert len(taken) == len(set(taken)) == min(size, len(wanted))
        assert set(taken) <= set(wanted)
        assert waiting == len(wanted) - len(taken)
        left = [wanted[each] for each in wanted if each not in taken]
        if left and taken:
            assert max(left) <= min(wanted[each] for each in taken)
        for index, occupant in enumerate(before):
            if occupant is not None and occupant in wanted and places[index] != occupant:
                assert occupant not in taken
                assert wanted[places[index]] > wanted[occupant]
        assert assign(places, wanted)[0] == places
