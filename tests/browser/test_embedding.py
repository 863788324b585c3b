"""Calls in pages of somebody else's: the examples, and what docs/embedding.md says to copy."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from page import until

DOCS = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text()
# The addresses that stand in the documentation for those of the reader.
SERVER, ORIGIN, ROOM = "https://calls.example.org", "https://www.example.org", "ROOM"

# Two people see each other when each has the other's picture.
_PLAYING = """() => [...document.querySelectorAll('video')].filter(
  (video) => video.videoWidth && video.currentTime > 0 && !video.paused).length"""


class Elsewhere:
    """A web site of somebody else's; ``policy`` is its Content-Security-Policy."""

    def __init__(self, folder: Path, policy: str) -> None:
        class Handler(SimpleHTTPRequestHandler):
            def end_headers(self) -> None:
                if site.policy:
                    self.send_header("Content-Security-Policy", site.policy)
                self.send_header("Cache-Control", "no-store")
                super().end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        site = self
        self.policy = policy
        self.folder = folder
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://localhost:{self.http.server_address[1]}"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    """A site on another origin than the server's."""
    site = Elsewhere(tmp_path / "site", "")
    site.folder.mkdir()
    (site.folder / "favicon.ico").write_bytes(b"")
    thread = threading.Thread(target=site.http.serve_forever, daemon=True)
    thread.start()
    yield site
    site.http.shutdown()
    site.http.server_close()
    thread.join(10)


def published(way: str, site: Elsewhere, server: Any, room: str) -> str:
    """Put what the documentation says of ``way`` on ``site``; returns the page's address."""

    def mine(text: str) -> str:
        secure = server.url.replace("http", "ws")
        here = text.replace(SERVER, server.url).replace(SERVER.replace("https", "wss"), secure)
        return re.sub(rf"\b{ROOM}\b", room, here.replace(ORIGIN, site.url))

    blocks = re.findall(rf"^```\w+ {way}(?:/([\w.]+))?\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
    (policy,) = [text for name, text in blocks if not name]
    site.policy = mine(policy).removeprefix("Content-Security-Policy: ").strip()
    for name, text in blocks:
        if name:
            (site.folder / name).write_text(mine(text))
    return f"{site.url}/call.html"


async def partner(browser: Any, server: Any, room: str) -> Any:
    """Bob, in another tab of the same browser, with the server's own page."""
    page = await browser.page.context.new_page()
    asked = "name=Bob&join=auto&width=320&height=180&fps=15"
    await page.goto(f"{server.url}/r/{room}?{asked}")
    await page.wait_for_selector("body[data-state=call]", timeout=30_000)
    return page


async def sees(frame: Any, pictures: int) -> None:
    """Wait until so many pictures move in a page or frame."""

    async def playing() -> bool:
        return bool(await frame.evaluate(_PLAYING) >= pictures)

    await until(playing, 40, f"{pictures} pictures")


async def sees_in_element(page: Any, pictures: int) -> None:
    """The same, of the pictures in an element's shadow root."""
    playing = _PLAYING.replace("document.", "document.querySelector('sfu-call').shadowRoot.")

    async def all_playing() -> bool:
        return bool(await page.evaluate(playing) >= pictures)

    await until(all_playing, 40, f"{pictures} pictures")


async def says(page: Any, text: str) -> None:
    """Wait for a page's own words on its call."""
    await page.wait_for_function(
        "(text) => document.querySelector('#status').textContent.includes(text)",
        arg=text,
        timeout=40_000,
    )


# The examples, on the server's own origin.


async def test_the_example_of_the_library_is_a_call(server, chromium) -> None:
    room = server.create_room()
    browser = await chromium(f"{server.url}/examples/sdk.html?room={room}")
    await browser.page.fill("#name", "Ann")
    await browser.page.click("text=Join")
    await says(browser.page, "joined")
    bob = await partner(browser, server, room)
    await says(browser.page, "Bob")
    await sees(browser.page, 1)
    await sees_in_element(bob, 2)

    await browser.page.click("#microphone")
    await bob.wait_for_selector(".tile.silent[data-name=Ann]", timeout=20_000)
    await browser.page.click("#leave")
    await says(browser.page, "ended left")
    assert browser.problems == []


async def test_the_example_of_the_library_shows_the_code_of_an_error(server, chromium) -> None:
    browser = await chromium(f"{server.url}/examples/sdk.html?room=" + "x" * 40)
    await browser.page.click("text=Join")
    await says(browser.page, "room-not-found")


async def test_the_example_of_the_element_is_a_call_in_its_pages_colours(server, chromium) -> None:
    room = server.create_room()
    browser = await chromium(f"{server.url}/examples/element.html?room={room}&name=Ann")
    await browser.page.click("sfu-call #join")
    await says(browser.page, "call")
    await partner(browser, server, room)
    await says(browser.page, "1 others")
    await sees_in_element(browser.page, 2)
    looks = await browser.page.evaluate(
        """() => {
          const root = document.querySelector('sfu-call').shadowRoot;
          const look = (element) => getComputedStyle(element);
          return [
            look(document.querySelector('sfu-call')).backgroundColor,
            look(root.querySelector('#controls')).backgroundColor,
            look(root.querySelector('.tile')).borderRadius,
            look(root.querySelector('.tile')).fontFamily,
          ];
        }"""
    )
    assert looks == ["rgb(246, 240, 250)", "rgb(235, 223, 242)", "0px", "Georgia, serif"]
    assert browser.problems == []


async def test_the_example_of_the_frame_is_a_call_with_buttons_outside(server, chromium) -> None:
    room = server.create_room()
    browser = await chromium(f"{server.url}/examples/frame.html?room={room}&name=Ann")
    page = browser.page
    await page.click("#join")
    await says(page, "joined")
    bob = await partner(browser, server, room)
    await page.wait_for_selector("#people >> text=Bob", timeout=30_000)
    await sees_in_element(page.frames[1], 2)

    await page.click("#microphone")
    await bob.wait_for_selector(".tile.silent[data-name=Ann]", timeout=20_000)
    await page.wait_for_selector("#microphone[aria-pressed=true]")
    await page.click("#microphone")
    await bob.wait_for_selector(".tile:not(.silent)[data-name=Ann]", timeout=20_000)
    # Who switches in the frame is heard of outside.
    await page.frames[1].click("#microphone")
    await page.wait_for_selector("#microphone[aria-pressed=true]")

    await page.click("#hangup")
    await bob.wait_for_selector(".tile[data-name=Ann]", state="detached", timeout=20_000)
    await says(page, "left")
    assert len(page.frames) == 1
    assert browser.problems == []


# What the documentation says, on another origin and under the policy that it says is enough.


async def test_the_documented_library_works_elsewhere(start_server, elsewhere, chromium) -> None:
    server = start_server(allowed_origins=elsewhere.url)
    room = server.create_room()
    browser = await chromium(published("library", elsewhere, server, room))
    await browser.page.click("#join")
    await says(browser.page, "0 others")
    bob = await partner(browser, server, room)
    await says(browser.page, "1 others")
    await sees(browser.page, 1)
    await sees_in_element(bob, 2)
    assert browser.problems == []


async def test_the_documented_element_works_elsewhere(start_server, elsewhere, chromium) -> None:
    server = start_server(allowed_origins=elsewhere.url)
    room = server.create_room()
    browser = await chromium(published("element", elsewhere, server, room))
    await browser.page.click("sfu-call #join", timeout=30_000)
    bob = await partner(browser, server, room)
    await sees_in_element(browser.page, 2)
    await sees_in_element(bob, 2)
    colour = await browser.page.eval_on_selector(
        "sfu-call #controls", "(bar) => getComputedStyle(bar).backgroundColor"
    )
    assert colour == "rgb(235, 223, 242)"
    assert browser.problems == []


async def test_the_documented_frame_works_elsewhere(start_server, elsewhere, chromium) -> None:
    server = start_server(allowed_origins=elsewhere.url)
    room = server.create_room()
    browser = await chromium(published("frame", elsewhere, server, room))
    page = browser.page
    await says(page, "joined")
    bob = await partner(browser, server, room)
    await says(page, "Bob is here")
    frame = page.frames[1]
    await sees_in_element(frame, 2)
    assert await frame.get_attribute("sfu-call", "name") == "Ann"
    assert "Ann" not in frame.url  # names and tokens are in no address
    await page.click("#mute")
    await bob.wait_for_selector(".tile.silent[data-name=Ann]", timeout=20_000)

    await bob.close()
    await page.frames[1].click("#leave")
    await says(page, "left: left")
    assert browser.problems == []


async def test_a_frame_needs_no_script_around_it(start_server, elsewhere, chromium) -> None:
    server = start_server(allowed_origins=elsewhere.url)
    room = server.create_room()
    browser = await chromium(published("plain", elsewhere, server, room))
    bob = await partner(browser, server, room)
    await bob.wait_for_selector(".tile[data-name=Ann]", timeout=30_000)
    await sees_in_element(browser.page.frames[1], 2)
    assert browser.problems == []


# Who is not allowed, and who only pretends.

_STRANGER = """
parent.frames[0].postMessage({ parley: 1, type: 'leave' }, '*');
parent.postMessage({ parley: 1, type: 'left', reason: 'stranger' }, '*');
setTimeout(() => parent.postMessage('done', '*'), 1000);
"""


async def test_strangers_are_not_listened_to(start_server, elsewhere, chromium) -> None:
    server = start_server(allowed_origins=elsewhere.url)
    url = published("frame", elsewhere, server, server.create_room())
    elsewhere.policy = ""  # which would keep the stranger out
    (elsewhere.folder / "stranger.html").write_text(f"<script>{_STRANGER}</script>")
    browser = await chromium(url)
    page = browser.page
    await says(page, "joined")
    heard = await page.evaluate(
        """async (stranger) => {
          const iframe = Object.assign(document.createElement('iframe'), { src: stranger });
          document.body.append(iframe);
          await new Promise((resolve) => addEventListener('message', ({ data }) => {
            if (data === 'done') resolve();
          }));
          return document.querySelector('#status').textContent;
        }""",
        elsewhere.url.replace("localhost", "127.0.0.1") + "/stranger.html",
    )
    assert heard == "joined"
    assert await page.frames[1].evaluate("() => document.querySelector('sfu-call').state") == "call"


async def test_a_page_that_is_not_allowed_gets_nothing(server, elsewhere, chromium) -> None:
    url = published("frame", elsewhere, server, server.create_room())
    browser = await chromium(url)
    # No module, as there is no Access-Control-Allow-Origin.
    assert any("CORS" in each for each in browser.problems)
    assert len(browser.page.frames) == 1

    url = published("plain", elsewhere, server, server.create_room())
    await browser.page.goto(url)

    async def refused() -> bool:
        return any("frame-ancestors" in each for each in browser.problems)

    await until(refused, 10, "the browser says why there is nothing in the frame")
    assert server.metrics()["parley_websockets"] == 0
    browser.problems.clear()  # all of them are meant to be there
