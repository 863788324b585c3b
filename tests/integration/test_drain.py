"""A server that stops while people are in calls: signals, messages and exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import urllib.error
import urllib.request

from aiohttp import ClientSession


def status_of(url: str, **options) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **options), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def join(client, room: str, resume: str = "") -> dict[str, object]:
    message = {"type": "join", "room": room, "name": "Ann", "resume": resume}
    await client.send_str(json.dumps(message))
    return await client.receive_json(timeout=10)


@contextlib.asynccontextmanager
async def in_a_call(server):
    async with ClientSession(server.url) as http, http.ws_connect("/ws") as ann:
        room = server.create_room()
        joined = await join(ann, room)
        yield http, room, ann, joined


async def test_calls_go_on_while_it_drains_and_nobody_new_gets_in(start_server) -> None:
    server = start_server(drain_seconds=60)
    async with in_a_call(server) as (http, room, ann, joined):
        server.process.send_signal(signal.SIGTERM)
        draining = await ann.receive_json(timeout=10)
        assert draining["type"] == "draining"
        assert status_of(f"{server.url}/healthz")[0] == 200
        assert status_of(f"{server.url}/readyz") == (503, "draining\n")
        assert status_of(f"{server.url}/api/rooms", method="POST", data=b"")[0] == 503
        async with http.ws_connect("/ws") as stranger:
            refused = await join(stranger, room)
            assert (refused["type"], refused["code"]) == ("error", "draining")
        # Who is in the call may lose the connection, and comes back to the same deadline.
        async with http.ws_connect("/ws") as again:
            resumed = await join(again, room, str(joined["resume"]))
            assert resumed["you"] == joined["you"]
            assert await again.receive_json(timeout=10) == draining
            assert (await ann.receive_json(timeout=10))["code"] == "replaced"
            await again.send_str('{"type":"leave"}')
            while (last := await again.receive_json(timeout=10))["type"] != "closed":
                pass  # how everything is now
            assert last["code"] == "left"
    # Long before the deadline: nobody is there any more.
    assert await asyncio.to_thread(server.process.wait, 10) == 0


async def test_at_the_deadline_everybody_is_sent_to_come_back(start_server) -> None:
    server = start_server(drain_seconds=1)
    async with in_a_call(server) as (_, _, ann, _):
        server.process.send_signal(signal.SIGTERM)
        assert (await ann.receive_json(timeout=10))["type"] == "draining"
        closed = await ann.receive_json(timeout=10)
        assert (closed["type"], closed["code"]) == ("closed", "server-stopping")
        await ann.receive(timeout=10)
    assert await asyncio.to_thread(server.process.wait, 10) == 0


async def test_a_second_signal_ends_the_calls_at_once(start_server) -> None:
    server = start_server(drain_seconds=600)
    async with in_a_call(server) as (_, _, ann, _):
        server.process.send_signal(signal.SIGTERM)
        assert (await ann.receive_json(timeout=10))["type"] == "draining"
        server.process.send_signal(signal.SIGINT)
        assert (await ann.receive_json(timeout=10))["code"] == "server-stopping"
        await ann.receive(timeout=10)
    assert await asyncio.to_thread(server.process.wait, 10) == 0


async def test_without_drain_seconds_it_ends_at_the_first_signal(start_server) -> None:
    server = start_server()
    async with in_a_call(server) as (_, _, ann, _):
        server.process.send_signal(signal.SIGTERM)
        assert (await ann.receive_json(timeout=10))["code"] == "server-stopping"
        await ann.receive(timeout=10)
    assert await asyncio.to_thread(server.process.wait, 10) == 0


async def test_systemd_is_told_when_it_is_ready_draining_and_stopping(
    start_server, tmp_path, monkeypatch
) -> None:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(10)
        server = start_server(drain_seconds=600)
        assert await asyncio.to_thread(manager.recv, 100) == b"READY=1"
        async with in_a_call(server) as (_, _, ann, _):
            server.process.send_signal(signal.SIGTERM)
            assert (await ann.receive_json(timeout=10))["type"] == "draining"
            assert await asyncio.to_thread(manager.recv, 100) == b"STATUS=draining"
        assert await asyncio.to_thread(manager.recv, 100) == b"STOPPING=1"
    assert await asyncio.to_thread(server.process.wait, 10) == 0
