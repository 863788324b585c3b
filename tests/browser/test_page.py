"""What the page shows and says, before, in and after a call."""

from __future__ import annotations

import pytest
from conftest import LOOKS
from page import until

SMALL = "width=160&height=90&fps=5"


async def is_in_call(page) -> bool:
    return await page.state() == "call"


async def test_from_the_start_page_into_a_call(server, chromium) -> None:
    page = await chromium(f"{server.url}/")
    assert await page.state() == "start"
    await page.page.click("#new-call")
    await page.page.wait_for_url("**/r/*")
    await until(lambda: has_preview(page), 10, "the preview runs")
    # Nobody is told of us before Join.
    assert await page.evaluate("() => window.connections") == 0
    assert not server.rooms()["rooms"]
    await page.page.fill("#name", "Ann")
    await page.page.click("#join")
    await until(lambda: is_in_call(page), 10, "in the call")
    tiles = await page.tiles()
    assert list(tiles) == ["Ann"]
    assert tiles["Ann"]["self"]
    assert await page.page.is_visible("#alone")
    assert page.problems == []
    hosts = {url.split("/")[2] for url in page.requests if "://" in url}
    assert hosts == {server.url.split("/")[2]}


async def has_preview(page) -> bool:
    return bool(await page.page.eval_on_selector("#preview", "(video) => video.videoWidth > 0"))


async def test_microphone_and_camera_are_switched_for_everybody(server, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}"
    ann = await chromium(f"{url}&name=Ann", look=0)
    bob = await chromium(f"{url}&name=Bob", look=1)
    await until(lambda: bob.sees("Ann", LOOKS[0][0]), 15, "Bob sees Ann")

    async def anns_tile(key: str, value: bool) -> bool:
        return (await bob.tiles())["Ann"][key] is value

    await until(lambda: anns_tile("speaking", True), 5, "Ann's tone is marked")
    await ann.page.click("#microphone")
    await until(lambda: anns_tile("silent", True), 2, "Ann is marked as muted")
    await until(lambda: anns_tile("speaking", False), 2, "the ring goes out")
    await ann.page.click("#camera")
    await until(lambda: anns_tile("dark", True), 2, "Ann's picture goes dark")
    assert await ann.page.get_attribute("#camera", "aria-pressed") == "true"
    await ann.page.click("#microphone")
    await ann.page.click("#camera")
    await until(lambda: anns_tile("silent", False), 2, "Ann is not muted any more")
    await until(lambda: bob.sees("Ann", LOOKS[0][0]), 5, "Ann's picture is back")
    assert ann.problems == []


async def test_a_name_is_text_and_never_markup(server, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}"
    ann = await chromium(f"{url}&name=Ann", look=0)
    evil = "<img src=x onerror=alert(1)><b>Bob</b>"
    await chromium(f"{url}&name={evil.replace('<', '%3C')}", look=1)

    async def named() -> bool:
        return evil in await ann.tiles()

    await until(named, 15, "the name stands there literally")
    assert evil in (await ann.tiles())[evil]["text"]
    assert await ann.page.locator("#stage b, #stage img").count() == 0
    assert ann.problems == []


@pytest.mark.parametrize("missing", ["none", "camera", "both"])
async def test_joining_with_fewer_devices(server, chromium, missing: str) -> None:
    url = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}"
    ann = await chromium(f"{url}&name=Ann", look=0)
    off = {"none": "", "camera": "&camera=off", "both": "&camera=off&microphone=off"}[missing]
    bob = await chromium(f"{url}&name=Bob{off}", look=1)
    await until(lambda: bob.sees("Ann", LOOKS[0][0]), 15, "Bob sees Ann")

    async def as_expected() -> bool:
        tile = (await ann.tiles()).get("Bob")
        if tile is None:
            return False
        return tile["dark"] is (missing != "none") and tile["silent"] is (missing == "both")

    await until(as_expected, 10, "Ann's tile of Bob is right")
    if missing == "camera":
        # A video element without a picture would play no sound either.
        await until(lambda: plays_sound(ann), 5, "Bob is heard although his camera is off")

        async def heard() -> bool:
            return await ann.heard() == 1

        await until(heard, 5, "and it is his tone, not silence")
    if missing == "both":
        await bob.page.click("#camera")
        await until(lambda: ann.sees("Bob", LOOKS[1][0]), 5, "a camera switched on later is seen")
    assert bob.problems == []


async def plays_sound(page) -> bool:
    return bool(
        await page.page.eval_on_selector_all(
            ".tile:not([data-self]) audio",
            """(audios) => audios.some(
              (audio) => !audio.paused && !audio.muted && audio.currentTime > 0.3)""",
        )
    )


async def test_denied_devices_are_told_with_a_way_on(server, chromium) -> None:
    deny = """
      navigator.mediaDevices.getUserMedia = async () => {
        throw new DOMException('Permission denied', 'NotAllowedError');
      };"""
    page = await chromium(f"{server.url}/r/{server.create_room()}?name=Ann", init=deny)
    await page.page.wait_for_selector("#device-problem:visible")
    text = await page.page.inner_text("#device-problem")
    assert "may not use it" in text
    assert "Allow it" in text
    assert await page.page.is_visible("#try-devices")
    await page.page.click("#join")
    await until(lambda: is_in_call(page), 10, "joined without devices")
    assert (await page.tiles())["Ann"]["dark"]


async def test_missing_devices_are_told(server, chromium) -> None:
    page = await chromium(f"{server.url}/r/{server.create_room()}", devices=False)
    await page.page.wait_for_selector("#device-problem:visible")
    assert "None was found" in await page.page.inner_text("#device-problem")


async def test_an_insecure_page_is_told(server, chromium) -> None:
    insecure = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
    page = await chromium(f"{server.url}/r/{server.create_room()}", init=insecure)
    await page.page.wait_for_selector("#device-problem:visible")
    assert "https" in await page.page.inner_text("#device-problem")


async def test_a_full_room_is_told_with_an_action(start_server, chromium) -> None:
    server = start_server(room_capacity=1)
    url = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}"
    ann = await chromium(f"{url}&name=Ann")
    await until(lambda: is_in_call(ann), 15, "Ann is in the call")
    bob = await chromium(f"{url}&name=Bob", look=1)
    await bob.page.wait_for_selector("body[data-state='error']")
    assert await bob.page.get_attribute("body", "data-error-code") == "room-full"
    assert "full" in await bob.page.inner_text("#notice-title")
    await ann.page.click("#leave")
    await bob.page.click("#notice-action")
    await bob.page.click("#join")
    await until(lambda: is_in_call(bob), 10, "Bob is in after trying again")


async def test_an_unknown_room_is_told(server, chromium) -> None:
    page = await chromium(f"{server.url}/r/{'A' * 28}?join=auto&{SMALL}")
    await page.page.wait_for_selector("body[data-state='error']")
    assert await page.page.get_attribute("body", "data-error-code") == "room-not-found"
    assert page.problems == []


async def test_a_server_that_stops_is_told_and_the_page_tries_to_come_back(
    server, chromium
) -> None:
    page = await chromium(f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}&name=Ann")
    await until(lambda: is_in_call(page), 15, "in the call")
    assert server.stop() == 0
    await page.page.wait_for_selector("body[data-state='reconnecting']")
    assert "Reconnecting" in await page.page.inner_text("#banner")
    assert await page.page.is_visible("#banner-action")
