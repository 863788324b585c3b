"""A part that fails for one participant takes that one out at most: the others' pictures move on.

The points are those of ``tests/chaos/faults.py``: every place where one participant's work begins,
or is done on behalf of another.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from loadtest import stamp
from loadtest.client import Client
from loadtest.lightclient import LightClient
from loadtest.refusal import JoinFailed
from loadtest.watch import until
from tests.chaos.faults import POINTS
from tests.chaos.rig import Guests, Server, guests, running
from tests.integration.conftest import LOOKS
from tests.integration.data_client import DataClient

# Ample: other tests keep the machine busy meanwhile.
SECONDS = 30.0
# Of others' own objects: what fails there for the victim, and does not end it.
STAYS = {"protect", "data", "event", "webhook"}
UNCOUNTED = {"protect"}  # dropped and counted as such, for it may strike with every packet


def came(client: LightClient, other: LightClient) -> int:
    """How many packets of somebody's picture a client got."""
    name = stamp.name_of(other.you)
    spans = client._incoming._spans.items()
    return sum(span.received for key, span in spans if key[:2] == (name, "video"))


def people(server: Server, room: str) -> set[str]:
    with urllib.request.urlopen(f"{server.url}/debug/rooms", timeout=20) as response:
        told = json.load(response)["rooms"].get(room, {"participants": []})
    return {each["participant"] for each in told["participants"]}


async def becomes(check: Callable[[], Awaitable[bool]], what: str) -> None:
    until_then = asyncio.get_running_loop().time() + SECONDS
    while not await check():
        assert asyncio.get_running_loop().time() < until_then, what
        await asyncio.sleep(0.1)


async def provoke(point: str, server: Server, eve: Any, ann: LightClient) -> None:
    """Do what leads through ``point``, where media and time do not do it by themselves."""
    if point == "message":
        socket = eve._signaling._socket
        await socket.send_json({"type": "hand", "raised": True})
    elif point == "tell":
        await ann._signaling._socket.send_json({"type": "hand", "raised": True})
    elif point == "data":
        eve.write("hello")
    elif point in ("transport-close", "event", "webhook"):
        await eve.leave()


async def breaks(point: str, server: Server, clients: Guests) -> None:
    """The whole story of one point, in a room of its own."""
    room = server.room()
    ann, bob = clients.new(room), clients.new(room)
    await ann.join()
    await bob.join()
    victim: LightClient | Client
    if point in ("data", "data-begins"):
        victim = DataClient(server.url, room, "eve", *LOOKS[0])
    else:
        victim = clients.new(room)
    if point in ("handshake", "data-begins"):
        await _join_broken(point, server, victim)
    else:
        await victim.join()
        if point == "data":
            await victim.chat_open()
        others = 2 if isinstance(victim, LightClient) else 1  # of the other kind no stamp is read
        await until(lambda: ann.hears == bob.hears == others, SECONDS, f"{point}: the call")
        await server.fault(point, victim.you)
        await provoke(point, server, victim, ann)
    eve = victim.you

    async def counted() -> bool:
        return point in UNCOUNTED or len(told(server, point)) > 0

    await becomes(counted, f"{point}: the operator is told")
    if point not in STAYS or point in ("event", "webhook"):

        async def gone() -> bool:
            return eve not in people(server, room)

        await becomes(gone, f"{point}: it is taken out")
    else:
        await asyncio.sleep(0.5)
        assert eve in people(server, room), point
    before = came(ann, bob), came(bob, ann)
    await until(
        lambda: came(ann, bob) > before[0] + 20 and came(bob, ann) > before[1] + 20,
        SECONDS,
        f"{point}: the others' pictures go on",
    )
    assert (ann.closed, bob.closed) == ("", ""), point
    await (victim.leave(politely=False) if isinstance(victim, LightClient) else victim._stop())
    back = clients.new(room)
    await back.join()
    await until(
        lambda: came(ann, back) > 5 and came(back, bob) > 5, SECONDS, f"{point}: it comes back"
    )
    lines = told(server, point)
    assert len(lines) == (point not in UNCOUNTED), (point, lines)
    assert all("Traceback" in line["exception"] for line in lines)
    await asyncio.gather(*(each.leave() for each in (ann, bob, back)))


async def _join_broken(point: str, server: Server, victim: Any) -> None:
    """Join with a fault between the answer and the first packet."""
    if isinstance(victim, LightClient):
        connect = victim._wire.connect

        async def broken(answer: Any) -> None:
            await server.fault(point, victim.you)
            await connect(answer)

        victim._wire.connect = broken
        with pytest.raises(JoinFailed):
            await victim.join()
        return
    await victim.join()
    await victim.chat_open()
    await server.fault(point, victim.you)
    victim.write("hello")


def told(server: Server, point: str) -> list[dict[str, Any]]:
    """What the log says of the fault at ``point``."""
    wanted = f"Broken: {point}\n"
    return [line for line in server.lines("bug") if wanted in line["exception"] + "\n"]


@contextlib.asynccontextmanager
async def receiver() -> AsyncIterator[str]:
    """Where webhooks can be posted to."""

    async def take(request: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.router.add_post("/", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


# The port writes one traceback in ten seconds, as for "datagram": each of these has its own server.
_APART = ("handshake", "check", "data-begins")
# Native code decides for copies that simply go on: Python's own way has to be asked for.
_IN_PYTHON = "forward"
# Calls side by side, each in a room of its own.
_AT_ONCE = 4


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "points",
    [
        *([point] for point in (*_APART, _IN_PYTHON)),
        [point for point in POINTS if point not in (*_APART, _IN_PYTHON)],
    ],
    ids=[*_APART, _IN_PYTHON, "all-others"],
)
async def test_a_part_that_fails_for_one_takes_nobody_else_along(points: list[str]) -> None:
    settings: dict[str, Any] = {"admin_keys": ["a-key-for-this-test-alone"]}
    settings |= {"webhook_secret": "s" * 32}
    if _IN_PYTHON in points:
        settings["egress"] = "python"
    async with (
        receiver() as url,
        running(webhook_urls=[url], **settings) as server,
        guests(server.url) as clients,
    ):
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(point: str) -> None:
            async with turns:
                await breaks(point, server, clients)

        await asyncio.gather(*(one(point) for point in points))
        seen = await server.look()
        assert sum(seen["bugs"].values()) >= len(set(points) - UNCOUNTED)
