"""Outages as people live through them: the WebSocket, the media, or the whole server is gone.

To see what was measured, ten times: ``TIMES=10 pytest tests/browser/test_resume.py -o log_cli=true
--log-cli-level=INFO``; the figures of a quiet machine are in docs/reliability.md.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from urllib.parse import urlsplit

import pytest
from conftest import session_fixture
from impaired import frames_shown, longest_gap, watch_frames
from page import until
from wire import Wire

figures = logging.getLogger("figures")

# What people may notice is measured in seconds.
pytestmark = pytest.mark.alone

often = pytest.mark.parametrize("turn", range(int(os.environ.get("TIMES", "1"))))

SMALL = "width=320&height=180&fps=15"


@session_fixture
async def wire(server):
    """The way to the server."""
    wire = Wire(urlsplit(server.url).port)
    await wire.mend()
    yield wire
    await wire.stop()


async def two(chromium, urls, **options):
    """Ann and Bob see each other; the options are for Bob's browser."""
    ann = await chromium(f"{urls[0]}&{SMALL}&name=Ann", look=0)
    bob = await chromium(f"{urls[1]}&{SMALL}&name=Bob", look=1, **options)
    await until(lambda: ann.sees("Bob"), 20, "Ann sees Bob")
    await until(lambda: bob.sees("Ann"), 20, "Bob sees Ann")
    await watch_frames(ann, "Bob")
    await watch_frames(bob, "Ann")
    return ann, bob


async def frames(page) -> int:
    return await page.decoded()


async def plays_on(page, seconds: float, what: str) -> float:
    """Wait until the picture moves again; how long that took."""
    before = await frames(page)

    async def moves() -> bool:
        return await frames(page) > before + 2

    return await until(moves, seconds, what)


async def connections(page) -> int:
    return int(await page.evaluate("() => window.connections"))


async def outages(page) -> list[dict]:
    return list(await page.evaluate("() => window.parley.call.outages"))


async def seen_of(page) -> list[tuple[str, bool]]:
    """Who is in the call, and who of them is away."""
    script = "() => [...window.parley.call.participants.values()].map((p) => [p.name, p.away])"
    return [tuple(each) for each in await page.evaluate(script)]


async def gap_since(page, name: str, count: int) -> float:
    """The longest time between two frames of ``name``, the first ``count`` frames aside."""
    return longest_gap((await frames_shown(page, name))[count:])


@often
async def test_a_websocket_that_breaks_for_five_seconds_stops_no_picture(
    server, wire, chromium, turn
) -> None:
    room = f"/r/{server.create_room()}?join=auto"
    ann, bob = await two(chromium, (server.url + room, wire.url + room))
    shown = [len(await frames_shown(page, name)) for page, name in ((ann, "Bob"), (bob, "Ann"))]
    wire.cut()
    await asyncio.sleep(2.0)
    assert await bob.state() == "reconnecting"
    await asyncio.sleep(3.0)
    assert [name for name, _ in await seen_of(ann)] == ["Bob"]
    await wire.mend()

    async def is_back() -> bool:
        return await bob.state() == "call" and bool(await outages(bob))

    back = await until(is_back, 10, "Bob is back")
    await until(lambda: sees_nobody_away(ann), 5, "Ann knows")
    await asyncio.sleep(1.0)
    gaps = [await gap_since(ann, "Bob", shown[0]), await gap_since(bob, "Ann", shown[1])]
    figures.info("WebSocket: back %.2f s after its return; longest gaps %.2f, %.2f s", back, *gaps)
    assert (await outages(bob))[-1]["resumed"] is True
    assert await seen_of(bob) == [("Ann", False)]
    assert [await connections(page) for page in (ann, bob)] == [1, 1]
    assert max(gaps) < 3  # of the five seconds; a machine that is busy makes gaps of its own
    assert back < 5


async def sees_nobody_away(page) -> bool:
    return not any(away for _, away in await seen_of(page))


@often
async def test_media_that_are_gone_for_five_seconds_come_back_by_themselves(
    impaired, chromium, turn
) -> None:
    url = f"{impaired.server.url}/r/{impaired.server.create_room()}?join=auto"
    ann, bob = await two(chromium, (url, url), init=impaired.network.init)
    await impaired.network.become("--loss 100%")
    await asyncio.sleep(5.0)
    await impaired.network.become("--loss 0%")
    back = [
        await plays_on(bob, 10, "Bob sees Ann move"),
        await plays_on(ann, 10, "Ann sees Bob move"),
    ]
    figures.info("media: Bob sees again after %.2f s, Ann after %.2f s more", *back)
    assert [await connections(page) for page in (ann, bob)] == [1, 1]
    assert await outages(bob) == []
    assert await bob.state() == "call"
    assert sum(back) < 5


@often
async def test_everybody_is_back_soon_after_a_killed_server_runs_again(
    start_server, chromium, turn
) -> None:
    fixed = {
        "http_port": free_port(socket.SOCK_STREAM),
        "udp_port": free_port(socket.SOCK_DGRAM),
        "room_secret": "the same before and after",
    }
    server = start_server(**fixed)
    url = f"{server.url}/r/{server.create_room()}?join=auto"
    ann, bob = await two(chromium, (url, url))
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(10)
    await asyncio.sleep(1.0)
    await asyncio.to_thread(start_server, **fixed)
    started = time.monotonic()
    for page, name in ((ann, "Bob"), (bob, "Ann")):
        await until(lambda page=page: has_call(page), 20, f"the call shows {name} again")
        await plays_on(page, 20, f"the picture of {name} moves")
    took = time.monotonic() - started
    figures.info("server: everybody sees everybody %.2f s after it listens", took)
    assert [await connections(page) for page in (ann, bob)] == [2, 2]
    assert {await page.evaluate("() => window.parley.call.role") for page in (ann, bob)} >= {"host"}
    assert took < 10


async def has_call(page) -> bool:
    return await page.state() == "call" and len(await seen_of(page)) == 1


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])
