"""Numbers go out without a gap that we made ourselves, whatever is left out and comes late."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfu.media.numbering import Numbering


def test_numbers_keep_their_distance() -> None:
    numbering = Numbering(100, 7)
    assert [numbering.forward(n) for n in (100, 101, 103)] == [7, 8, 10]


def test_what_is_left_out_leaves_no_gap() -> None:
    numbering = Numbering(100, 7)
    assert numbering.forward(100) == 7
    assert numbering.leave_out(101)
    assert numbering.forward(102) == 8
    assert numbering.is_left_out(101)
    assert numbering.original(8) == 102


def test_a_late_number_has_its_place_already() -> None:
    numbering = Numbering(100, 7)
    numbering.forward(100)
    numbering.leave_out(102)
    assert numbering.forward(103) == 9
    assert not numbering.leave_out(101)
    assert numbering.forward(101) == 8
    assert numbering.original(8) == 101
    assert numbering.leave_out(102)


def test_numbers_never_sent_have_no_original() -> None:
    numbering = Numbering(100, 7)
    numbering.forward(100)
    assert numbering.original(6) is None
    assert numbering.original(8) is None


@given(st.permutations(range(30)), st.sets(st.integers(0, 29)))
def test_any_order_of_arrival_gives_each_number_one_place(
    order: list[int], unwanted: set[int]
) -> None:
    numbering = Numbering(0, 1000)
    out: dict[int, int] = {}
    left_out = set()
    for number in order:
        if number in unwanted and numbering.leave_out(number):
            left_out.add(number)
        else:
            out[number] = numbering.forward(number)
    assert len(set(out.values())) == len(out)
    assert sorted(out.values()) == list(range(1000, 1000 + len(out)))
    assert [out[n] for n in sorted(out)] == sorted(out.values())
    for number, outgoing in out.items():
        assert numbering.forward(number) == outgoing
        assert numbering.original(outgoing) == number
    for number in left_out:
        assert numbering.is_left_out(number)
