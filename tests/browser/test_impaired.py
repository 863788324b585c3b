"""What people see and hear over bad networks, and that no more is sent than somebody sees."""

from __future__ import annotations

import asyncio
import logging

import pytest
from encoders import Encoders
from impaired import frames_shown, longest_gap, sees, sent, switched_after, watch_frames
from page import until

# To see what was measured: pytest -o log_cli=true --log-cli-level=INFO. What is wanted is in
# docs/quality.md, and what was measured on a quiet machine; here the bounds leave room for one on
# which the encoders get little time.
figures = logging.getLogger("figures")

# What people may notice is measured in seconds.
pytestmark = pytest.mark.alone


# A window of Bob's in which Ann's tile is far higher than half of her 720 lines, and one in which
# it is lower than a quarter of them.
LARGE = {"width": 1000, "height": 1400}
SMALL = {"width": 320, "height": 320}
TOP = range(700, 721)
LOWER = range(1, 300)


async def two_in_a_call(impaired, chromium, busy_cameras, height: int, window=LARGE):
    """Ann sends, straight to the server; Bob only watches, through the bad network."""
    url = f"{impaired.server.url}/r/{impaired.server.create_room()}?join=auto"
    size = f"width={height * 16 // 9}&height={height}&fps=15"
    ann = await chromium(f"{url}&name=Ann&{size}", camera=busy_cameras[height])
    watches = f"{url}&name=Bob&camera=off"
    bob = await chromium(watches, look=1, init=impaired.network.init, **window)

    async def plays() -> bool:
        return (await sees(bob, "Ann")).frames > 15

    await until(plays, 20, "Bob sees Ann")
    await watch_frames(bob, "Ann")
    return ann, bob


async def shows(page, name: str, heights: range, seconds: float, what: str) -> float:
    """Wait until the picture of ``name`` has one of ``heights``; how long that took."""

    async def has_height() -> bool:
        shown = await frames_shown(page, name)
        return bool(shown) and shown[-1][2] in heights

    try:
        return await until(has_height, seconds, what)
    except AssertionError as late:
        raise AssertionError(f"{late}; instead: {await sees(page, name)}") from None


async def resize(page, name: str, window: dict[str, int], heights: range) -> None:
    """Give ``page`` another size; its picture of ``name`` must follow."""
    await page.page.set_viewport_size(window)
    await shows(page, name, heights, 20, f"a window of {window} changes the layer")
    seconds = await switched_after(page, name, heights)
    assert seconds is not None
    figures.info("another layer %.2f s after the window became %s", seconds, window)


async def test_the_layer_follows_the_size_of_the_tile(impaired, chromium, busy_cameras) -> None:
    _, bob = await two_in_a_call(impaired, chromium, busy_cameras, 720)
    await shows(bob, "Ann", TOP, 30, "the top layer in a large window")
    for _ in range(2):
        await resize(bob, "Ann", SMALL, LOWER)
        await resize(bob, "Ann", LARGE, TOP)
    shown = await frames_shown(bob, "Ann")
    figures.info("longest gap %.2f s", longest_gap(shown))
    assert longest_gap(shown) < 4.0, "a switch does not stop the picture"


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_narrow_downlink_keeps_sound_whole_and_the_picture_moving(
    impaired, chromium, busy_cameras
) -> None:
    ann, bob = await two_in_a_call(impaired, chromium, busy_cameras, 720)
    await shows(bob, "Ann", TOP, 30, "the top layer to begin with")
    last = await sees(bob, "Ann")
    encoders = Encoders(ann)
    await encoders.begin()
    await impaired.network.become("--down-rate 400k")
    before = None
    for second in range(1, 17):
        await asyncio.sleep(1)
        if second == 3:
            before = await sees(bob, "Ann")  # until then the server finds out
        if second % 4:
            continue
        now = await sees(bob, "Ann")
        if now.frames == last.frames and await encoders.starved():
            figures.info("nothing to forward before %d s: %s", second, await encoders.explain())
            await encoders.recover()
            await asyncio.sleep(4)
            now = await sees(bob, "Ann")
        seen = f"no picture in the four seconds before {second} s"
        assert now.frames > last.frames, f"{seen}; sent: {await encoders.explain()}"
        last = now
        await encoders.begin()
    after = await sees(bob, "Ann")
    concealed = after.concealed_since(before)
    figures.info("%.1f %% of the sound made up, picture of %s", 100 * concealed, after.height)
    assert concealed < 0.05
    await impaired.network.become("--down-rate none")
    try:
        seconds = await top_is_back(bob, encoders)
    except AssertionError as late:
        sends = await encoders.explain()
        raise AssertionError(f"{late}; sent: {sends}; {impaired.server.rooms()}") from None
    figures.info("top layer back after %.1f s", seconds)


async def top_is_back(bob, encoders: Encoders) -> float:
    """How long it took, without the times in which there was no top layer to forward."""
    seconds = 0.0
    while True:
        await encoders.begin()
        try:
            what = "the top layer is back when there is room"
            return seconds + await shows(bob, "Ann", TOP, 10, what)
        except AssertionError:
            if await encoders.starved(top=True):
                figures.info("no top layer to forward: %s", await encoders.explain())
                await encoders.recover(top=True)
                continue
            seconds += 10
            if seconds >= 30:
                raise


@pytest.mark.slow
async def test_a_layer_that_nobody_watches_is_not_sent(impaired, chromium, busy_cameras) -> None:
    ann, bob = await two_in_a_call(impaired, chromium, busy_cameras, 720)
    await shows(bob, "Ann", TOP, 30, "the top layer in a large window")
    top = max((await sent(ann)).items(), key=lambda pair: pair[1].get("frameHeight", 0))[0]
    await resize(bob, "Ann", SMALL, LOWER)

    async def frames_sent() -> int:
        return (await sent(ann))[top]["framesSent"]

    async def stands_still() -> bool:
        frames = await frames_sent()
        await asyncio.sleep(0.5)  # seven frames, were it sent
        return await frames_sent() == frames

    seconds = await until(stands_still, 20, "the top layer is not sent any more")
    figures.info("top layer paused %.1f s after the picture became small", seconds - 0.5)
    paused = await sent(ann)
    await asyncio.sleep(2)
    later = await sent(ann)
    assert later[top]["framesSent"] == paused[top]["framesSent"], "and it stays so"
    moving = [rid for rid in later if later[rid]["framesSent"] > paused[rid]["framesSent"]]
    assert moving, "the layer that is watched is still sent"
    await resize(bob, "Ann", LARGE, TOP)


@pytest.mark.slow
async def test_firefox_sends_layers_and_chromium_gets_the_one_that_fits(
    impaired, chromium, firefox
) -> None:
    url = f"{impaired.server.url}/r/{impaired.server.create_room()}?join=auto"
    fox = await firefox(f"{url}&name=Fox&width=1280&height=720&fps=15")
    bob = await chromium(f"{url}&name=Bob&camera=off", **LARGE)

    async def plays() -> bool:
        return (await sees(bob, "Fox")).frames > 5

    await until(plays, 20, "Bob sees Fox")
    await watch_frames(bob, "Fox")
    await shows(bob, "Fox", TOP, 30, "Firefox's top layer in a large window")
    layers = await sent(fox)
    assert len(layers) >= 2
    assert sum(layer["framesSent"] > 0 for layer in layers.values()) >= 2
    await resize(bob, "Fox", SMALL, LOWER)
    await resize(bob, "Fox", LARGE, TOP)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_with_five_percent_loss_both_ways_pictures_do_not_stand_still(
    impaired, chromium, busy_cameras
) -> None:
    _, bob = await two_in_a_call(impaired, chromium, busy_cameras, 360)
    await impaired.network.become("--loss 5%")
    before = last = await sees(bob, "Ann")
    for second in range(4, 25, 4):
        await asyncio.sleep(4)
        now = await sees(bob, "Ann")
        assert now.frames > last.frames, f"no picture in the four seconds before {second} s"
        last = now
    shown = await frames_shown(bob, "Ann")
    figures.info("%s then %s", before, last)
    figures.info("%d frames, longest gap %.2f s", len(shown), longest_gap(shown))
    figures.info("%.1f %% of the sound made up", 100 * last.concealed_since(before))
    assert longest_gap(shown) < 4.0
