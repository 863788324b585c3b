"""A transport over a TCP connection, which is an address like any other."""

from __future__ import annotations

from sfu.rtp.feedback import Pli
from sfu.transport import stun
from sfu.transport.address import TcpAddress

UDP = ("192.0.2.1", 1000)


def test_a_connection_is_the_same_only_as_itself() -> None:
    one, other = TcpAddress(*UDP), TcpAddress(*UDP)
    assert one == one
    assert one not in {other: 1, UDP: 1}
    assert not isinstance(one, tuple)  # what native code takes for a UDP address


def test_media_flows_over_tcp(new_pair) -> None:
    pair, home = new_pair(), TcpAddress(*UDP)
    pair.connect(home)
    protect, _ = pair.srtp()
    packet = bytes([0x80, 96]) + (7).to_bytes(2, "big") + bytes(4) + (9).to_bytes(4, "big")
    pair.receive(protect.protect(packet + bytes(50)), home)
    assert len(pair.sink.rtp) == 1
    pair.sent.clear()
    pair.transport.send_rtcp(Pli(1, 2).write())
    assert [to for _, to in pair.sent] == [home]


def test_the_check_is_answered_with_the_address_that_it_came_from(new_pair) -> None:
    pair, home = new_pair(), TcpAddress("2001:db8::1", 5000)
    (reply,) = pair.check(home)
    message = stun.parse(reply)
    seen = message.attributes[stun.XOR_MAPPED_ADDRESS]
    assert seen == stun.xor_address("2001:db8::1", 5000, message.transaction)


def test_over_tcp_nobody_needs_to_prove_its_address(new_pair) -> None:
    """Over UDP a small hello costs a round trip more, with a cookie."""
    flights = {}
    for address in (UDP, TcpAddress(*UDP)):
        pair = new_pair()
        pair.check(address)
        pair.transport._credit.keep(lambda _address: False)
        flights[address] = b"".join(pair.receive(pair.hello(), address))
    udp, tcp = flights.values()
    assert len(tcp) > 500 > len(udp) > 0


def test_who_connects_again_goes_on_there(new_pair) -> None:
    pair, before, after = new_pair(), TcpAddress(*UDP), TcpAddress(*UDP)
    pair.connect(before)
    pair.table.forget(before)
    assert before not in pair.table
    assert not pair.transport.ice.validated(before)
    assert pair.table.addresses == 0
    pair.check(after)
    assert after in pair.table
    assert pair.transport.remote_address is after
    assert pair.transport.connected


def test_what_was_never_known_can_be_forgotten(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    pair.table.forget(TcpAddress(*UDP))
    assert pair.table.addresses == 1


def test_somebody_elses_connection_cannot_be_taken(new_pair) -> None:
    pair, home = new_pair(), TcpAddress(*UDP)
    pair.connect(home)
    assert pair.transport.holds(home, pair.now)
    assert not pair.transport.holds(TcpAddress(*UDP), pair.now)
