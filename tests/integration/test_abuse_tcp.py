"""A flood of TCP connections to the media port of a real server, and what a call notices."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from loadtest.client import Client
from loadtest.watch import sees, until
from sfu.server.tcp import MAX_STRANGERS_PER_HOST

_CONNECTIONS = 400


def udp_port() -> int:
    """A number that is free for UDP and TCP."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def media(start_server):
    """A server whose media port is known."""
    port = udp_port()
    return start_server(udp_port=port), port


async def test_strangers_who_connect_and_stay_are_few_and_a_call_goes_on(media, new_client) -> None:
    server, port = media
    room = server.create_room()
    ann: Client = await new_client(server, room, 0)
    bob: Client = await new_client(server, room, 1)
    await until(lambda: sees(ann, bob) and sees(bob, ann), 20, "both see each other")
    before = server.resident_bytes()
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(_CONNECTIONS)]
    for number, (_, writer) in enumerate(streams):
        with contextlib.suppress(OSError):
            writer.write([b"", b"\0", b"\x02\x58" + bytes(100), bytes(9000)][number % 4])
    metrics = await asyncio.to_thread(server.metrics)
    assert metrics["parley_tcp_connections"] <= MAX_STRANGERS_PER_HOST
    refused = metrics['parley_drops_total{reason="tcp-refused"}']
    assert refused >= _CONNECTIONS - 4 * MAX_STRANGERS_PER_HOST
    for reader, _ in streams:  # the silent ones too, after some seconds
        async with asyncio.timeout(30):
            with contextlib.suppress(OSError):
                assert await reader.read(100) == b""
    assert (await asyncio.to_thread(server.metrics))["parley_tcp_connections"] == 0
    assert server.resident_bytes() - before < 30_000_000
    late: Client = await new_client(server, room, 2)
    await until(lambda: sees(ann, late) and sees(late, bob), 20, "somebody new is seen")
    for _, writer in streams:
        writer.close()
