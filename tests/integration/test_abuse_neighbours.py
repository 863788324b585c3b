"""A participant with a seat of its own, and the datagrams of its neighbours on the same port."""

from __future__ import annotations

import struct

import pytest

from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Nack, Pli
from sfu.rtp.rtcp import parse_compound
from sfu.rtp.transport_cc import TransportFeedback
from sfu.transport.transport import (
    LEAST_MEDIA_BYTES,
    MEDIA_BYTES_AT_ONCE,
    MEDIA_BYTES_PER_SECOND,
)
from tests.fuzz.live import Browser, Server
from tests.integration.test_abuse_handshake import HELLO

VICTIM, ATTACKER = ("192.0.2.1", 1000), ("203.0.113.9", 9)


def media(number: int, ssrc: int = 1, size: int = 40) -> bytes:
    return rtp.write(
        payload_type=96, sequence_number=number, timestamp=0, ssrc=ssrc, payload=b"x" * size
    )


@pytest.fixture
def two() -> tuple[Server, Browser, Browser]:
    """A victim and an attacker, both connected."""
    server = Server()
    victim, attacker = server.browser(VICTIM, "vict"), server.browser(ATTACKER, "atta")
    victim.connect()
    attacker.connect()
    return server, victim, attacker


def still_works(server: Server, victim: Browser, number: int = 1000) -> bool:
    """Whether media flows both ways where it flowed before."""
    before = len(victim.rtp)
    victim.send_rtp(media(number))
    assert victim.transport.protect is not None
    server.send(victim.transport.protect(media(number, ssrc=77)), victim.transport.remote_address)
    assert victim.inbound.unprotect(victim.inbox[-1]) == media(number, ssrc=77)
    return len(victim.rtp) == before + 1 and not victim.closed


def test_ones_own_packets_under_anothers_address_change_nothing(two) -> None:
    server, victim, attacker = two
    protected = [attacker.outbound.protect(media(number)) for number in range(10)]
    protected.append(attacker.outbound.protect_rtcp(Pli(1, 77).write()))
    for data in protected:
        attacker.send(data, VICTIM)
    assert (victim.rtp, victim.rtcp, attacker.rtp) == ([], [], [])
    assert server.drops == {"srtp-auth": 11}
    assert still_works(server, victim)


def test_ones_own_check_under_anothers_address_takes_nothing_away(two) -> None:
    server, victim, attacker = two
    answered = server.sent[VICTIM]
    for second in range(30):
        attacker.check(VICTIM)
        victim.check()
        answered_now = server.sent[VICTIM]
        assert still_works(server, victim, second)
        server.pass_time(1.0)
    assert server.drops == {"stun-address-taken": 30}
    assert answered_now > answered
    assert attacker.transport.remote_address == ATTACKER
    assert server.table.by_address[VICTIM] is victim.transport


def test_an_address_whose_owner_is_gone_can_be_taken_over(two) -> None:
    server, _, next_one = two
    server.pass_time(10.1)
    next_one.check(VICTIM)
    assert next_one.transport.remote_address == VICTIM
    assert server.table.by_address[VICTIM] is next_one.transport


def test_anothers_user_fragment_with_ones_own_password_changes_nothing(two) -> None:
    server, victim, attacker = two
    attacker.username = victim.username
    for address in (ATTACKER, VICTIM, ("203.0.113.9", 10)):
        attacker.check(address)
    assert server.drops == {"stun-integrity": 2, "stun-address-taken": 1}
    assert victim.transport.remote_address == VICTIM
    assert still_works(server, victim)


def test_a_new_handshake_under_anothers_address_changes_nothing(two) -> None:
    server, victim, attacker = two
    for data in (
        HELLO,
        b"\x15\xfe\xfd\0\0\0\0\0\0\0\x63\0\x02\x02\x28",  # a fatal alert that nobody signed
        b"\x15\xfe\xfd\0\x01\0\0\0\0\0\x63\0\x02\x01\0",  # close_notify
        b"\x14\xfe\xfd\0\0\0\0\0\0\0\x64\0\x01\x01",
        b"\x16\xfe\xfd\0\0\0\0\0\0\0\x65\0\x0c" + bytes(12),
    ):
        attacker.send(data, VICTIM)
    assert still_works(server, victim)
    assert victim.connected == 1


def test_captured_packets_sent_again_change_nothing(two) -> None:
    server, victim, attacker = two
    for number in range(20):
        victim.send_rtp(media(number))
    delivered = len(victim.rtp)
    for data in list(victim.captured):
        for address in (VICTIM, ATTACKER):
            attacker.send(data, address)
    assert len(victim.rtp) == delivered
    assert attacker.rtp == []
    assert still_works(server, victim)
    assert attacker.transport.remote_address == ATTACKER


def test_who_sees_a_check_pass_and_sends_it_again_turns_no_media_to_themselves(two) -> None:
    server, victim, attacker = two
    elsewhere = ("198.51.100.1", 1)
    for _ in range(3):
        victim.check()
        heard_at = victim.transport.heard_at
        server.pass_time(1.0)
        for data in list(victim.captured):
            attacker.send(data, elsewhere)
            attacker.send(data, VICTIM)
        assert victim.transport.remote_address == VICTIM
        assert victim.transport.heard_at == heard_at  # nor does it keep alive what is gone
    assert (
        server.drops["stun-replay"] == 2 + 3 + 4
    )  # the check of each connection, and of each turn
    assert elsewhere not in server.sent
    assert still_works(server, victim)


def test_a_browser_that_repeats_a_check_is_answered_again(two) -> None:
    server, victim, _ = two
    check = victim.checked()
    for turn in range(3):
        victim.inbox.clear()
        victim.send(check)
        assert len(victim.inbox) == 1, turn
    assert still_works(server, victim)


def test_a_flood_of_ones_own_valid_media_is_cut_and_ends(two) -> None:
    server, victim, flooder = two
    number = 0
    for _ in range(50):  # a second, at five times what is taken
        for _ in range(1000):
            number += 1
            flooder.server.table.receive(
                flooder.outbound.protect(media(number & 0xFFFF)), ATTACKER, server.now
            )
        server.pass_time(0.02)
    taken = (MEDIA_BYTES_AT_ONCE + MEDIA_BYTES_PER_SECOND) / LEAST_MEDIA_BYTES
    assert len(flooder.rtp) == pytest.approx(taken, rel=0.05)
    assert server.drops["media-flood"] == number - len(flooder.rtp)
    assert still_works(server, victim)
    server.pass_time(1.0)
    assert still_works(server, flooder, 60_000)


@pytest.mark.parametrize("part", [1.0, 0.2])
def test_a_flood_of_large_packets_is_cut_by_their_bytes(two, part) -> None:
    """100 Mbit/s; a server with too much to do takes less of it."""
    server, victim, flooder = two
    flooder.transport.media_bytes_per_second = part * MEDIA_BYTES_PER_SECOND
    number = 0
    for _ in range(50):
        for _ in range(208):
            number += 1
            data = flooder.outbound.protect(media(number & 0xFFFF, size=1188))
            flooder.server.table.receive(data, ATTACKER, server.now)
        server.pass_time(0.02)
    taken = sum(map(len, flooder.rtp))
    assert taken == pytest.approx(MEDIA_BYTES_AT_ONCE + part * MEDIA_BYTES_PER_SECOND, rel=0.05)
    assert still_works(server, victim)


def test_feedback_that_claims_too_much_is_refused() -> None:
    """A run of 16 bits claims the loss of 8,191 packets; each costs the server some work."""
    runs = b"\x1f\xff" * 9
    body = struct.pack("!IIHHI", 1, 2, 0, 65535, 256) + runs
    feedback = struct.pack("!BBH", 0x8F, 205, (len(body) + 2) // 4) + body + b"\0\0"
    for message in (feedback, feedback * 50, Nack(1, 2, list(range(0, 8000, 7))).write()):
        with pytest.raises(MalformedPacket, match="rtcp-too-much"):
            parse_compound(message)
    # What browsers send after an outage of some seconds is still read.
    lost = TransportFeedback(1, 2, 0, 0, 0, [1, *[None] * 6000, 2])
    assert parse_compound(lost.write()) == [lost]
    assert parse_compound(Nack(1, 2, list(range(1000))).write())
