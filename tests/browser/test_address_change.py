"""A person's address goes in the middle of a call, and another one is there: a cable is pulled out.

The figures in docs/reliability.md: ``TIMES=10 pytest tests/browser/test_address_change.py -o
log_cli=true --log-cli-level=INFO``, as root.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re

import pytest
from impaired import frames_shown, longest_gap, watch_frames
from page import until

figures = logging.getLogger("figures")

often = pytest.mark.parametrize("turn", range(int(os.environ.get("TIMES", "1"))))

SMALL = "width=320&height=180&fps=15&join=auto"
# Frames that prove that a picture moves.
FRAMES = 4


async def a_call(lab, chromium):
    """Ann beside the server, and Bob behind two cables, who see each other."""
    client, host = lab.machine("client"), lab.machine("server")
    client.plug(host, ("10.77.1.1/24", "10.77.1.2/24"))
    client.plug(host, ("10.77.3.1/24", "10.77.3.2/24"))
    server = await lab.serve(host, client, host)
    url = f"{server.url}/r/{server.create_room()}?{SMALL}"
    ann = await chromium(f"{url}&name=Ann", look=0, executable=lab.browser(host))
    bob = await chromium(f"{url}&name=Bob", look=1, executable=lab.browser(client))
    try:
        await until(lambda: ann.sees("Bob"), 60, "Ann sees Bob")
        await until(lambda: bob.sees("Ann"), 60, "Bob sees Ann")
    except AssertionError as missing:
        told = [(await page.state(), page.problems) for page in (ann, bob)]
        raise AssertionError(f"{missing}; {told}; {json.dumps(server.rooms())}") from None
    await watch_frames(ann, "Bob")
    await watch_frames(bob, "Ann")
    # Until the browser has checked all ways that there are.
    await asyncio.sleep(3)
    return client, server, ann, bob


def pull(client, address: str) -> None:
    """Take ``address`` away from the machine."""
    device = re.search(rf"\d+: (\S+) +inet {re.escape(address)}/", client.run("ip", "-o", "a"))
    assert device is not None
    client.run("ip", "address", "delete", f"{address}/24", "dev", device[1])


async def moves(page, seconds: float, what: str) -> float:
    """Wait until the picture moves; how long that took."""
    before = await page.decoded()

    async def further() -> bool:
        return await page.decoded() >= before + FRAMES

    return await until(further, seconds, what)


@often
async def test_media_comes_back_over_the_other_address_without_a_new_join(
    lab, chromium, turn
) -> None:
    client, server, ann, bob = await a_call(lab, chromium)
    used = (await lab.way(bob))["remote"]
    joins = server.metrics()["parley_joins_total"]
    shown = [len(await frames_shown(page, name)) for page, name in ((ann, "Bob"), (bob, "Ann"))]
    pull(client, used.removesuffix("2") + "1")

    async def elsewhere() -> bool:
        return (await lab.way(bob))["remote"] != used

    await until(elsewhere, 30, "Bob's browser uses the other address")
    for page, name in ((bob, "Ann"), (ann, "Bob")):
        await moves(page, 30, f"the picture of {name} moves")
    await asyncio.sleep(1)
    gaps = [
        longest_gap((await frames_shown(page, name))[count - 1 :])
        for page, name, count in ((ann, "Bob", shown[0]), (bob, "Ann", shown[1]))
    ]
    figures.info(
        "address gone: Bob sees nothing for %.2f s, Ann nothing of Bob for %.2f s", *gaps[::-1]
    )
    assert server.metrics()["parley_joins_total"] == joins
    for page in (ann, bob):
        assert await page.evaluate("() => window.connections") == 1
        assert await page.state() == "call"
    # The server moves first and tells Chromium, which alone takes 3.5 s.
    assert max(gaps) < 10
