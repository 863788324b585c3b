"""Calls of several people in one room, as each of them sees and hears it."""

from __future__ import annotations

import pytest
from conftest import LOOKS
from movement import all_move
from page import Colour, shows, until

from loadtest.client import Client
from loadtest.watch import sees

# The encoders and decoders of six people fill a small machine, and people's patience is short.
alone = pytest.mark.alone

SMALL = "join=auto&width=160&height=90&fps=5"
NORMAL = "join=auto&width=320&height=180&fps=15"


async def uplink(page) -> list[tuple[str, bool]]:
    """Kind of each outgoing stream that sends."""
    return sorted(r["kind"] for r in await page.stats("outbound-rtp") if r["packetsSent"] > 0)


async def assert_one_connection(page) -> None:
    assert await page.evaluate("() => window.connections") == 1
    assert await uplink(page) == ["audio", "video"]


@alone
async def test_six_people_three_browsers_and_three_synthetic(server, chromium) -> None:
    room = server.create_room()
    url = f"{server.url}/r/{room}?{NORMAL}"
    pages = [await chromium(f"{url}&name=Page{n}", look=n) for n in range(2)]

    async def two_see() -> bool:
        return await pages[0].sees("Page1", LOOKS[1][0]) and await pages[1].sees("Page0")

    await until(two_see, 15, "two pages see each other")
    for page in pages:
        await assert_one_connection(page)
    clients = []
    for n in range(3, 6):
        colour, _ = LOOKS[n]
        client = Client(server.url, room, f"Client{n}", colour=colour, tone=400 + 100 * n)
        await client.join()
        clients.append(client)
    try:
        pages.append(await chromium(f"{url}&name=Page2", look=2))
        names = {f"Page{n}": LOOKS[n][0] for n in range(3)}
        names |= {f"Client{n}": LOOKS[n][0] for n in range(3, 6)}

        async def joined() -> bool:
            return await pages[2].state() == "call"

        await until(joined, 15, "the last one joined")

        async def all_seen() -> bool:
            for page in pages:
                if not await sees_all(page, names):
                    return False
            return True

        await until(all_seen, 3, "each page shows the five others in their colours")

        async def all_heard() -> bool:
            return [await page.heard() for page in pages] == [5, 5, 5]

        await until(all_heard, 10, "each page hears the five others")
        for page in pages:
            await assert_one_connection(page)
        await all_move(30, pages, server)
        assert all(
            sees(client, other) for client in clients for other in clients if client != other
        )
        for page in pages:
            assert page.problems == []
    finally:
        for client in clients:
            await client.leave()


async def sees_all(page, names: dict[str, Colour]) -> bool:
    """Whether ``page`` shows everybody else in their colours."""
    tiles = await page.tiles()
    return all(
        name in tiles and (tiles[name]["self"] or shows(tiles[name], colour))
        for name, colour in names.items()
    )


@alone
async def test_six_browsers_with_small_pictures(server, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}?{SMALL}"
    pages = []
    for n in range(6):
        pages.append(await chromium(f"{url}&name=Page{n}", look=n, width=480, height=320))
    names = {f"Page{n}": LOOKS[n][0] for n in range(6)}

    async def all_seen() -> bool:
        for page in pages:
            if not await sees_all(page, names):
                return False
        return True

    await until(all_seen, 30, "each of six pages shows the five others")
    for page in pages:
        await assert_one_connection(page)
        assert page.problems == []
    await all_move(10, pages, server)


@alone
async def test_a_late_joiner_has_every_picture_within_two_seconds(server, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}?{NORMAL}"
    for n in range(2):
        page = await chromium(f"{url}&name=Page{n}", look=n)

        async def in_call(page=page) -> bool:
            return await page.state() == "call"

        await until(in_call, 15, "in the call")
    late = await chromium(f"{server.url}/r/{url.rpartition('/')[2].partition('?')[0]}?name=Late", 2)
    await until(lambda: has_preview(late), 10, "the preview runs")
    await late.page.click("#join")

    async def sees_both() -> bool:
        return await late.sees("Page0", LOOKS[0][0]) and await late.sees("Page1", LOOKS[1][0])

    assert await until(sees_both, 10, "the late joiner sees both") < 2.0


async def has_preview(page) -> bool:
    return bool(await page.page.eval_on_selector("#preview", "(video) => video.videoWidth > 0"))


@alone
async def test_twenty_joins_in_a_row_never_leave_a_black_tile(server, chromium) -> None:
    room = server.create_room()
    ann = await chromium(f"{server.url}/r/{room}?{SMALL}&name=Ann", look=0)
    bob = await chromium(f"{server.url}/r/{room}?{SMALL}&name=Bob", look=1)
    for turn in range(20):

        async def see_each_other() -> bool:
            return await bob.sees("Ann", LOOKS[0][0]) and await ann.sees("Bob", LOOKS[1][0])

        await until(see_each_other, 5, f"join {turn}: both see each other")
        await bob.page.click("#leave")
        await until(lambda: is_ended(bob), 2, "left")
        await until(lambda: is_alone(ann), 1, "the tile is gone within a second")
        await bob.page.click("#notice-action")
        await bob.page.click("#join")
    await until(lambda: bob.sees("Ann"), 5, "the last join")
    # One connection per stay, each closed before the next.
    assert await bob.evaluate("() => window.connections") == 21
    assert bob.problems == []
    assert ann.problems == []


async def is_ended(page) -> bool:
    return await page.state() == "ended"


async def is_alone(page) -> bool:
    return len(await page.tiles()) == 1


@pytest.mark.parametrize(("how", "seconds"), [("kill", 20), pytest.param("close", 1, marks=alone)])
async def test_a_page_that_is_gone_leaves_no_tile(server, chromium, how, seconds) -> None:
    room = server.create_room()
    ann = await chromium(f"{server.url}/r/{room}?{SMALL}&name=Ann", look=0)
    bob = await chromium(f"{server.url}/r/{room}?{SMALL}&name=Bob", look=1)
    await until(lambda: ann.sees("Bob"), 15, "Ann sees Bob")
    if how == "kill":
        bob.kill()
    else:
        await bob.page.close(run_before_unload=True)
    await until(lambda: is_alone(ann), seconds, "Bob's tile is gone")
