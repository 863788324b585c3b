"""Media goes where the browser is, also when an address dies and the browser has not said so."""

from __future__ import annotations

from typing import Any

import pytest

from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Pli
from sfu.transport import stun
from sfu.transport.stun import StunMessage
from tests.unit.transport.conftest import HOME, Pair

OTHER, STRANGER = ("192.0.2.77", 1001), ("203.0.113.9", 9)


class Walker(Pair):
    """A browser with two addresses, which reports and sends sound all the time."""

    def __init__(self) -> None:
        super().__init__()
        self.connect()
        self.outbound, _ = self.srtp()
        self.number = 0

    def live(self, seconds: float, address: Any, *, checks: Any = (), sound: bool = True) -> None:
        """Use ``address`` for so long; ``checks`` are the addresses that it checks."""
        for step in range(round(seconds * 50)):
            if step % 100 == 0:
                for each in checks:
                    self.check(each, nominate=False)
            if address is not None and step % 5 == 0:
                self.receive(self.outbound.protect_rtcp(Pli(1, 2).write()), address)
            if address is not None and sound:
                self.number += 1
                packet = rtp.write(
                    payload_type=111,
                    sequence_number=self.number,
                    timestamp=0,
                    ssrc=1,
                    payload=b"x" * 40,
                )
                self.receive(self.outbound.protect(packet), address)
            self.now += 0.02
            self.table.tick(self.now)

    @property
    def goes_to(self) -> Any:
        return self.transport.remote_address


@pytest.fixture
def walker() -> Walker:
    return Walker()


def test_media_follows_the_browser_before_it_nominates(walker: Walker) -> None:
    walker.live(5.0, HOME, checks=(HOME, OTHER))
    assert walker.goes_to == HOME
    walker.live(0.6, OTHER, checks=())
    assert walker.goes_to == OTHER
    assert walker.sink.moved == 1  # whoever sends there knows that something was lost
    assert not walker.sink.closed


def test_stray_packets_of_the_old_address_take_nothing_back(walker: Walker) -> None:
    walker.live(5.0, HOME, checks=(HOME, OTHER))
    stray = [walker.outbound.protect_rtcp(Pli(1, 2).write()) for _ in range(4)]
    walker.check(OTHER)
    for data in stray:
        walker.receive(data, HOME)
        walker.now += 0.1
        assert walker.goes_to == OTHER


def test_when_nothing_comes_any_more_an_address_that_was_checked_lately_is_tried(
    walker: Walker,
) -> None:
    walker.live(5.0, HOME, checks=(HOME, OTHER))
    walker.live(1.0, None)
    assert walker.goes_to == HOME
    walker.live(0.6, None)
    assert walker.goes_to == OTHER
    assert walker.sink.moved == 1
    # It was the network, and not the address: the browser goes on where it was.
    walker.live(0.7, HOME)
    assert walker.goes_to == HOME


def test_who_has_one_address_is_sent_to_no_other(walker: Walker) -> None:
    walker.live(5.0, HOME, checks=(HOME,))
    walker.live(5.0, None)
    assert walker.goes_to == HOME


def test_an_address_that_is_checked_no_more_is_not_tried(walker: Walker) -> None:
    walker.live(2.0, HOME, checks=(HOME, OTHER))
    walker.live(8.0, HOME, checks=(HOME,))
    walker.live(5.0, None)
    assert walker.goes_to == HOME


def test_somebody_quiet_is_left_where_they_are(walker: Walker) -> None:
    """Two who have muted themselves report once in some seconds."""
    walker.live(5.0, HOME, checks=(HOME, OTHER), sound=False)
    for _ in range(5):
        walker.live(0.02, HOME, checks=(HOME, OTHER), sound=False)
        walker.live(0.7, None)
    walker.live(2.0, None)
    assert walker.goes_to == HOME


def test_reports_from_where_no_check_came_from_move_nothing(walker: Walker) -> None:
    walker.live(5.0, HOME, checks=(HOME, OTHER))
    walker.live(3.0, STRANGER)
    assert walker.goes_to in (HOME, OTHER)
    assert walker.counters.drops["unknown-address"] > 50


def test_no_address_is_followed_to_that_ice_does_not_know(walker: Walker) -> None:
    walker.live(2.0, HOME, checks=(HOME,))
    way = walker.transport._way
    assert not way.reported(STRANGER, walker.now + 5.0)
    assert walker.goes_to == HOME
    walker.check(STRANGER, nominate=False)
    assert way.reported(STRANGER, walker.now + 10.0)


def test_whoever_is_where_the_browser_is_not_loses_the_media_to_it_soon(walker: Walker) -> None:
    walker.live(3.0, HOME, checks=(HOME,))
    walker.check(OTHER)  # as by a check of an hour ago, which nobody remembers
    assert walker.goes_to == OTHER
    walker.live(0.8, HOME)
    assert walker.goes_to == HOME


def asked(walker: Walker, seconds: float, address: Any = None) -> list[tuple[StunMessage, Any]]:
    """The checks of our own while the browser uses ``address``, and where they go."""
    found: list[tuple[StunMessage, Any]] = []
    for _ in range(round(seconds * 50)):
        walker.sent.clear()
        walker.live(0.02, address)
        checks = [(stun.parse(data), to) for data, to in walker.sent if data[0] < 4]
        found += [each for each in checks if each[0].kind == stun.BINDING_REQUEST]
    return found


def test_a_browser_whose_address_died_is_told_which_one_to_use(walker: Walker) -> None:
    walker.live(5.0, HOME, checks=(HOME, OTHER))
    calls = asked(walker, 5.0)
    assert 4 <= len(calls) <= 8  # one may be lost; nobody is called for ever
    for message, to in calls:
        assert to == OTHER
        assert message.attributes[stun.ICE_CONTROLLING] == b"\xff" * 8
        assert stun.USE_CANDIDATE in message.attributes
        assert message.signed_by(walker.remote.pwd)
        ours = walker.transport.local.ufrag
        assert message.attributes[stun.USERNAME] == f"{walker.remote.ufrag}:{ours}".encode()


def test_the_browser_decides_again_when_the_address_is_dead_for_it_too(walker: Walker) -> None:
    walker.live(5.0, HOME, checks=(HOME, OTHER))
    assert asked(walker, 2.0)
    (answer,) = walker.check(OTHER, nominate=False, role=stun.ICE_CONTROLLED)
    assert stun.parse(answer).kind == stun.BINDING_SUCCESS
    assert asked(walker, 1.0, OTHER) == []
    handed = asked(walker, 4.0, OTHER)
    assert handed
    for message, to in handed:
        assert to == OTHER
        assert message.attributes[stun.ICE_CONTROLLED] == bytes(8)
        assert stun.USE_CANDIDATE not in message.attributes
    walker.check(OTHER)
    assert asked(walker, 3.0, OTHER) == []
    assert walker.goes_to == OTHER


def test_who_has_not_been_told_anything_controls(walker: Walker) -> None:
    walker.live(5.0, HOME, checks=(HOME,))
    assert asked(walker, 5.0) == []
    (answer,) = walker.check(HOME, role=stun.ICE_CONTROLLED)
    assert stun.parse(answer).kind == stun.BINDING_ERROR


def test_pictures_begin_anew_with_the_first_report_after_an_outage(walker: Walker) -> None:
    walker.live(5.0, HOME, checks=(HOME,))
    walker.live(5.0, None)
    assert walker.sink.moved == 0
    walker.live(2.0, HOME)
    assert walker.sink.moved == 1


def test_an_address_that_is_checked_again_only_after_the_other_one_died_is_tried(
    walker: Walker,
) -> None:
    walker.live(2.0, HOME, checks=(HOME, OTHER))
    walker.live(8.0, HOME, checks=(HOME,))
    walker.live(2.0, None)
    walker.check(OTHER, nominate=False)
    walker.live(0.6, None)
    assert walker.goes_to == OTHER
