"""Waiting for what a synthetic client should see and hear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from loadtest.client import Client
from loadtest.media import Colour

# The bar, compression and colour conversion move a mean colour by less than this.
_TOLERANCE = 45


def looks_like(colour: Colour | None, wanted: Colour) -> bool:
    """Whether a received picture has the sender's colour, bar and compression aside."""
    return colour is not None and all(
        abs(a - b) < _TOLERANCE for a, b in zip(colour, wanted, strict=True)
    )


async def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until ``condition`` holds; fails with ``what`` after ``seconds``."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.02)


def sees(client: Client, other: Client) -> bool:
    """Whether ``client`` gets the right, moving picture of ``other``, and its sound."""
    seen = client.seen.get(other.you)
    if seen is None:
        return False
    picture = other.colour is None or (seen.pictures > 2 and looks_like(seen.colour, other.colour))
    sound = other.tone is None or seen.loudest > 0.01
    return picture and sound
