"""Whether the pictures of a call move on, and whose stands still in which page."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from page import CallPage

# Of a stream that stands still, what its page counts.
_COUNTED = (
    "framesDecoded",
    "framesReceived",
    "framesDropped",
    "keyFramesDecoded",
    "packetsReceived",
    "packetsLost",
    "nackCount",
    "pliCount",
    "freezeCount",
)


async def all_move(seconds: int, pages: Sequence[CallPage], server: Any) -> None:
    """Every picture in every page gets further frames in every five seconds."""
    before = [await _frames(page) for page in pages]
    for passed in range(5, seconds + 1, 5):
        await asyncio.sleep(5)
        after = [await _frames(page) for page in pages]
        for page, old, new in zip(pages, before, after, strict=True):
            still = [ssrc for ssrc, count in old.items() if new.get(ssrc, 0) <= count]
            told = [await _explain(page, ssrc, server) for ssrc in still]
            assert not told, f"after {passed} s: {told}"
            assert len(new) == len(old), "further pictures"
        before = after


async def _frames(page: CallPage) -> dict[int, int]:
    """Frames decoded by stream, of those in use."""
    return {
        r["ssrc"]: r["framesDecoded"]
        for r in await page.stats("inbound-rtp")
        if r["kind"] == "video" and r.get("framesDecoded", 0) > 0
    }


async def _explain(page: CallPage, ssrc: int, server: Any) -> dict[str, Any]:
    """Whose picture the stream is, in whose page, and what page, server and sender say of it."""
    names = {tile["participant"]: name for name, tile in (await page.tiles()).items()}
    report = next((r for r in await page.stats("inbound-rtp") if r["ssrc"] == ssrc), {})
    told: dict[str, Any] = {"page counts": {each: report.get(each) for each in _COUNTED}}
    people = [each for room in server.rooms()["rooms"].values() for each in room["participants"]]
    for viewer in people:
        for slot in viewer["receives"]["slots"]:
            if slot["video"]["ssrc"] != f"{ssrc:08x}":
                continue
            sender = next((p for p in people if p["participant"] == slot["participant"]), None)
            told |= {
                "picture of": names.get(slot["participant"], slot["participant"]),
                "in the page of": names.get(viewer["participant"], viewer["participant"]),
                "server forwards": slot["video"],
                "path": viewer["receives"]["path"],
                "server receives": sender and sender["publishes"]["tracks"],
            }
    return told
