"""No address is made to receive more than it sent before it has proved itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfu.transport.address import TcpAddress
from sfu.transport.credit import Credit

HOME = ("192.0.2.1", 1000)
STRANGER = ("198.51.100.7", 7)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 1500)), max_size=50))
def test_what_goes_out_never_exceeds_what_came_in(steps: list[tuple[bool, int]]) -> None:
    credit, received, sent = Credit(), 0, 0
    for comes, size in steps:
        if comes:
            credit.add(size, STRANGER)
            received += size
        elif credit.spend(size, STRANGER):
            sent += size
        assert sent <= received
        assert credit.left(STRANGER) == received - sent


def test_what_one_address_sent_is_nothing_to_another() -> None:
    credit = Credit()
    credit.add(1000, HOME)
    assert not credit.spend(1, STRANGER)
    assert credit.spend(1000, HOME)


def test_who_is_proven_is_sent_everything_and_takes_no_room() -> None:
    credit = Credit()
    credit.prove(HOME)
    credit.add(10, HOME)
    assert credit.spend(100_000, HOME)
    assert len(credit) == 0
    assert not credit.spend(1, STRANGER)
    assert credit.spend(100_000, TcpAddress(*STRANGER))


def test_after_the_handshake_nobody_is_counted_any_more() -> None:
    credit = Credit()
    credit.add(10, STRANGER)
    credit.end()
    assert credit.spend(100_000, STRANGER)
    credit.add(10, STRANGER)
    assert len(credit) == 0


def test_addresses_that_nobody_knows_are_forgotten() -> None:
    credit = Credit()
    for address in (HOME, STRANGER):
        credit.add(10, address)
    credit.keep(HOME.__eq__)
    assert (credit.left(HOME), credit.left(STRANGER)) == (10, 0)
