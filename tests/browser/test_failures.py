"""What a person reads and can do when devices, sound or sharing fail: see docs/failures.md."""

from __future__ import annotations

import asyncio
import socket

import pytest
from failure import SMALL, focus, is_in_call, problems, told
from page import until

PREJOIN = "#device-problem"

# What a test puts before the server's answer is not from this machine, Chromium thinks.
_ROUTED = ("--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks",)

# Ends a captured track as the browser does when its device, or the person, takes it away.
_TAKE_AWAY = """(kind, hint) => {
  const track = window.parley.call.peer.connection.getSenders().map((each) => each.track)
    .find((each) => each?.kind === kind && (!hint || each.contentHint === hint));
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""


async def open_prejoin(server, chromium, **options):
    return await chromium(f"{server.url}/r/{server.create_room()}?{SMALL}&name=Ann", **options)


async def has_preview(page) -> bool:
    return bool(await page.page.eval_on_selector("#preview", "(video) => video.videoWidth > 0"))


async def pressed(page, button: str) -> bool:
    return await page.page.get_attribute(button, "aria-pressed") == "true"


async def join_without(page) -> None:
    """The way on that there always is."""
    await page.page.click("#join")
    await until(lambda: is_in_call(page), 15, "in the call without it")
    assert problems(page) == []


@pytest.mark.parametrize(
    ("denied", "granted"), [("camera", "microphone"), ("microphone", "camera")]
)
async def test_a_denied_device_is_told_and_can_be_allowed_after_all(
    server, chromium, denied: str, granted: str
) -> None:
    page = await open_prejoin(server, chromium, ask=True)
    # What is not granted here is denied, as with the button of the browser's question.
    await page.page.context.grant_permissions([granted])
    await page.page.reload()
    text = await told(page, PREJOIN, f"your {denied}", "blocked")
    assert granted not in text
    assert "Allow it" in text
    assert await pressed(page, f"#preview-{denied}")
    assert not await pressed(page, f"#preview-{granted}")
    await page.page.context.grant_permissions(["camera", "microphone"])
    await page.page.focus("#try-devices")
    await page.page.keyboard.press("Enter")
    await page.page.wait_for_selector(PREJOIN, state="hidden")
    assert not await pressed(page, f"#preview-{denied}")
    assert await focus(page) == "join"
    await join_without(page)


async def test_a_page_whose_server_forbids_devices_says_so(server, chromium) -> None:
    async def forbid(route) -> None:
        answer = await route.fetch()
        policy = {"Permissions-Policy": "camera=(), microphone=()"}
        await route.fulfill(response=answer, headers={**answer.headers, **policy})

    page = await chromium(f"{server.url}/", extra=_ROUTED)
    await page.page.route("**/r/*", forbid)
    await page.page.goto(f"{server.url}/r/{server.create_room()}?{SMALL}&name=Ann")
    await told(page, PREJOIN, "does not give it your microphone and your camera")
    assert await page.page.is_hidden("#try-devices")  # it would be the same again
    await join_without(page)


async def test_a_frame_that_may_not_use_devices_leads_to_a_page_of_its_own(
    server, chromium
) -> None:
    link = f"{server.url}/r/{server.create_room()}"
    outer = "http://localhost:9/outer"

    async def frame(route) -> None:
        body = f"<!doctype html><iframe src='{link}' width=800 height=560></iframe>"
        await route.fulfill(body=body, content_type="text/html")

    async def framed(route) -> None:
        answer = await route.fetch()
        kept = {k: v for k, v in answer.headers.items() if k != "content-security-policy"}
        await route.fulfill(response=answer, headers=kept)

    page = await chromium(f"{server.url}/")
    await page.page.route(outer, frame)
    await page.page.route("**/r/*", framed)
    await page.page.goto(outer)
    inner = page.page.frame_locator("iframe")
    await inner.locator(PREJOIN).wait_for()
    assert "does not give it" in await inner.locator(PREJOIN).inner_text()
    async with page.page.expect_popup() as popup:
        await inner.locator("#try-devices").click()
    assert (await popup.value).url == link


async def test_no_device_at_all_is_told(server, chromium) -> None:
    page = await open_prejoin(server, chromium, devices=False)
    await told(page, PREJOIN, "None was found", "plug one in")
    await page.page.click("#try-devices")
    await told(page, PREJOIN, "None was found")
    assert await focus(page) == "try-devices"
    assert "None found" in await page.page.inner_text("#prejoin-devices")
    await join_without(page)


async def test_a_device_that_another_program_uses_is_told(server, chromium) -> None:
    # No other program can take a fake camera: this exception is not the browser's own.
    busy = """
      window.busy = true;
      const { getUserMedia } = MediaDevices.prototype;
      MediaDevices.prototype.getUserMedia = async function (constraints) {
        if (window.busy && constraints.video) {
          throw new DOMException('Could not start video source', 'NotReadableError');
        }
        return getUserMedia.call(this, constraints);
      };"""
    page = await open_prejoin(server, chromium, init=busy)
    await told(page, PREJOIN, "Another program is using your camera")
    assert not await pressed(page, "#preview-microphone")
    await page.evaluate("() => { window.busy = false; }")
    await page.page.click("#try-devices")
    await until(lambda: has_preview(page), 10, "the camera is there after all")
    assert await page.page.is_hidden(PREJOIN)
    assert problems(page) == []


async def test_a_chosen_device_that_is_gone_is_told(server, chromium) -> None:
    page = await open_prejoin(server, chromium)
    await until(lambda: has_preview(page), 10, "the preview runs")
    # Gone between the list and the choice; the refusal is the browser's own.
    gone = "(select) => select.add(new Option('Old camera', 'gone'))"
    await page.page.eval_on_selector("#prejoin-devices [data-pick=videoinput]", gone)
    await page.page.select_option("#prejoin-devices [data-pick=videoinput]", "gone")
    await told(page, PREJOIN, "your camera of your choice", "not there any more")
    await page.page.click("#try-devices")
    await until(lambda: has_preview(page), 10, "another camera is taken")
    assert await page.page.is_hidden(PREJOIN)
    assert await focus(page) == "join"
    assert problems(page) == []


async def test_an_unplugged_device_is_told_and_switched_on_again(server, chromium) -> None:
    page = await open_prejoin(server, chromium)
    await page.page.click("#join")
    await until(lambda: is_in_call(page), 15, "in the call")

    async def sends() -> bool:
        return not await pressed(page, "#microphone")

    await until(sends, 10, "the microphone is on")
    await page.page.evaluate(f"() => ({_TAKE_AWAY})('audio')")
    await told(page, "#banner", "Your microphone is gone", "unplugged")
    assert await pressed(page, "#microphone")
    await page.page.focus("#banner-action")
    await page.page.keyboard.press("Enter")

    await until(sends, 10, "it is on again")
    await page.page.wait_for_selector("#banner", state="hidden")
    assert await focus(page)
    assert problems(page) == []


async def test_an_insecure_page_is_told(start_server, chromium) -> None:
    address = own_address()
    if not address:
        pytest.skip("this machine has no address but its own")
    server = start_server(http_host="0.0.0.0")  # other addresses are the point
    url = f"http://{address}:{server.url.rpartition(':')[2]}"
    page = await chromium(f"{url}/r/{server.create_room()}?name=Ann")
    await told(page, PREJOIN, "https", "watch and listen")
    assert await page.page.is_hidden("#try-devices")
    await join_without(page)


def own_address() -> str:
    """An address of this machine that is not loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


# Whatever a test evaluates in the page counts as a click of the person: until then it only listens.
_TELL_HELD_BACK = """
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  const playing = play.call(this);
  playing.catch(() => setInterval(() => console.info('held back'), 200));
  return playing;
};
"""


async def test_sound_that_the_browser_holds_back_is_told_and_turned_on(server, chromium) -> None:
    room = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}"
    await chromium(f"{room}&name=Bob", look=1)
    # Whoever uses a microphone has been trusted already: this person uses none.
    page = await chromium(
        f"{room}&name=Ann&camera=off&microphone=off",
        without=("--autoplay-policy",),
        init=_TELL_HELD_BACK,
    )
    held_back = asyncio.Event()
    page.page.on("console", lambda line: line.text == "held back" and held_back.set())
    await asyncio.wait_for(held_back.wait(), 30)
    await told(page, "#banner", "waits for a click before it plays sound")
    paused = "(audio) => audio.paused"
    assert await page.page.eval_on_selector(".tile[data-name=Bob] audio", paused)
    await page.page.click("#banner-action")
    await page.page.wait_for_selector("#banner", state="hidden")

    async def plays() -> bool:
        return not await page.page.eval_on_selector(".tile[data-name=Bob] audio", paused)

    await until(plays, 5, "Bob is heard")
    assert await focus(page)
    assert problems(page) == []


async def test_sharing_that_is_cancelled_is_told(server, chromium) -> None:
    # As with the button of the browser's question, which has no display here.
    url = f"{server.url}/r/{server.create_room()}?join=auto&camera=off&microphone=off&name=Ann"
    page = await chromium(url, extra=("--use-fake-ui-for-media-stream=deny",))
    await until(lambda: is_in_call(page), 15, "in the call")
    await page.page.click("#share")
    await told(page, "#banner", "Nothing is shared")
    assert await page.page.inner_text("#banner-action") == "Share again"
    await page.page.click("#banner-action")
    await told(page, "#banner", "Nothing is shared")
    await page.page.click("#banner-close")
    assert await page.page.is_hidden("#banner")
    assert await focus(page) == "stage"
    assert problems(page) == []


async def test_sharing_that_the_browsers_own_bar_ends_is_told(server, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}?join=auto&camera=off&microphone=off&name=Ann"
    page = await chromium(url)
    await until(lambda: is_in_call(page), 15, "in the call")
    await page.page.click("#share")
    await page.page.wait_for_selector("#sharing:visible")
    await page.page.evaluate(f"() => ({_TAKE_AWAY})('video', 'detail')")
    await page.page.wait_for_selector("#sharing", state="hidden")
    await told(page, "#announce", "You share your screen no more")
    assert await page.page.get_attribute("#share", "aria-label") == "Share your screen"
    assert await focus(page) == "share"
    assert problems(page) == []
