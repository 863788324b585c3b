"""People keep their slots; newcomers take free ones; nobody is in two."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.media.slots import Occupant, assign
from sfu.media.source import Source


def seat(name: str) -> Occupant:
    return Occupant(name, Source.CAMERA)


def test_newcomers_fill_free_slots_in_order() -> None:
    assert assign([None, None, None], [seat("a"), seat("b")]) == ([seat("a"), seat("b"), None], 0)


def test_who_stays_does_not_move() -> None:
    current = [seat("a"), seat("b"), seat("c")]
    assert assign(current, [seat("d"), seat("c"), seat("a")])[0] == [
        seat("a"),
        seat("d"),
        seat("c"),
    ]


def test_who_finds_no_slot_is_counted() -> None:
    assert assign([None], [seat("a"), seat("b"), seat("c")]) == ([seat("a")], 2)


_seats = st.lists(st.sampled_from("abcdefgh").map(seat), unique=True)


@given(st.integers(0, 6), st.lists(_seats, max_size=8))
def test_places_are_stable_unique_and_used(size: int, script: list[list[Occupant]]) -> None:
    places: list[Occupant | None] = [None] * size
    for wanted in script:
        before = list(places)
        places, waiting = assign(places, wanted)
        taken = [place for place in places if place is not None]
        assert len(taken) == len(set(taken)) == min(size, len(wanted))
        assert set(taken) <= set(wanted)
        assert waiting == len(wanted) - len(taken)
        for index, occupant in enumerate(before):
            if occupant is not None and occupant in wanted:
                assert places[index] == occupant
