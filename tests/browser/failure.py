"""What a test of a failure asks: what is read, where the focus is, what the console says."""

from __future__ import annotations

import json
import re
import urllib.request
from types import TracebackType
from typing import Any

import aiohttp
from chromium import Chromium

SMALL = "width=160&height=90&fps=5"
QUIET = "join=auto&camera=off&microphone=off"

# The browser writes these by itself whenever something is out of reach.
_NETWORK = re.compile(r"WebSocket connection to|Failed to load resource|net::ERR_")

# Where the focus is: an id, and whether that is seen; nothing when it is nowhere.
_FOCUS = """() => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  if (!active || active === document.body || !active.getClientRects().length) return '';
  return active.id || active.className || active.localName;
}"""


async def is_in_call(page: Chromium) -> bool:
    """Whether the page is in its call."""
    return await page.state() == "call"


async def told(page: Chromium, place: str, *words: str) -> str:
    """Wait for what is said in ``place``, which must hold all ``words``; returns it."""
    await page.page.locator(place).filter(has_text=re.compile(".*".join(words), re.S)).wait_for()
    return await page.page.inner_text(place)


async def noticed(page: Chromium, code: str, title: str) -> None:
    """The call is over: the notice says why, offers a button, and has the focus."""
    await page.page.wait_for_selector("#notice:visible")
    assert await page.page.get_attribute("body", "data-error-code") == code
    assert await page.page.inner_text("#notice-title") == title
    assert len(await page.page.inner_text("#notice-text")) > 20
    assert await page.page.inner_text("#notice-action")
    assert await focus(page) == "notice"


async def focus(page: Chromium) -> str:
    """What has the focus; empty when nobody could go on with the keyboard from there."""
    return str(await page.evaluate(_FOCUS))


def problems(page: Chromium) -> list[str]:
    """What is on the console that the browser did not write by itself."""
    return [line for line in page.problems if not _NETWORK.search(line)]


def make_room(server: Any) -> tuple[str, str]:
    """A new room, and the token of its host."""
    request = urllib.request.Request(f"{server.url}/api/rooms", method="POST", data=b"")
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = json.load(response)
    return answer["room"], answer["token"]


class Somebody:
    """Somebody in a room who needs no browser: a host with ``token``, and only their words."""

    def __init__(self, server: Any, room: str, token: str = "", name: str = "Host") -> None:
        self._url = f"{server.url}/ws"
        self._door = {"type": "join", "room": room, "name": name, "token": token}
        self._session = aiohttp.ClientSession()

    async def __aenter__(self) -> Somebody:
        self._socket = await self._session.ws_connect(self._url)
        await self.say(**self._door)
        await self.hear("joined")
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._socket.close()
        await self._session.close()

    async def say(self, **message: Any) -> None:
        """Send one message."""
        await self._socket.send_str(json.dumps(message))

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next message of one type."""
        while True:
            message = json.loads(await self._socket.receive_str(timeout=20))
            if message["type"] == kind:
                return dict(message)
