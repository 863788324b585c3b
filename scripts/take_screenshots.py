"""Takes the pictures of the documentation anew, of a call with drawn people: docs/call*.jpg.

python scripts/take_screenshots.py
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests/browser"))

from chromium import Chromium
from crowd import CAMERA, Crowd
from page import until

_ROOT = Path(__file__).parent.parent
# A picture that is larger slows down whoever reads the page.
_MOST_BYTES = 200_000
# Until every picture comes in its full size, on a machine that does nothing else.
_SETTLED_SECONDS = 120
# Until tiles have moved and words have appeared.
_MOVED_SECONDS = 1.5
_NAMES = ["Bob", "Cleo", "Dana", "Emeka", "Fatima"]


def start_server() -> tuple[subprocess.Popen[str], str]:
    """A server on free ports, and its address."""
    environment = os.environ | {"SFU_HTTP_PORT": "0", "SFU_UDP_PORT": "0", "SFU_OVERLOAD": "off"}
    process = subprocess.Popen(
        [sys.executable, "-m", "sfu", "serve"],
        cwd=_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"open (http://\S+?)/?\s*$", line):
            return process, found[1]
    raise SystemExit(f"the server did not start: exit code {process.wait()}")


async def take(page: Any, name: str) -> None:
    """Keep what the page shows in docs/."""

    async def settled() -> bool:
        await asyncio.sleep(_MOVED_SECONDS)
        return await page.locator(".mark:not(:empty), .tile.paused").count() == 0

    await until(settled, _SETTLED_SECONDS, "every picture comes through well")
    path = _ROOT / "docs" / f"{name}.jpg"
    await page.screenshot(path=path, type="jpeg", quality=85)
    size = path.stat().st_size
    sys.stdout.write(f"{path.relative_to(_ROOT)}: {size} bytes\n")
    assert size <= _MOST_BYTES


def create_room(url: str) -> str:
    """A new room's id."""
    request = urllib.request.Request(f"{url}/api/rooms", method="POST", data=b"")
    with urllib.request.urlopen(request, timeout=10) as response:
        return str(json.load(response)["room"])


async def take_all(url: str, room: str) -> None:
    """One call, seen on a desk and on a phone."""
    nothing = Path(os.devnull)
    browser = Chromium(camera=nothing, microphone=nothing, init=CAMERA, width=1200, height=720)
    await browser.open(f"{url}/r/{room}?join=auto&name=Ann")
    page = browser.page

    async def there() -> bool:
        return await page.locator(".tile:not(.dark)").count() == len(_NAMES) + 1

    try:
        other = await page.context.browser.new_page()  # type: ignore[union-attr]
        await other.goto(f"{url}/metrics")
        crowd = Crowd(other, room)
        await crowd.come(*_NAMES, seen=len(_NAMES), size=(640, 360))
        await until(there, 60, "everybody is seen")
        await take(page, "call")
        await page.emulate_media(color_scheme="dark")
        await page.click("#chat-button")
        await page.wait_for_selector("#chat-text:visible")
        await crowd.does(0, "call.chat.send('Shall we begin?')")
        await asyncio.sleep(1)
        await crowd.does(3, "call.chat.send('The notes are at https://example.org/notes')")
        await crowd.does(1, "call.raiseHand(true)")
        await asyncio.sleep(1)
        await page.fill("#chat-text", "Thank you! Cleo first, then Fatima.")
        await page.press("#chat-text", "Enter")
        await take(page, "call-chat")
        await page.keyboard.press("Escape")
        await page.emulate_media(color_scheme="light")
        await page.set_viewport_size({"width": 390, "height": 780})
        await take(page, "call-phone")
    finally:
        await browser.stop()


def main() -> None:
    """Take every picture."""
    server, url = start_server()
    try:
        asyncio.run(take_all(url, create_room(url)))
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()
