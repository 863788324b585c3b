"""What a person reads and can do when a call does not begin or ends: see docs/failures.md."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

from conftest import session_fixture
from failure import QUIET, SMALL, Somebody, focus, is_in_call, make_room, noticed, problems, told
from page import until
from wire import Wire


@session_fixture
async def wire(server) -> AsyncIterator[Wire]:
    """The way to the server, which may be cut."""
    wire = Wire(int(server.url.rpartition(":")[2]))
    await wire.mend()
    yield wire
    await wire.stop()


async def open_call(server, chromium: Callable[..., Any], room: str = "", query: str = ""):
    """Ann, who joins at once without devices."""
    room = room or server.create_room()
    return await chromium(f"{server.url}/r/{room}?{QUIET}&name=Ann{query}")


async def in_the_call(page) -> None:
    await until(lambda: is_in_call(page), 15, "in the call")


async def try_again(page) -> None:
    """The notice's button, with the keyboard, and the page before the call after it."""
    await page.page.focus("#notice-action")
    await page.page.keyboard.press("Enter")
    await page.page.wait_for_selector("#prejoin:visible")
    await page.page.click("#join")


async def test_a_lost_connection_is_told_and_comes_back(server, wire, chromium) -> None:
    page = await chromium(f"{wire.url}/r/{server.create_room()}?{QUIET}&name=Ann")
    await in_the_call(page)
    wire.cut()
    await told(page, "#banner", "Connection lost")
    assert await page.page.inner_text("#banner-action") == "Rejoin now"
    await page.page.focus("#banner-action")
    await wire.mend()
    await page.page.keyboard.press("Enter")
    await page.page.wait_for_selector("#banner", state="hidden")
    await in_the_call(page)
    assert await focus(page) == "stage"
    assert problems(page) == []


async def test_a_network_that_blocks_the_media_is_told(impaired, chromium) -> None:
    await impaired.network.become("--loss 1")
    url = f"{impaired.server.url}/r/{impaired.server.create_room()}?{QUIET}&name=Ann"
    page = await chromium(url, init=impaired.network.init)
    await page.page.wait_for_selector("#notice:visible", timeout=60_000)
    await noticed(page, "no-media", "Sound and pictures do not get through")
    await impaired.network.become("--loss 0")
    await try_again(page)
    await until(lambda: is_in_call(page), 15, "in the call")
    connected = "() => window.parley.call.peer.connection.connectionState === 'connected'"
    await until(lambda: page.evaluate(connected), 15, "with media")
    assert problems(page) == []


async def test_a_full_room_is_told(start_server, chromium) -> None:
    server = start_server(room_capacity=1)
    room, token = make_room(server)
    async with Somebody(server, room, token) as host:
        page = await open_call(server, chromium, room)
        await noticed(page, "room-full", "This room is full")
        await host.say(type="leave")
        await host.hear("closed")
        await try_again(page)
        await in_the_call(page)
    assert problems(page) == []


async def test_a_locked_room_is_told(server, chromium) -> None:
    room, token = make_room(server)
    async with Somebody(server, room, token) as host:
        await host.say(type="lock", locked=True)
        await host.hear("room-updated")
        page = await open_call(server, chromium, room)
        await noticed(page, "room-locked", "This room is locked")
        await host.say(type="lock", locked=False)
        await host.hear("room-updated")
        await try_again(page)
        await in_the_call(page)
    assert problems(page) == []


async def test_being_removed_is_told(server, chromium) -> None:
    room, token = make_room(server)
    async with Somebody(server, room, token) as host:
        page = await open_call(server, chromium, room)
        participant = (await host.hear("participant-joined"))["participant"]["id"]
        await in_the_call(page)
        await host.say(type="remove", participant=participant)
        await noticed(page, "removed", "You were removed from the call")
        await page.page.click("#notice-action")
        await page.page.wait_for_url(lambda url: "/r/" in url and room not in url)
        await page.page.wait_for_selector("#prejoin:visible")  # a call of their own
    assert problems(page) == []


async def test_the_end_for_everybody_is_told(server, chromium) -> None:
    room, token = make_room(server)
    async with Somebody(server, room, token) as host:
        page = await open_call(server, chromium, room)
        await in_the_call(page)
        await host.say(type="end")
        await noticed(page, "ended", "The call is over")
        await page.page.click("#notice-home")
        await page.page.wait_for_selector("body[data-state=start]")
    assert problems(page) == []


async def test_a_room_that_does_not_exist_is_told(server, chromium) -> None:
    page = await open_call(server, chromium, "A" * 28)
    await noticed(page, "room-not-found", "This call does not exist")
    await page.page.click("#notice-action")
    await page.page.wait_for_url(lambda url: "AAAA" not in url)
    await page.page.wait_for_selector("#prejoin:visible")
    assert problems(page) == []


async def test_a_full_server_is_told(start_server, chromium) -> None:
    server = start_server(max_participants=1)
    async with Somebody(server, *make_room(server)) as other:
        page = await open_call(server, chromium)
        await noticed(page, "server-full", "The server is full")
        await other.say(type="leave")
        await other.hear("closed")
        await try_again(page)
        await in_the_call(page)
    assert problems(page) == []


async def test_a_server_that_is_about_to_restart_is_told(start_server, chromium) -> None:
    server = start_server(drain_seconds=60)
    room, _ = make_room(server)
    inside = await open_call(server, chromium, room)
    await in_the_call(inside)
    server.process.send_signal(signal.SIGTERM)
    await told(inside, "#banner", "restart")
    # Whoever is inside stays; nobody new gets in, and no new call begins.
    outside = await open_call(server, chromium, room)
    await noticed(outside, "draining", "The server is about to restart")
    await outside.page.click("#notice-home")
    await outside.page.click("#new-call")
    await told(outside, "#start-problem", "starts no new calls just now")
    assert await focus(outside) == "new-call"
    await inside.page.click("#banner-action")
    assert await inside.page.is_hidden("#banner")
    assert await inside.state() == "call"
    assert problems(inside) == problems(outside) == []


async def test_a_server_that_stops_is_told_and_awaited(server, chromium) -> None:
    page = await open_call(server, chromium)
    await in_the_call(page)
    assert server.stop() == 0
    await told(page, "#banner", "Reconnecting")
    assert await page.page.inner_text("#banner-action") == "Rejoin now"
    assert problems(page) == []


async def test_a_wrong_token_is_told_and_not_used_again(server, chromium) -> None:
    room = server.create_room()
    wrong = f"localStorage.setItem('sfu-hosting', JSON.stringify([['{room}', 'x'.repeat(24)]]))"
    once = f"if (!sessionStorage.wrong) {{ sessionStorage.wrong = 1; {wrong}; }}"
    page = await chromium(f"{server.url}/r/{room}?{QUIET}&name=Ann", init=once)
    await noticed(page, "bad-token", "This invitation is not valid")
    await try_again(page)
    await in_the_call(page)
    assert problems(page) == []


async def test_a_server_out_of_reach_is_told_on_the_start_page_and_before_the_call(
    server, wire, chromium
) -> None:
    page = await chromium(f"{wire.url}/")
    wire.cut()
    await page.page.click("#new-call")
    await told(page, "#start-problem", "does not answer")
    assert await focus(page) == "new-call"
    await wire.mend()
    await page.page.keyboard.press("Enter")
    await page.page.wait_for_selector("#prejoin:visible")

    await page.page.goto(f"{wire.url}/r/{server.create_room()}?{SMALL}&name=Ann")
    await page.page.wait_for_selector("#prejoin:visible")
    wire.cut()
    await page.page.click("#join")
    await noticed(page, "unreachable", "The server does not answer")
    await wire.mend()
    await try_again(page)
    await in_the_call(page)
    assert problems(page) == []
