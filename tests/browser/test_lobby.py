"""The lobby as people see it: who waits outside, who lets them in, and what a person may not do."""

from __future__ import annotations

import time

from conftest import LOOKS
from inspection import LOOKS as VIEWS
from inspection import Inspection, Look
from page import until

from sfu.room.token_admission import sign

KEY = ("k1", "s" * 32)
SMALL = "width=160&height=90&fps=5"
PHONE = {"width": 320, "height": 640}


async def is_in_call(page) -> bool:
    return await page.state() == "call"


async def knock(chromium, url: str, name: str, look: int):
    """Somebody who waits outside."""
    page = await chromium(f"{url}?join=auto&{SMALL}&name={name}", look=look)
    await page.page.wait_for_selector("#lobby:visible")
    return page


async def test_a_host_lets_one_in_and_sends_another_away(server, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}"
    ann = await chromium(f"{url}?join=auto&{SMALL}&name=Ann")
    await until(lambda: is_in_call(ann), 30, "Ann is in the call")
    await ann.page.click("#people-button")
    await ann.page.click("#people-lobby")
    await ann.page.wait_for_selector("#people-waiting:visible")
    await ann.page.click("#people [data-close]")

    bob = await knock(chromium, url, "Bob", 1)
    await bob.page.set_viewport_size(PHONE)
    assert "A host has been told" in await bob.page.text_content("#lobby-text")
    assert not await bob.stats("transport")
    await ann.page.wait_for_selector("#knocks:visible")
    assert await ann.page.locator("#knocks li").count() == 1
    await ann.page.focus("#knocks li button >> nth=-1")
    seen, outside = Inspection(ann), Inspection(bob)
    await seen.look("somebody knocks")
    await outside.look("waiting to be let in", [Look(), VIEWS[-1]])
    assert seen.report() + outside.report() == ""

    # By the keyboard alone.
    await ann.page.keyboard.press("Enter")
    await until(lambda: is_in_call(bob), 30, "Bob is in the call")
    await until(lambda: bob.sees("Ann", LOOKS[0][0]), 30, "Bob sees Ann")
    await until(lambda: ann.sees("Bob", LOOKS[1][0]), 30, "Ann sees Bob")
    before = await bob.decoded()

    async def moves() -> bool:
        return await bob.decoded() > before + 5

    await until(moves, 30, "the picture moves")
    await ann.page.wait_for_selector("#knocks", state="hidden")

    await bob.page.click("#leave")
    await bob.page.wait_for_selector("#notice:visible")
    await bob.page.click("#notice-action")
    await bob.page.wait_for_selector("#prejoin:visible")
    await bob.page.click("#join")
    await bob.page.wait_for_selector("#lobby:visible")
    await ann.page.click("#knocks li button >> nth=0")
    await bob.page.wait_for_selector("#notice:visible")
    assert await bob.page.text_content("#notice-title") == "You were not let in"
    assert await bob.state() == "error"


async def test_what_a_person_may_not_do_is_grey_and_says_why(start_server, chromium) -> None:
    server = start_server(auth="token", api_keys=":".join(KEY))
    grants = {"canPublishSources": ["microphone"], "canPublishData": False}
    token = sign(KEY, "standup", identity="ann", now=time.time(), seconds=600, grants=grants)
    url = f"{server.url}/r/standup?join=auto&{SMALL}&name=Ann#token={token}"
    ann = await chromium(url)
    await until(lambda: is_in_call(ann), 30, "Ann is in the call")
    page = ann.page
    await page.wait_for_selector("#camera[aria-disabled=true]")
    assert "may not use your camera" in await page.get_attribute("#camera", "title")
    assert "may not share" in await page.get_attribute("#share", "title")
    assert await page.get_attribute("#microphone", "aria-disabled") is None
    # What is not sent is not captured: the light of the camera is out.
    assert await page.evaluate("() => document.querySelector('sfu-call').devices") == {
        "microphone": True,
        "camera": False,
    }
    await page.keyboard.press("v")
    await page.wait_for_selector("#banner:visible")
    assert "may not use your camera" in await page.inner_text("#banner-text")
    await page.click("#chat-button")
    await page.wait_for_selector("#chat-closed:visible")
    assert "not write" in await page.inner_text("#chat-closed")
    assert await page.get_attribute("#chat-text", "readonly") is not None
    assert await page.is_hidden("#chat-recipient")
    await page.click("#people-button")
    assert await page.is_hidden("#people-all")
    await page.click("#chat-button")
    seen = Inspection(ann)
    await seen.look("with few permissions")
    assert seen.report() == ""
