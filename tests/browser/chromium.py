"""Chromium through Playwright, a process per participant."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Any

from page import CallPage
from playwright.async_api import Page
from pool import Pool, Process

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
    ``executable`` is another program that starts it. It is one of ``pool``; of its own without.
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
        pool: Pool | None = None,
    ) -> None:
        self._pool = pool or Pool()
        self._is_shared = pool is not None
        self._process: Process | None = None
        self._executable = executable
        self._arguments = [
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
        self.page: Page
        self.problems: list[str] = []
        self.requests: list[str] = []

    async def open(self, url: str) -> None:
        """Start the browser and load ``url``."""
        self._process = await self._pool.take(self._executable, tuple(self._arguments))
        context = await self._process.browser.new_context(
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
        assert self._process is not None
        marker = self._process.marker.encode()
        self._process = None
        roots = [pid for pid in _processes() if marker in _command(pid)]
        for pid in [*roots, *_descendants(roots)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def stop(self, *, keep: bool = True) -> None:
        """Close the page. Unless ``keep`` is set, nobody else uses its browser."""
        process, self._process = self._process, None
        if process is not None and keep:
            await self._pool.give_back(process)
        elif process is not None:
            await self._pool.end(process)
        if not self._is_shared:
            await self._pool.close()


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
