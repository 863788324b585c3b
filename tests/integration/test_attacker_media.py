"""Whoever has a seat in one room, and forges datagrams at will, touches no media of another."""

from __future__ import annotations

import os
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from loadtest.watch import until
from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Fir, Nack, Pli
from sfu.rtp.rtcp import Bye, SenderReport, write_compound
from sfu.rtp.transport_cc import TransportFeedback
from sfu.transport import stun
from tests.integration.attacker import Member, Scene, scene
from tests.integration.test_abuse_handshake import HELLO

ALERT = b"\x15\xfe\xfd\0\0\0\0\0\0\0\x63\0\x02\x02\x28"  # fatal, and signed by nobody
NOWHERE = ("203.0.113.7", 7)
CLOSE = b"\x15\xfe\xfd\0\x01\0\0\0\0\0\x63\0\x02\x01\0"


@pytest.fixture
async def call() -> AsyncIterator[Scene]:
    async with scene() as made:
        yield made


def own_ssrcs(member: Member) -> list[int]:
    """What a member says it sends."""
    assert member.connection is not None
    return [
        int(each) for each in re.findall(r"a=ssrc:(\d+) ", member.connection.localDescription.sdp)
    ]


def slot_ssrcs(member: Member) -> list[int]:
    """What the server says it sends to a member."""
    return [int(each) for each in re.findall(r"a=ssrc:(\d+) ", member.answer)]


def dtls(member: Member) -> Any:
    """aiortc's transport of a member."""
    assert member.connection is not None
    return member.connection.getTransceivers()[0].receiver.transport


async def captured(member: Member, count: int = 20) -> list[bytes]:
    """Media and reports of a member as they are on the network."""
    way = dtls(member).transport
    send, seen = way._send, []

    async def sniff(data: bytes) -> None:
        if 127 < data[0] < 192:
            seen.append(data)
        await send(data)

    way._send = sniff
    await until(lambda: len(seen) >= count, 10, "packets were captured")
    way._send = send
    return seen


class Forger:
    """Puts datagrams on the server's port under anybody's address."""

    def __init__(self, call: Scene) -> None:
        self.call = call
        self.addresses = {
            each.name: call.transport(each).remote_address
            for each in (call.ann, call.bob, call.eve)
        }

    def send(self, data: bytes, address: Any) -> None:
        self.call.server.transports.receive(data, address, time.monotonic())

    def of(self, member: Member) -> Any:
        return self.addresses[member.name]


def check(ufrag: str, password: str, theirs: str) -> bytes:
    attributes = {
        stun.USERNAME: f"{ufrag}:{theirs}".encode(),
        stun.PRIORITY: bytes(4),
        stun.ICE_CONTROLLING: bytes(8),
        stun.USE_CANDIDATE: b"",
    }
    return stun.write(stun.BINDING_REQUEST, os.urandom(12), attributes, password)


async def test_feedback_about_the_other_rooms_streams_asks_nobody_for_anything(call: Scene) -> None:
    counters = call.server.counters
    strangers = {*own_ssrcs(call.ann), *own_ssrcs(call.bob)}
    strangers |= {*slot_ssrcs(call.ann), *slot_ssrcs(call.bob)}
    strangers -= {*own_ssrcs(call.eve), *slot_ssrcs(call.eve)}
    assert len(strangers) >= 8
    before = counters.drops["feedback-unknown-ssrc"]
    async with call.untouched():
        for ssrc in strangers:
            for each in (Pli(1, ssrc), Fir(1, [(ssrc, 1)]), Nack(1, ssrc, [1, 2, 3])):
                await dtls(call.eve)._send_rtp(each.write())
            report = SenderReport(ssrc, 1 << 60, 5, 6, 7, [])
            await dtls(call.eve)._send_rtp(write_compound([report, Bye([ssrc])]))
            arrivals = TransportFeedback(1, ssrc, 0, 0, 0, [1, None, 2])
            await dtls(call.eve)._send_rtp(arrivals.write())
        told = before + 3 * len(strangers)
        await until(lambda: counters.drops["feedback-unknown-ssrc"] >= told, 10, "all was dropped")


async def test_media_under_anothers_ssrc_and_mid_is_heard_in_ones_own_room_at_most(
    call: Scene,
) -> None:
    async with call.untouched():
        for ssrc in (*own_ssrcs(call.ann), *slot_ssrcs(call.bob)):
            for number in range(20):
                await dtls(call.eve)._send_rtp(
                    rtp.write(
                        payload_type=96,
                        sequence_number=number,
                        timestamp=number * 3000,
                        ssrc=ssrc,
                        payload=b"\x90\x80\x01" + bytes(100),
                    )
                )


async def test_packets_with_anothers_ufrag_address_or_ssrc_change_nothing(call: Scene) -> None:
    forger = Forger(call)
    own, counters = call.transport(call.eve), call.server.counters
    media = await captured(call.eve)
    for victim in (call.ann, call.bob):
        hers = call.transport(victim)
        recorded = await captured(victim)
        dropped = sum(counters.drops.values())

        def wrong(hers: Any = hers) -> list[bytes]:
            """Checks for the victim by somebody who does not know its password."""
            ufrag, theirs = hers.local.ufrag, hers.ice._remote.ufrag
            return [check(ufrag, password, theirs) for password in (own.local.pwd, "", theirs)]

        async with call.untouched():
            mine = check(own.local.ufrag, own.local.pwd, own.ice._remote.ufrag)
            for data in (*wrong(), mine, *media, *recorded, HELLO, ALERT, CLOSE):
                forger.send(data, forger.of(victim))
            # Her own check is good from where she is; everything else is wrong there too.
            for elsewhere in (forger.of(call.eve), NOWHERE):
                for data in (*wrong(), *recorded, ALERT, CLOSE):
                    forger.send(data, elsewhere)
            # At once: a moment later the reports of the others would have brought media back.
            assert call.transport(victim).remote_address == forger.of(victim)
            assert not call.transport(victim).ice.validated(NOWHERE)
        assert sum(counters.drops.values()) - dropped >= len(media) + 2 * len(recorded)
        assert counters.drops["srtp-auth"]
        assert call.transport(call.eve).remote_address == forger.of(call.eve)
    assert not own.closed
