"""Firefox ESR through puppeteer-core (WebDriver BiDi), driven by lines of JSON."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from page import CallPage

_DRIVER = Path(__file__).with_name("firefox.mjs")


class Firefox(CallPage):
    """One participant's browser, with its own fake camera and microphone."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self.problems: list[str] = []

    async def open(self, url: str) -> None:
        """Start the browser and load ``url``."""
        self._process = await asyncio.create_subprocess_exec(
            "node",
            str(_DRIVER),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=16 * 1024 * 1024,
        )
        await self._ask({"open": url})

    async def evaluate(self, script: str) -> Any:
        """The value of a JavaScript function, called in the page."""
        return await self._ask({"evaluate": script})

    async def stop(self) -> None:
        """Close the browser."""
        if self._process is None or self._process.returncode is not None:
            return
        await self._ask({"close": True})
        await self._process.wait()

    async def _ask(self, request: dict[str, Any]) -> Any:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        assert line, "the driver of Firefox ended"
        reply = json.loads(line)
        assert "error" not in reply, reply["error"]
        return reply.get("value")
