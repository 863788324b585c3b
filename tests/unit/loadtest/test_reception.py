"""What a client concludes from the sequence numbers of a stream."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from loadtest.reception import Reception, Verdict

FRESH, REPAIRED, REORDERED = Verdict.FRESH, Verdict.REPAIRED, Verdict.REORDERED


def receive(reception: Reception, *numbers: int) -> list[Verdict]:
    return [reception.receive(number & 0xFFFF, 0.0)[0] for number in numbers]


@given(st.integers(0, 0xFFFF))
def test_packets_in_order_are_fresh_across_the_wrap(first: int) -> None:
    reception = Reception()
    assert receive(reception, *range(first, first + 70)) == [FRESH] * 70
    assert reception.missing == 0


@given(st.integers(0, 0xFFFF), st.integers(0, 2**32))
def test_whatever_the_order_each_packet_counts_once(first: int, seed: int) -> None:
    numbers = list(range(first + 1, first + 40))
    Random(seed).shuffle(numbers)
    reception = Reception()
    verdicts = receive(reception, first, *numbers)
    assert set(verdicts) <= {FRESH, REORDERED}
    assert reception.missing == 0
    assert set(receive(reception, *numbers)) == {Verdict.DUPLICATE}
    assert reception.losses() == (0, 0)


def test_a_gap_is_asked_for_after_a_moment_and_again_but_not_for_ever() -> None:
    reception = Reception()
    receive(reception, 65534, 2)
    assert reception.due(0.01) == ([], 0)
    asked = [reception.due(0.02 + 0.05 * turn)[0] for turn in range(28)]
    assert asked[0] == [65535, 0, 1]
    assert [numbers for numbers in asked if numbers] == [[65535, 0, 1]] * 8
    assert reception.due(1.6) == ([], 3)
    assert reception.missing == 0


def test_a_packet_that_comes_after_it_was_asked_for_is_repaired() -> None:
    reception = Reception()
    receive(reception, 1, 4)
    reception.due(0.05)
    assert receive(reception, 2) == [REPAIRED]
    assert reception.receive(3, 0.06, repair=True) == (REPAIRED, 0)
    assert reception.receive(3, 0.07, repair=True) == (Verdict.UNNEEDED, 0)


def test_without_asking_a_gap_is_lost_all_the_same() -> None:
    reception = Reception()
    receive(reception, 1, 5)
    assert reception.due(0.5, ask=False) == ([], 0)
    assert reception.due(2.0, ask=False) == ([], 3)


def test_a_report_tells_the_share_lost_since_the_last_one() -> None:
    reception = Reception()
    assert reception.losses() == (0, 0)
    receive(reception, *(number for number in range(1, 101) if number % 4))
    receive(reception, 101)
    share, lost = reception.losses()
    assert lost == 25
    assert abs(share / 256 - 0.25) < 0.02
    receive(reception, *range(102, 150))
    assert reception.losses() == (0, 25)


def test_a_huge_jump_keeps_a_bounded_memory() -> None:
    reception = Reception()
    receive(reception, 0)
    lost = 0
    for number in (20_000, 40_000, 60_000):
        lost += reception.receive(number, 0.0)[1]
    assert reception.missing == 1000
    assert lost + reception.missing == 3 * 19_999
