"""An exception that nobody foresaw ends the transport that it is about, and stops no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.transport.conftest import HOME, Pair


class Bug(Exception):
    """Nothing expects it."""


def fails(*_: Any, **__: Any) -> None:
    raise Bug


class Failing:
    """A transport whose every part is broken."""

    connected = closed = False
    receive = check = tick = fails

    def __init__(self) -> None:
        self.ended = 0

    def fail(self, now: float) -> None:
        self.ended += 1


@pytest.mark.parametrize("looked_at", [0.0, 1000.0], ids=["at every look", "while connecting"])
def test_a_transport_that_fails_in_its_tick_leaves_the_others_theirs(looked_at: float) -> None:
    pair, broken = Pair(), Failing()
    for table in (pair.table._transports, pair.table._connecting):
        others = set(table)
        table.clear()
        table.update({broken, *others})
    pair.table._looked_at = looked_at
    with pytest.raises(Bug):
        pair.table.tick(pair.now + 60.0)  # no check ever came: the other one gives up
    assert broken.ended == 1
    assert pair.sink.closed == ["handshake-failed"]


def test_a_datagram_that_makes_a_transport_fail_ends_it() -> None:
    pair, broken = Pair(), Failing()
    pair.table.by_address[HOME] = broken
    with pytest.raises(Bug):
        pair.receive(b"\x16\xfe\xfd")
    assert broken.ended == 1


def test_a_transport_that_failed_says_nothing_more() -> None:
    pair = Pair()
    pair.transport.fail(pair.now)
    pair.transport.fail(pair.now)
    assert pair.sink.closed == ["internal-error"]
    assert pair.sent == []
