"""The ways in which a client's connections end when nobody meant them to."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from loadtest.lightclient import LightClient


def _tcp(client: LightClient) -> Any:
    socket = client._signaling._socket
    assert socket is not None
    connection = socket._response.connection
    return None if connection is None else connection.transport  # None: the server was faster


def cut(client: LightClient) -> None:
    """Reset the TCP connection of its WebSocket; its media go on."""
    if transport := _tcp(client):
        transport.abort()


async def crash(client: LightClient) -> None:
    """Die: the system resets TCP, UDP just stops."""
    cut(client)
    await client.leave(politely=False)


async def vanish(client: LightClient) -> None:
    """Die with the network: nobody is told anything; the rest is cleared up when ``crash`` is."""
    for beat in client._beats:
        beat.stop()
    if transport := _tcp(client):
        transport.pause_reading()  # no pings are answered
    await client._wire.close(politely=False)


def move(client: LightClient) -> None:
    """Go on from another UDP port, as after a change of network."""
    wire = client._wire
    old = wire._socket
    assert old is not None
    peer = old.getpeername()
    new = type(old)(old.family, old.type)
    new.setblocking(False)
    new.connect(peer)
    wire._sockets.remove(old)
    wire._socket = new
    wire._sockets.add(new, wire._readable)
    old.close()
    wire._send_check(None)


async def resume(client: LightClient, room: str, token: str) -> dict[str, Any]:
    """Come back over a new WebSocket after ``cut``; what the server said."""
    signaling = client._signaling
    if signaling._reader is not None:
        signaling._reader.cancel()
        await asyncio.gather(signaling._reader, return_exceptions=True)
    if signaling._socket is not None:
        with contextlib.suppress(ConnectionError):
            await signaling._socket.close()
    signaling.closed = ""
    await signaling.connect(client._around.url)
    join = {"room": room, "name": client._name, "resume": token, "media": True}
    return await signaling.ask("joined", type="join", **join)
