"""Chromium processes that outlive a test: to start one takes as long as many a test."""

from __future__ import annotations

import contextlib
import uuid
from dataclasses import dataclass

from playwright.async_api import Browser, Error, Playwright, async_playwright

# Kept for later tests. Each takes some 200 MB of memory and, without a page, no time.
MOST_IDLE = 4


@dataclass(frozen=True)
class Process:
    """One Chromium; ``marker`` is in its command line and in no other's."""

    browser: Browser
    executable: str
    arguments: tuple[str, ...]
    marker: str


class Pool:
    """Starts Chromium, or gives one that was started in the same way and has no page any more.

    Pages of different contexts share nothing that they could see: no storage, cache or permission.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._idle: list[Process] = []  # the one that was used last comes last

    async def take(self, executable: str, arguments: tuple[str, ...]) -> Process:
        """A Chromium for nobody else."""
        for process in reversed(self._idle):
            if (process.executable, process.arguments) == (executable, arguments):
                self._idle.remove(process)
                if process.browser.is_connected():
                    return process
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        marker = f"--test-browser={uuid.uuid4()}"
        browser = await self._playwright.chromium.launch(
            executable_path=executable, args=[marker, *arguments]
        )
        return Process(browser, executable, arguments, marker)

    async def give_back(self, process: Process) -> None:
        """It is not used any more, and may be used again."""
        try:
            for context in process.browser.contexts:
                await context.close()
        except Error:
            await self.end(process)
        else:
            self._idle.append(process)
        while len(self._idle) > MOST_IDLE:
            await self.end(self._idle.pop(0))

    async def end(self, process: Process) -> None:
        """Nobody else gets it."""
        with contextlib.suppress(Error):
            await process.browser.close()

    async def close(self) -> None:
        """Nobody needs one any more."""
        for process in self._idle:
            await self.end(process)
        self._idle.clear()
        if self._playwright is not None:
            await self._playwright.stop()
            self._playwright = None
