"""Synthetic clients (aiortc) in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from loadtest.client import Client

# One colour and one tone per client, so that a mix-up is seen and heard.
LOOKS = [
    ((200, 40, 40), 400),
    ((40, 40, 200), 600),
    ((40, 160, 40), 800),
    ((200, 200, 40), 1000),
    ((160, 40, 160), 1200),
    ((40, 170, 170), 1400),
]


@pytest.fixture
async def new_client() -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """Makes a client that has joined: ``await new_client(server, room, 0)``."""
    clients: list[Client] = []

    async def make(server: Any, room: str, look: int = 0, **options: Any) -> Client:
        colour, tone = LOOKS[look % len(LOOKS)]
        options = {"name": f"client {look}", "colour": colour, "tone": tone} | options
        client = Client(url=server.url, room=room, **options)
        clients.append(client)
        await client.join()
        return client

    yield make
    await asyncio.gather(*(client._stop() for client in clients), return_exceptions=True)
