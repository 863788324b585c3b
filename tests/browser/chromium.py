"""Chromium through Playwright, a process per participant."""

from __future__ import annotations

import contextlib
import os
import signal
import uuid
from pathlib import Path
from typing import Any

from page import CallPage
from playwright.async_api import Browser, Page, Playwright, async_playwright

_ARGUMENTS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]

# Counts peer connections, so that a second one cannot hide.
_COUNT_CONNECTIONS = """
window.connections = 0;
const Original = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
  constructor(...parameters) { super(...parameters); window.connections += 1; }
};
"""


class Chromium(CallPage):
    """One participant's browser. ``ask`` leaves the question for devices unanswered (denied).

    ``without`` names switches that it is started without, ``extra`` further ones;
    ``executable`` is another program that starts it.
    """

    def __init__(
        self,
        *,
        camera: Path,
        microphone: Path,
        ask: bool = False,
        devices: bool = True,
        width: int = 960,
        height: int = 600,
        init: str = "",
        colour_scheme: str = "light",
        without: tuple[str, ...] = (),
        extra: tuple[str, ...] = (),
        executable: str = "/usr/bin/chromium",
    ) -> None:
        self._executable = executable
        self._marker = f"--test-browser={uuid.uuid4()}"
        self._arguments = [
            self._marker,
            *(each for each in _ARGUMENTS if devices or "fake-device" not in each),
            f"--use-file-for-fake-video-capture={camera}",
            f"--use-file-for-fake-audio-capture={microphone}",
        ]
        self._arguments = [a for a in self._arguments if a.split("=")[0] not in without]
        self._arguments += extra
        if ask:
            self._arguments.remove("--use-fake-ui-for-media-stream")
        self._size = {"width": width, "height": height}
        self._init = init
        self._colour_scheme = colour_scheme
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self.page: Page
        self.problems: list[str] = []
        self.requests: list[str] = []

    async def open(self, url: str) -> None:
        """Start the browser and load ``url``."""
        self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(
            executable_path=self._executable, args=self._arguments
        )
        context = await self._browser.new_context(
            viewport=self._size,  # type: ignore[arg-type]
            color_scheme=self._colour_scheme,  # type: ignore[arg-type]
        )
        self.page = await context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "console",
            lambda message: message.type == "error" and self.problems.append(message.text),
        )
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        await self.page.add_init_script(_COUNT_CONNECTIONS + self._init)
        await self.page.goto(url)

    async def evaluate(self, script: str) -> Any:
        """The value of a JavaScript function, called in the page."""
        return await self.page.evaluate(script)

    def kill(self) -> None:
        """End every process of this browser at once, as a crash would."""
        marker = self._marker.encode()
        roots = [pid for pid in _processes() if marker in _command(pid)]
        for pid in [*roots, *_descendants(roots)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._browser = None

    async def stop(self) -> None:
        """Close the browser."""
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _descendants(roots: list[int]) -> list[int]:
    children: dict[int, list[int]] = {}
    for pid in _processes():
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(pid)
    found: list[int] = []
    queue = list(roots)
    while queue:
        more = children.get(queue.pop(), [])
        found += more
        queue += more
    return found
