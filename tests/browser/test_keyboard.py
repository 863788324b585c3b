"""A whole call without mouse and without pictures: by keyboard alone, and by what is announced."""

from __future__ import annotations

from urllib.parse import urlsplit

from crowd import Crowd
from page import until
from wire import Wire

SMALL = "width=160&height=90&fps=5"

# Where the focus is, as a person would say it.
_FOCUS = """() => {
  let active = document.activeElement;
  while (active.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active.id || active.getAttribute('aria-label') || active.localName;
}"""

# Keeps what screen readers are told, and every view in which the focus was lost for some time.
_WATCH = """
window.said = [];
window.lost = [];
addEventListener('DOMContentLoaded', () => {
  let before = false;
  setInterval(() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    const { state } = document.body.dataset;
    const lost = (!active || active === document.body) && window.reached === state;
    if (active && active !== document.body) window.reached = state;
    if (lost && before) window.lost.push(state);
    before = lost;
  }, 50);
});
addEventListener('sfu-state', ({ target }) => {
  const place = target.shadowRoot.querySelector('#announce');
  if (!place || window.listening) return;
  window.listening = true;
  const keep = () => window.said.push(place.textContent);
  new MutationObserver(keep).observe(place, { childList: true });
});
"""


class Person:
    """Somebody with a keyboard and a screen reader."""

    def __init__(self, page) -> None:
        self.page = page
        self.keyboard = page.page.keyboard

    async def focus(self) -> str:
        return str(await self.page.evaluate(_FOCUS))

    async def tab_to(self, wanted: str, key: str = "Tab", most: int = 40) -> None:
        passed = []
        for _ in range(most):
            await self.keyboard.press(key)
            passed.append(await self.focus())
            if passed[-1] == wanted:
                return
        raise AssertionError(f"{wanted} is not reached with {key}: {passed}")

    async def press(self, wanted: str, key: str = "Tab") -> None:
        """Go to a button, and press it."""
        await self.tab_to(wanted, key)
        await self.keyboard.press("Enter")

    async def hears(self, words: str) -> None:
        async def said() -> bool:
            return words in " ".join(await self.page.evaluate("() => window.said"))

        await until(said, 20, f"announced: {words}")

    async def in_state(self, state: str) -> None:
        await self.page.page.wait_for_selector(f"body[data-state={state}]")

    async def lost(self) -> list[str]:
        return list(await self.page.evaluate("() => window.lost"))


async def crowd_of(page, server, room: str) -> Crowd:
    other = await page.page.context.browser.new_page()
    await other.goto(f"{server.url}/metrics")
    return Crowd(other, room)


async def test_from_the_start_page_to_the_end_by_keyboard(server, chromium) -> None:
    ann = Person(await chromium(f"{server.url}/", init=_WATCH))
    page = ann.page.page
    await ann.press("new-call")
    await page.wait_for_selector("#prejoin:visible")
    room = page.url.rpartition("/")[2]
    crowd = await crowd_of(ann.page, server, room)
    await crowd.come("Bob", seen=1)
    await ann.tab_to("name")
    await ann.keyboard.type("Ann, msvgphric?")  # typed, not obeyed
    preview = (
        "() => !document.querySelector('sfu-call').shadowRoot.querySelector('#preview').paused"
    )
    await page.wait_for_function(preview)
    await page.wait_for_selector("#preview-microphone[aria-pressed=false]")
    await ann.press("preview-microphone", "Shift+Tab")
    await page.wait_for_selector("#preview-microphone[aria-pressed=true]")
    await ann.press("join")
    await ann.in_state("call")
    await page.wait_for_selector(".tile[data-name=Bob]")

    # Not one shortcut: some people need all keys for their screen reader.
    await ann.press("microphone")
    await page.wait_for_selector("#microphone[aria-pressed=false]")
    await ann.hears("Microphone on.")
    await ann.press("share")
    await page.wait_for_selector("#sharing:visible")
    await ann.press("chat-button")
    await page.wait_for_selector("#chat-text:visible")
    assert await ann.focus() == "chat-text"
    await page.wait_for_selector("#chat-closed", state="hidden")
    await ann.keyboard.type("Hello")
    await ann.keyboard.press("Enter")
    await page.wait_for_selector(".message.own:not(.waiting)")
    await ann.keyboard.press("Escape")
    await page.wait_for_selector("#chat", state="hidden")
    assert await ann.focus() == "chat-button"
    await ann.press("Pin Bob", "Shift+Tab")
    assert await page.get_attribute(".tile.large", "data-name") == "Bob"
    await ann.press("stop-sharing", "Shift+Tab")
    await ann.hears("You share your screen no more.")
    await crowd.leave(0)
    await page.wait_for_selector(".tile[data-name=Bob]", state="detached")
    await ann.press("leave")
    await ann.in_state("ended")
    await ann.press("notice-action")
    await page.wait_for_selector("#prejoin:visible")
    assert await ann.lost() == []
    assert ann.page.problems == []


async def test_what_happens_is_announced(server, chromium) -> None:
    wire = Wire(urlsplit(server.url).port)
    await wire.mend()
    room = server.create_room()
    url = f"{wire.url}/r/{room}?join=auto&{SMALL}&name=Ann"
    ann = Person(await chromium(f"{server.url}/metrics", init=_WATCH))
    crowd = await crowd_of(ann.page, server, room)
    await crowd.come("Dana")
    await ann.page.page.goto(url)
    await ann.in_state("call")
    await ann.hears("Dana is here.")
    await crowd.come("Bob", "Cy", seen=1)
    await ann.hears("joined.")
    await crowd.does(1, "call.chat.send('Hello everybody')")
    await ann.hears("Hello everybody")
    await crowd.does(1, "call.raiseHand(true)")
    await ann.hears("Bob raised a hand")
    await crowd.does(1, "call.react('party')")
    await ann.hears("Bob:")
    screen = "document.createElement('canvas').captureStream(1).getVideoTracks()[0]"
    await crowd.does(2, f"const canvas = {screen}; await call.setTrack('screen', canvas)")
    await ann.hears("Cy shares a screen.")
    await ann.keyboard.press("m")
    await ann.hears("Microphone off.")
    await ann.keyboard.press("s")
    await ann.page.page.wait_for_selector("#sharing:visible")
    await ann.keyboard.press("s")
    await ann.hears("You share your screen no more.")
    await crowd.leave(2)
    await ann.hears("Cy left.")

    wire.cut()
    await ann.in_state("reconnecting")
    # A live region of its own: it says so as long as it lasts.
    assert await ann.page.page.get_attribute("#banner", "role") == "status"
    assert "Connection lost" in await ann.page.page.inner_text("#banner")
    await wire.mend()
    await ann.in_state("call")
    await ann.hears("Connected again.")
    assert await ann.lost() == []
    await wire.stop()
