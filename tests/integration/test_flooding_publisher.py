"""Somebody sends all that their machine can: everybody else's calls go on, in a real server."""

from __future__ import annotations

import asyncio
import urllib.request

from loadtest.lightclient import LightClient
from loadtest.watch import until
from tests.chaos.rig import Server, guests, running
from tests.integration.test_chaos import came

# As many packets as a microphone makes in five minutes, one for each large one of a picture.
PACKETS, AT_ONCE = 15_000, 250
SECONDS = 30.0


async def flood(eve: LightClient) -> None:
    """Sound and pictures as fast as this process can."""
    eve.mute()
    sources = list(eve._sources.values())
    largest = [max((p for f in s.recording.frames for p in f), key=len) for s in sources]
    for sent in range(PACKETS):
        for source, payload in zip(sources, largest, strict=True):
            source._send(payload, last=True)
        if sent % AT_ONCE == 0:
            await asyncio.sleep(0)  # others of this process get their turn


def dropped(server: Server, reason: str) -> float:
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=20) as response:
        lines = response.read().decode().splitlines()
    name = f'parley_drops_total{{reason="{reason}"}} '
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


async def test_who_sends_all_it_can_harms_nobody_in_its_room_nor_elsewhere() -> None:
    async with running() as server, guests(server.url) as many, guests(server.url) as own:
        room, elsewhere = server.room(), server.room()
        ann, bob = many.new(room), many.new(room)
        cem, dora = many.new(elsewhere), many.new(elsewhere)
        eve = own.new(room)
        pairs = [(ann, bob), (bob, ann), (cem, dora), (dora, cem)]
        everybody = [ann, bob, cem, dora, eve]
        for each in everybody:
            await each.join()
        await until(lambda: all(came(*pair) for pair in pairs), SECONDS, "all see each other")
        before = [came(*pair) for pair in pairs]
        await flood(eve)
        # Ten pictures per second: two seconds of them, and each of the four.
        still = lambda: all(  # noqa: E731
            came(*pair) >= had + 20 for pair, had in zip(pairs, before, strict=True)
        )
        await until(still, SECONDS, "pictures move during the flood and after it")
        # How much gets as far as that depends on the machine: the system drops some before.
        assert dropped(server, "sound-flood") > 0
        assert not any(each.closed for each in everybody)
        for each in everybody:
            await each.leave()
