"""What a test asks of the call page, the same in every browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

Colour = tuple[int, int, int]

# What a page holds of a call is in the shadow root of its element.
_TILES = """() => [
  ...(document.querySelector('sfu-call')?.shadowRoot.querySelectorAll('article.tile') ?? []),
].map((tile) => {
  const video = tile.querySelector('video');
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 8;
  const context = canvas.getContext('2d');
  let colour = null;
  if (video.videoWidth && !tile.classList.contains('dark')) {
    context.drawImage(video, 0, 0, 8, 8);
    const data = context.getImageData(0, 0, 8, 8).data;
    colour = [0, 1, 2].map((channel) => {
      const values = [];
      for (let i = channel; i < data.length; i += 4) values.push(data[i]);
      values.sort((a, b) => a - b);
      return values[32];
    });
  }
  return {
    participant: tile.dataset.participant, name: tile.dataset.name, self: 'self' in tile.dataset,
    dark: tile.classList.contains('dark'), silent: tile.classList.contains('silent'),
    speaking: tile.classList.contains('speaking'), text: tile.innerText.trim(),
    colour, time: video.currentTime, paused: video.paused,
    box: tile.getBoundingClientRect().toJSON(),
  };
})"""

_STATS = """async () => {
  const connection = window.parley?.call?.peer?.connection;
  if (!connection) return [];
  const reports = [];
  (await connection.getStats()).forEach((report) => {
    if (['inbound-rtp', 'outbound-rtp', 'transport'].includes(report.type)) {
      reports.push({ ...report });
    }
  });
  return reports;
}"""


class CallPage:
    """A page of one participant; subclasses know how to evaluate JavaScript in their browser."""

    async def evaluate(self, script: str) -> Any:
        """The value of a JavaScript function, called in the page."""
        raise NotImplementedError

    async def state(self) -> str:
        """Which view the page shows."""
        return str(await self.evaluate("() => document.body.dataset.state"))

    async def tiles(self) -> dict[str, dict[str, Any]]:
        """The tiles by name."""
        return {tile["name"]: tile for tile in await self.evaluate(_TILES)}

    async def stats(self, kind: str) -> list[dict[str, Any]]:
        """The reports of getStats() of one type."""
        return [report for report in await self.evaluate(_STATS) if report["type"] == kind]

    async def decoded(self) -> int:
        """Frames decoded of all pictures together."""
        return sum(r.get("framesDecoded", 0) for r in await self.stats("inbound-rtp"))

    async def heard(self) -> int:
        """How many of the arriving sounds are not silent."""
        reports = await self.stats("inbound-rtp")
        return sum(r["kind"] == "audio" and r.get("totalAudioEnergy", 0) > 1e-4 for r in reports)

    async def sees(self, name: str, colour: Colour | None = None) -> bool:
        """Whether there is a picture of ``name``, of that colour."""
        tile = (await self.tiles()).get(name)
        return tile is not None and shows(tile, colour)


def shows(tile: dict[str, Any], colour: Colour | None = None) -> bool:
    """Whether there is a picture in ``tile``, of that colour, compression aside."""
    seen = tile["colour"]
    if seen is None or colour is None:
        return seen is not None
    return all(abs(a - b) < 50 for a, b in zip(seen, colour, strict=True))


async def until(condition: Callable[[], Any], seconds: float, what: str) -> float:
    """Wait until the awaited ``condition`` holds; returns how long that took."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    while not await condition():
        assert loop.time() - started < seconds, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)
    return loop.time() - started
