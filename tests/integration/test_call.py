"""Calls of an independent WebRTC stack (aiortc) over real UDP."""

from __future__ import annotations

import asyncio
import time

import pytest

from loadtest.client import JoinFailed
from loadtest.watch import sees, until
from sfu.transport.native_egress import AVAILABLE


@pytest.fixture(params=["native", "python"])
def server(request, start_server):
    """A server with each egress; without native code the first one cannot start, and says so."""
    if request.param == "native" and not AVAILABLE:
        pytest.skip("sfu.transport._egress is not built")
    return start_server(egress=request.param)


async def test_two_see_and_hear_each_other(server, new_client) -> None:
    room = server.create_room()
    ann = await new_client(server, room, 0)
    bob = await new_client(server, room, 1)
    await until(lambda: sees(ann, bob) and sees(bob, ann), 30, "both see each other")


async def test_ipv4_and_ipv6_meet_on_the_same_port(server, new_client) -> None:
    room = server.create_room()
    ann = await new_client(server, room, 0)
    bob = await new_client(server, room, 1, ipv6=True)
    await until(lambda: sees(ann, bob) and sees(bob, ann), 30, "both see each other")
    addresses = [each["address"] for each in describe(server, room)]
    assert "127.0.0.1" in addresses[0]
    assert "::1" in addresses[1]


def describe(server, room: str) -> list[dict[str, object]]:
    """The participants of a room in /debug/rooms."""
    rooms = server.rooms()["rooms"]
    (only,) = rooms.values() if isinstance(rooms, dict) else rooms
    return only["participants"]


async def test_a_late_joiner_has_everybodys_picture_within_two_seconds(server, new_client) -> None:
    room = server.create_room()
    others = [await new_client(server, room, look) for look in range(3)]
    await until(lambda: all(sees(a, b) for a in others for b in others if a is not b), 30, "call")
    late = await new_client(server, room, 3, colour=None, tone=None)
    await until(lambda: all(sees(late, other) for other in others), 30, "the late one sees all")
    for other in others:
        first = late.seen[other.you].first_picture_at
        assert first is not None
        assert first - late.joined_at < 2.0


async def test_sound_alone_and_nothing_at_all_are_fine(server, new_client) -> None:
    room = server.create_room()
    ann = await new_client(server, room, 0, colour=None)
    viewer = await new_client(server, room, 1, colour=None, tone=None)
    await until(lambda: sees(viewer, ann), 30, "the viewer hears")
    assert viewer.you not in ann.seen


async def test_rooms_are_apart(server, new_client) -> None:
    first, second = server.create_room(), server.create_room()
    ann, bob = await new_client(server, first, 0), await new_client(server, first, 1)
    eve, fay = await new_client(server, second, 2), await new_client(server, second, 3)
    await until(lambda: sees(ann, bob) and sees(eve, fay), 30, "both rooms work")
    assert set(ann.seen) <= {bob.you}
    assert set(eve.seen) <= {fay.you}
    assert ann.participants.keys() == {bob.you}


async def test_the_seventh_in_a_room_of_six_is_refused(start_server, new_client) -> None:
    server = start_server(room_capacity=6)
    room = server.create_room()
    for look in range(6):
        await new_client(server, room, look, colour=None, tone=None)
    with pytest.raises(JoinFailed) as refused:
        await new_client(server, room, 6)
    assert refused.value.code == "room-full"
    assert "full" in str(refused.value)


async def test_leaving_is_told_within_a_second_and_dying_within_fifteen(server, new_client) -> None:
    room = server.create_room()
    ann = await new_client(server, room, 0, colour=None)
    bob = await new_client(server, room, 1, colour=None)
    eve = await new_client(server, room, 2, colour=None)
    await until(lambda: sees(ann, bob) and sees(ann, eve), 30, "the call works")
    started = time.monotonic()
    await bob.leave()
    assert bob.closed == "left"
    await until(lambda: bob.you not in ann.participants, 1, "bob is gone")
    await eve.die()
    await until(lambda: eve.you not in ann.participants, 15, "eve is gone")
    assert time.monotonic() - started < 16
    reasons = [m["reason"] for m in ann.messages if m["type"] == "participant-left"]
    assert reasons == ["left", "media-lost"]  # her peer connection said goodbye


async def test_fifty_joins_leave_nothing_behind(server, new_client) -> None:
    room = server.create_room()
    ann = await new_client(server, room, 0, colour=None)
    sizes = []
    for turn in range(50):
        guest = await new_client(server, room, 1, colour=None, tone=600 if turn % 5 == 0 else None)
        if turn % 5 == 0:
            await until(lambda guest=guest: sees(ann, guest), 30, f"guest {turn} is heard")
        await (guest.die() if turn % 10 == 9 else guest.leave())
        sizes.append(server.resident_bytes())
    await ann.leave()
    gauges = (
        "parley_rooms",
        "parley_participants",
        "parley_transports",
        "parley_websockets",
        'parley_tracks{kind="audio",source="microphone"}',
    )

    def all_zero() -> bool:
        samples = server.metrics()
        return all(samples.get(gauge, 0.0) == 0.0 for gauge in gauges)

    await until(all_zero, 30, "every gauge is at zero")
    assert "parley_rooms" in server.metrics()
    assert not server.rooms()["rooms"]
    # After the first ten joins the level is reached; each further one would cost 300 kB if leaked.
    assert sizes[-1] - sizes[9] < 4_000_000


async def test_the_counters_agree_with_what_clients_received(server, new_client) -> None:
    room = server.create_room()
    clients = [await new_client(server, room, look) for look in range(3)]
    await until(lambda: all(sees(a, b) for a in clients for b in clients if a is not b), 30, "call")
    await asyncio.sleep(2)
    for client in clients:
        for transceiver, _ in client._sources:
            transceiver.sender.replaceTrack(None)
    await asyncio.sleep(0.5)
    sent = received = 0
    for client in clients:
        for report in (await client.connection.getStats()).values():
            if report.type == "inbound-rtp":
                received += report.packetsReceived
            elif report.type == "outbound-rtp":
                sent += report.packetsSent
    samples = server.metrics()
    out = sum(
        v for k, v in samples.items() if k.startswith('parley_rtp_packets_total{direction="out"')
    )
    assert received > 500
    assert out == pytest.approx(received, rel=0.01)
