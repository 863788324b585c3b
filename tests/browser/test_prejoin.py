"""Before the call and around it: recent calls, devices, our own picture, picture in picture."""

from __future__ import annotations

import re

import pytest
from conftest import LOOKS
from page import until

SMALL = "width=160&height=90&fps=5"

_FOCUS = """() => {
  let active = document.activeElement;
  while (active.shadowRoot) active = active.shadowRoot.activeElement;
  return active.id || active.className || active.tagName;
}"""

# What is asked of getUserMedia, and how long the display is kept on.
_WATCH = """
window.asked = [];
const { getUserMedia } = MediaDevices.prototype;
MediaDevices.prototype.getUserMedia = function (constraints) {
  window.asked.push(constraints);
  return getUserMedia.call(this, constraints);
};
window.locks = [];
const { request } = WakeLock.prototype;
WakeLock.prototype.request = async function (type) {
  const lock = await request.call(this, type);
  window.locks.push(lock);
  return lock;
};
"""


async def is_in_call(page) -> bool:
    return await page.state() == "call"


async def has_preview(page) -> bool:
    return bool(await page.page.eval_on_selector("#preview", "(video) => video.videoWidth > 0"))


async def text_is(page, selector: str, words: str) -> bool:
    return words in await page.page.inner_text(selector)


async def options(page, kind: str, place: str = "prejoin-devices") -> list[str]:
    return await page.page.eval_on_selector_all(
        f"#{place} [data-pick={kind}] option", "(all) => all.map((each) => each.value)"
    )


async def two_in_a_call(server, chromium, **window):
    url = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}"
    ann = await chromium(f"{url}&name=Ann", look=0, **window)
    bob = await chromium(f"{url}&name=Bob", look=1)
    await until(lambda: ann.sees("Bob", LOOKS[1][0]), 20, "Ann sees Bob")
    return ann, bob


async def test_before_the_call_everything_is_tried_and_enter_joins(server, chromium) -> None:
    page = await chromium(f"{server.url}/r/{server.create_room()}?{SMALL}", init=_WATCH)
    await until(lambda: has_preview(page), 10, "the preview runs")
    mirrored = "(video) => new DOMMatrix(getComputedStyle(video).transform).a"
    assert await page.page.eval_on_selector("#preview", mirrored) == -1
    await until(lambda: text_is(page, "#prejoin-devices .heard", "We hear you."), 10, "the tone")
    # The bar is for the eyes only; the sentence says the same.
    assert await page.page.get_attribute("#prejoin-devices .meter", "aria-hidden") == "true"
    moved = "(bar) => new DOMMatrix(getComputedStyle(bar).transform).a > 0.1"
    assert await page.page.eval_on_selector("#prejoin-devices .meter span", moved)

    # The way to the server is open already, but nobody knows of us yet.
    assert len([url for url in page.requests if url.startswith("ws")]) == 1
    assert await page.evaluate("() => window.connections") == 0
    assert not any(room["participants"] for room in server.rooms()["rooms"])

    await page.page.click("#preview-microphone")
    assert "is off" in await page.page.inner_text("#prejoin-devices .heard")
    assert await page.evaluate(_FOCUS) == "preview-microphone"
    await page.page.focus("#name")
    await page.page.keyboard.type("Ann")
    await page.page.keyboard.press("Enter")
    await until(lambda: is_in_call(page), 10, "in the call")
    assert len([url for url in page.requests if url.startswith("ws")]) == 1

    async def as_chosen() -> bool:
        tile = (await page.tiles())["Ann"]
        return bool(tile["silent"] and not tile["dark"])

    await until(as_chosen, 10, "silent, with a picture")

    async def awake() -> bool:
        locks = await page.evaluate("() => window.locks.map((each) => each.released)")
        return bool(locks == [False])

    await until(awake, 5, "the screen stays on")
    await page.page.click("#leave")
    await page.page.wait_for_selector("#notice:visible")
    assert await page.evaluate("() => window.locks.every((each) => each.released)")
    assert page.problems == []


async def test_other_devices_are_chosen_before_and_in_the_call_and_remembered(
    server, chromium
) -> None:
    page = await chromium(f"{server.url}/r/{server.create_room()}?{SMALL}&name=Ann", init=_WATCH)
    await until(lambda: has_preview(page), 10, "the preview runs")
    microphones = await options(page, "audioinput")
    speakers = await options(page, "audiooutput")
    assert len(microphones) >= 2
    assert len(speakers) >= 2
    await page.page.select_option("#prejoin-devices [data-pick=audioinput]", microphones[1])
    await page.page.select_option("#prejoin-devices [data-pick=audiooutput]", speakers[-1])
    chosen = await page.evaluate("() => window.asked.at(-1).audio.deviceId")
    assert chosen == {"exact": microphones[1]}
    await page.page.click("#prejoin-devices [data-test]")
    await page.page.click("#join")
    await until(lambda: is_in_call(page), 10, "in the call")

    async def sent() -> str:
        return await page.evaluate(
            """() => window.parley.call.peer.connection.getSenders()
              .find((each) => each.track?.kind === 'audio')?.track.getSettings().deviceId"""
        )

    async def chosen_is_sent() -> bool:
        return await sent() == microphones[1]

    await until(chosen_is_sent, 10, "the chosen microphone is sent")
    await page.page.click("#more")
    await page.page.click("#devices-button")
    assert await page.page.input_value("#call-devices [data-pick=audioinput]") == microphones[1]
    await page.page.select_option("#call-devices [data-pick=audioinput]", microphones[2])

    async def another_is_sent() -> bool:
        return await sent() == microphones[2]

    await until(another_is_sent, 5, "the other microphone is sent")
    await until(lambda: text_is(page, "#call-devices .heard", "We hear you."), 10, "it is heard")
    await page.page.keyboard.press("Escape")
    assert await page.evaluate(_FOCUS) == "more"

    await page.page.reload()
    await until(lambda: has_preview(page), 10, "the preview runs again")
    assert await page.evaluate("() => window.asked.at(-1).audio.deviceId") == {
        "ideal": microphones[2]
    }
    select = page.page.locator("#prejoin-devices [data-pick=audiooutput]")
    assert await select.input_value() == speakers[-1]
    assert page.problems == []


async def test_the_chosen_speaker_is_where_the_others_are_heard(server, chromium) -> None:
    ann, _ = await two_in_a_call(server, chromium)
    await ann.page.click("#more")
    await ann.page.click("#devices-button")
    await ann.page.wait_for_selector(
        "#call-devices [data-pick=audiooutput] option >> nth=1", state="attached"
    )
    speaker = (await options(ann, "audiooutput", "call-devices"))[-1]
    await ann.page.select_option("#call-devices [data-pick=audiooutput]", speaker)

    async def plays_there() -> bool:
        return (
            await ann.page.eval_on_selector(".tile[data-name=Bob] audio", "(a) => a.sinkId")
            == speaker
        )

    await until(plays_there, 5, "Bob is heard from the other speaker")
    assert ann.problems == []


async def test_recent_calls_are_remembered_only_here_and_forgotten(server, chromium) -> None:
    rooms = [server.create_room() for _ in range(2)]
    page = await chromium(f"{server.url}/")
    assert await page.page.is_hidden("#recent")
    for room in rooms:
        await page.page.goto(f"{server.url}/r/{room}?join=auto&camera=off&microphone=off&name=Ann")
        await until(lambda: is_in_call(page), 10, "in the call")
    await page.page.goto(f"{server.url}/")
    links = page.page.locator("#recent-list a")
    assert [await each.get_attribute("href") for each in await links.all()] == [
        f"/r/{room}" for room in reversed(rooms)
    ]
    assert "Only this device" in await page.page.inner_text("#recent")
    assert re.search(r"today, \d", await page.page.inner_text("#recent-list li >> nth=0"))
    await page.page.focus("#recent-list .forget >> nth=0")
    await page.page.keyboard.press("Enter")
    assert await links.count() == 1
    assert await page.evaluate(_FOCUS) == "forget"
    await page.page.keyboard.press("Enter")
    assert await page.page.is_hidden("#recent")
    assert await page.evaluate(_FOCUS) == "new-call"
    assert page.problems == []


@pytest.mark.parametrize("phone", [False, True])
async def test_our_own_picture_floats_and_is_put_back(server, chromium, phone: bool) -> None:
    window = {"width": 360, "height": 640} if phone else {}
    ann, _ = await two_in_a_call(server, chromium, **window)

    async def box(name: str) -> dict[str, float]:
        return (await ann.tiles())[name]["box"]

    async def floats() -> bool:
        return await ann.page.locator(".tile[data-self].floats").count() == 1

    assert await floats() is phone  # by itself only where there is little room
    if not phone:
        await ann.page.hover(".tile[data-self]")
        await ann.page.click(".tile[data-self] .put")
        assert await floats()
    await ann.page.wait_for_timeout(400)  # the tiles move
    stage = await ann.page.locator("#stage").bounding_box()
    bobs, own = await box("Bob"), await box("Ann")
    assert bobs["width"] > 0.9 * min(stage["width"], stage["height"] * 16 / 9)
    assert own["right"] > stage["x"] + stage["width"] - 20
    assert own["bottom"] > stage["y"] + stage["height"] - 20

    middle = (own["x"] + own["width"] / 2, own["y"] + own["height"] * 0.7)
    await ann.page.mouse.move(*middle)
    await ann.page.mouse.down()
    await ann.page.mouse.move(middle[0] - 60, middle[1] - 60, steps=4)
    await ann.page.mouse.move(stage["x"] + 80, stage["y"] + 60, steps=8)
    await ann.page.mouse.up()
    await ann.page.wait_for_timeout(400)
    own = await box("Ann")
    assert (own["left"] - stage["x"], own["top"] - stage["y"]) == (8, 8)

    await ann.page.focus(".tile[data-self] .put")
    await ann.page.keyboard.press("ArrowDown")
    await ann.page.wait_for_timeout(400)
    assert (await box("Ann"))["bottom"] > stage["y"] + stage["height"] - 20
    await until(lambda: text_is(ann, "#announce", "bottom left"), 3, "it is announced")

    await ann.page.keyboard.press("Enter")
    assert not await floats()
    await ann.page.wait_for_timeout(400)
    own, bobs = await box("Ann"), await box("Bob")
    assert abs(own["width"] - bobs["width"]) < 2
    assert ann.problems == []


async def test_a_picture_is_taken_out_of_the_page_and_back(server, chromium) -> None:
    ann, bob = await two_in_a_call(server, chromium)
    await ann.page.click("#more")
    if await ann.page.is_hidden("#pip"):
        pytest.skip("this browser has no picture in picture")
    await ann.page.click("#pip")

    async def is_out() -> bool:
        return bool(
            await ann.evaluate("() => Boolean(document.pictureInPictureElement?.videoWidth)")
        )

    await until(is_out, 5, "Bob's picture is in a window of its own")
    same = """() => document.pictureInPictureElement.srcObject ===
      document.querySelector('sfu-call').shadowRoot
        .querySelector('.tile[data-name=Bob] video').srcObject"""
    assert await ann.evaluate(same)
    await bob.page.click("#leave")

    async def is_back() -> bool:
        return not await ann.evaluate("() => Boolean(document.pictureInPictureElement)")

    await until(is_back, 5, "nobody is left to see")
    assert ann.problems == []
