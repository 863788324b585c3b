"""What people read while the server has too much to do."""

from __future__ import annotations

from failure import QUIET, SMALL, is_in_call, noticed, problems, told
from page import until


async def test_a_busy_server_is_told_in_the_call_and_at_the_door(start_server, chromium) -> None:
    # So few datagrams that one person is too many: full after some six seconds.
    server = start_server(overload="on", overload_packets=10)
    room = server.create_room()
    ann = await chromium(f"{server.url}/r/{room}?join=auto&{SMALL}&name=Ann")
    await until(lambda: is_in_call(ann), 20, "in the call")
    await told(ann, "#banner", "only a few pictures are shown for now")
    await until(lambda: full(server), 20, "full")
    eve = await chromium(f"{server.url}/r/{room}?{QUIET}&name=Eve")
    await noticed(eve, "server-busy", "The server is busy")
    # Read is read, also when it gets worse.
    await ann.page.click("#banner-action")
    await ann.page.wait_for_selector("#banner", state="hidden")
    assert problems(ann) == []


async def full(server) -> bool:
    return server.metrics()["parley_load_state"] == 3
