"""The controls of a call: sharing the screen, views, pins, and everything by keyboard."""

from __future__ import annotations

from conftest import LOOKS
from page import until

SMALL = "width=160&height=90&fps=5"

_FOCUS = """() => {
  let active = document.activeElement;
  while (active.shadowRoot) active = active.shadowRoot.activeElement;
  return active.id || active.getAttribute('aria-label') || active.tagName;
}"""


_KEEP_SENT = """
window.sent = [];
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (text) {
  window.sent.push(JSON.parse(text));
  return send.call(this, text);
};
"""

_COUNT_MEASUREMENTS = """
window.measured = 0;
const { getStats } = RTCPeerConnection.prototype;
RTCPeerConnection.prototype.getStats = function (...parameters) {
  window.measured += 1;
  return getStats.apply(this, parameters);
};
"""


async def is_in_call(page) -> bool:
    return await page.state() == "call"


async def two_in_a_call(server, chromium, **options):
    """Ann, who sees Bob, and Bob."""
    url = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}"
    ann = await chromium(f"{url}&name=Ann", look=0, **options)
    bob = await chromium(f"{url}&name=Bob", look=1)
    await until(lambda: ann.sees("Bob", LOOKS[1][0]), 15, "Ann sees Bob")
    await until(lambda: bob.sees("Ann", LOOKS[0][0]), 15, "Bob sees Ann")
    return ann, bob


async def large(page) -> str:
    """The name of the tile that is large: whose it is, and of which source."""
    return await page.evaluate(
        """() => {
          const tile = document.querySelector('sfu-call').shadowRoot.querySelector('.tile.large');
          return tile ? `${tile.dataset.name} ${tile.dataset.source}` : '';
        }"""
    )


async def announced(page) -> str:
    return await page.page.inner_text("#announce")


async def test_a_screen_is_shared_beside_the_camera_and_ended(server, chromium) -> None:
    ann, bob = await two_in_a_call(server, chromium)
    await ann.page.click("#share")
    await ann.page.wait_for_selector("#sharing:visible")
    assert "You share your screen" in await ann.page.inner_text("#sharing")
    assert await ann.page.locator(".tile").count() == 2  # no picture of it in itself

    async def bob_sees_the_screen() -> bool:
        return await large(bob) == "Ann screen" and await bob.page.eval_on_selector(
            ".tile.large",
            """(tile) =>
              !tile.classList.contains('dark') && tile.querySelector('video').videoWidth > 0""",
        )

    await until(bob_sees_the_screen, 10, "Bob sees the screen, large, at once")
    await until(lambda: bob.sees("Ann"), 5, "and Ann's camera beside it")
    assert "Ann shares a screen" in await until_announced(bob, "shares a screen")

    await ann.page.click("#stop-sharing")

    async def gone() -> bool:
        return await bob.page.locator(".tile").count() == 2 and await large(bob) == ""

    await until(gone, 5, "the screen is gone, and all are alike again")
    assert await ann.page.is_hidden("#sharing")
    # The button that was pressed is gone: the focus is not.
    assert await ann.evaluate(_FOCUS) == "stage"

    await ann.page.keyboard.press("s")
    await until(bob_sees_the_screen, 10, "a second share is seen as well")
    # As the browser's own bar ends it.
    await ann.evaluate(
        """() => {
          const { connection } = window.parley.call.peer;
          const screen = connection.getSenders().map((sender) => sender.track)
            .find((track) => track?.contentHint === 'detail');
          screen.stop();
          screen.dispatchEvent(new Event('ended'));
        }"""
    )
    await until(gone, 5, "the end from the browser's bar is seen by Bob")
    assert await ann.page.is_hidden("#sharing")
    assert ann.problems == bob.problems == []


async def until_announced(page, words: str) -> str:
    async def said() -> bool:
        return words in await announced(page)

    await until(said, 5, f"announced: {words}")
    return await announced(page)


async def test_a_share_that_is_cancelled_is_told(server, chromium) -> None:
    cancel = """
      navigator.mediaDevices.getDisplayMedia = async () => {
        throw new DOMException('Permission denied', 'NotAllowedError');
      };"""
    url = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}"
    page = await chromium(f"{url}&name=Ann", init=cancel)
    await until(lambda: is_in_call(page), 15, "in the call")
    await page.page.click("#share")
    await page.page.wait_for_selector("#banner:visible")
    assert "Nothing is shared" in await page.page.inner_text("#banner")
    assert await page.page.is_hidden("#sharing")
    assert page.problems == []


async def test_a_call_by_keyboard_alone(server, chromium) -> None:
    room = f"{server.url}/r/{server.create_room()}"
    bob = await chromium(f"{room}?join=auto&{SMALL}&name=Bob", look=1)
    await until(lambda: is_in_call(bob), 15, "Bob is in the call")
    ann = await chromium(f"{room}?{SMALL}", look=0, init=_KEEP_SENT)
    keyboard = ann.page.keyboard

    async def tab_to(wanted: str, most: int = 20, key: str = "Tab") -> None:
        for _ in range(most):
            await keyboard.press(key)
            if await ann.evaluate(_FOCUS) == wanted:
                return
        raise AssertionError(f"{wanted} is not reached with {key}")

    await ann.page.wait_for_selector("#name:visible")
    await tab_to("name")
    await keyboard.type("Ann, msvgphric?")  # typed, not obeyed
    await keyboard.press("Enter")
    await until(lambda: is_in_call(ann), 15, "in the call")
    await until(lambda: ann.sees("Bob"), 10, "with Bob")

    await keyboard.press("m")
    assert await ann.page.get_attribute("#microphone", "aria-pressed") == "true"
    assert "Microphone off" in await until_announced(ann, "Microphone off")
    await keyboard.down(" ")
    assert await ann.page.get_attribute("#microphone", "aria-pressed") == "false"
    await keyboard.up(" ")
    assert await ann.page.get_attribute("#microphone", "aria-pressed") == "true"

    await keyboard.press("g")
    assert await large(ann) == "Bob camera"
    await keyboard.press("g")
    assert await large(ann) == ""

    async def wishes_it_pinned() -> bool:
        wish = await ann.evaluate(
            "() => window.sent.findLast(({ type }) => type === 'subscribe')?.tracks[0]"
        )
        return bool(wish and wish["pinned"] and wish["priority"] == 100 and wish["height"] > 0)

    assert not await wishes_it_pinned()
    await tab_to("Pin Bob")
    await keyboard.press("i")
    assert await large(ann) == "Bob camera"
    await until(wishes_it_pinned, 2, "the server is told")

    assert await ann.evaluate(_FOCUS) == "Pin Bob"
    await bob.page.click("#leave")

    async def alone() -> bool:
        return await ann.page.locator(".tile").count() == 1

    await until(alone, 5, "Bob's tile is gone")
    assert await ann.evaluate(_FOCUS) == "stage"  # the focus was in it

    await keyboard.press("?")
    assert await ann.page.is_visible("#help-dialog")
    await keyboard.press("m")  # not in a dialog
    assert await ann.page.get_attribute("#microphone", "aria-pressed") == "true"
    await keyboard.press("Escape")
    assert await ann.page.is_hidden("#help-dialog")
    await tab_to("leave")
    await keyboard.press("Enter")
    await ann.page.wait_for_selector("body[data-state='ended']")
    assert ann.problems == []


async def test_the_keys_can_be_switched_off_for_good(server, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}&name=Ann"
    page = await chromium(url)
    for _ in range(2):
        await until(lambda: is_in_call(page), 15, "in the call")
        await page.page.click("#more")
        await page.page.click("#help")
        await page.page.set_checked("#use-keys", False)
        await page.page.click("#help-close")
        assert await page.evaluate(_FOCUS) == "more"
        await page.page.keyboard.press("m")
        assert await page.page.get_attribute("#microphone", "aria-pressed") == "false"
        await page.page.reload()
    assert not await page.page.is_checked("#use-keys")
    assert page.problems == []


async def test_the_figures_of_the_connection_cost_nothing_while_closed(server, chromium) -> None:
    ann, bob = await two_in_a_call(server, chromium, init=_COUNT_MEASUREMENTS)
    assert await ann.evaluate("() => window.measured") == 0
    await ann.page.click("#more")
    await ann.page.click("#statistics-button")

    async def rows() -> list[str]:
        return await ann.page.locator("#statistics-list li").all_inner_texts()

    async def complete() -> bool:
        texts = " ".join(await rows())
        # The first measurement knows no rates.
        return "bit/s" in texts and "VP8, 160 × 90" in texts and "Bob's microphone" in texts

    await until(complete, 10, "every track has its figures")
    assert [text.split("\n")[0] for text in await rows()] == [
        "Your microphone",
        "Your camera",
        "Bob's microphone",
        "Bob's camera",
    ]
    await ann.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ann.page.click("#statistics-copy")
    copied = await ann.evaluate("() => navigator.clipboard.readText()")
    assert "you camera: " in copied
    assert "Bob" not in copied
    assert "/r/" not in copied

    await ann.page.keyboard.press("Escape")
    assert await ann.page.is_hidden("#statistics")
    assert await ann.evaluate(_FOCUS) == "more"  # the way back in
    measured = await ann.evaluate("() => window.measured")
    assert measured >= 2
    await ann.page.wait_for_timeout(2500)  # twice as long as until the next one
    assert await ann.evaluate("() => window.measured") == measured
    assert ann.problems == bob.problems == []


async def test_every_button_is_large_enough_for_a_finger(server, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}&name=Ann"
    page = await chromium(url, width=320, height=640)
    await until(lambda: is_in_call(page), 15, "in the call")
    await page.page.click("#more")
    boxes = await page.page.eval_on_selector_all(
        "#call button",
        """(buttons) => buttons
          .filter((button) => button.getClientRects().length)
          .map((button) => [button.id || button.className, button.getBoundingClientRect()])
          .map(([name, { width, height, right }]) => [name, width, height, right])""",
    )
    assert {name for name, *_ in boxes} >= {"microphone", "share", "view", "help", "leave", "pin"}
    for name, width, height, right in boxes:
        assert width >= 44, name
        assert height >= 44, name
        assert right <= 320, name
