"""Whether the encoders of a page get the time to encode: what they do not, no server forwards."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from impaired import sent
from page import CallPage

# Frames per second; a camera of 15 that the processor hardly serves makes fewer.
FEW = 3.0
# How long a machine that is busy with something else is waited for in one test (s).
PATIENCE = 90.0


@dataclass(frozen=True)
class Layer:
    """What one layer of the camera has become so far, out of getStats()."""

    active: bool  # the page is told to send it
    height: int  # 0 before the first frame
    frames: int  # encoded
    limited_by: str

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> Layer:
        """From an outbound-rtp report."""
        return cls(
            active=report.get("active", True),
            height=report.get("frameHeight", 0),
            frames=report.get("framesEncoded", 0),
            limited_by=report.get("qualityLimitationReason", ""),
        )


class Encoders:
    """Those of the camera of ``page``, since ``begin``."""

    def __init__(self, page: CallPage) -> None:
        self._page = page
        self._layers: dict[str, Layer] = {}
        self._began = 0.0
        self._patience = PATIENCE

    async def begin(self) -> None:
        """Count from now on."""
        self._layers = await self._now()
        self._began = asyncio.get_running_loop().time()

    async def starved(self, *, top: bool = False) -> bool:
        """Whether layers are to be sent, but hardly anything was encoded of all of them; with
        ``top`` also whether that befell the top one, or the processor's load made it smaller.

        Layers that the page was told not to send are the server's doing.
        """
        layers = await self._now()
        if self._starved(layers):
            return True
        rid = max(layers, key=lambda each: layers[each].height, default="")
        if not top or not layers[rid].active:
            return False
        return self._starved({rid: layers[rid]}) or layers[rid].limited_by == "cpu"

    def _starved(self, layers: Mapping[str, Layer]) -> bool:
        fps = [self._fps(rid, layer) for rid, layer in layers.items() if layer.active]
        return bool(fps) and max(fps) < FEW

    async def recover(self, *, top: bool = False) -> None:
        """Wait for a second in which they encode; skip the test when none comes."""
        loop = asyncio.get_running_loop()
        since = self._began
        while loop.time() - since < self._patience:
            await self.begin()
            await asyncio.sleep(1)
            if not await self.starved(top=top):
                self._patience -= loop.time() - since
                return
        layers = await self._now()
        if any(layer.active and layer.limited_by == "bandwidth" for layer in layers.values()):
            # Its way to the server is a good one: whoever says otherwise is the server.
            pytest.fail(f"the sender takes its way for too narrow: {await self.explain()}")
        pytest.skip(f"this machine does not encode: {await self.explain()}")

    async def explain(self) -> str:
        """For people: frames per second since ``begin``, and what limits them."""
        layers = await self._now()
        each = [
            f"{rid}: {layer.height} lines, {self._fps(rid, layer):.1f} fps, "
            f"{'limited by ' + layer.limited_by if layer.active else 'told not to send'}"
            for rid, layer in layers.items()
        ]
        return "; ".join(each) or "nothing is encoded"

    def _fps(self, rid: str, layer: Layer) -> float:
        before = self._layers.get(rid)
        elapsed = asyncio.get_running_loop().time() - self._began
        return (layer.frames - (before.frames if before else 0)) / max(elapsed, 0.1)

    async def _now(self) -> dict[str, Layer]:
        return {rid: Layer.of(report) for rid, report in (await sent(self._page)).items()}
