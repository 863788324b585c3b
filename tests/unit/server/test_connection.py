"""How long somebody may take to ask the HTTP port for something."""

import asyncio
import json
import time

import pytest

from sfu.config import Settings
from sfu.server import connection
from sfu.server.app import Server

PATIENCE = 20
HEAD = b"Host: x\r\n"


@pytest.fixture
def hurry(monkeypatch):
    monkeypatch.setattr(connection, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(connection, "BODY_SECONDS", 0.3)


@pytest.fixture
async def server(web):
    settings = Settings(http_port=0, udp_port=0, tcp="off", admin_keys=("k" * 16,))
    async with Server(settings, files=web) as server:
        yield server


async def dial(server):
    return await asyncio.open_connection("127.0.0.1", server.http_port)


async def rest(reader):
    """All that comes until the server closes."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def test_a_connection_that_asks_for_nothing_is_closed_without_a_word(hurry, server):
    reader, writer = await dial(server)
    assert await rest(reader) == b""
    writer.close()


@pytest.mark.parametrize(
    "begin", [b"GET /", b"GET / HTTP/1.1\r\n", b"POST /api/rooms HTTP/1.1\r\nHost: x\r\nA"]
)
async def test_headers_that_come_too_slowly_are_not_waited_for(hurry, server, begin):
    reader, writer = await dial(server)
    writer.write(begin)
    began, answer = time.monotonic(), asyncio.create_task(rest(reader))
    for _ in range(4):
        await asyncio.sleep(0.05)
        writer.write(b"a")  # a byte now and then is not enough
    # What comes after the server closed would have the system forget its answer.
    await answer
    assert answer.result().startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began < PATIENCE / 2
    writer.close()


async def test_later_requests_of_a_connection_have_to_come_in_time_too(hurry, server):
    reader, writer = await dial(server)
    for _ in range(2):
        writer.write(b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n")
        async with asyncio.timeout(PATIENCE):
            assert b"200 OK" in await reader.readuntil(b"alive\n")
        # Between requests nobody is in a hurry.
        await asyncio.sleep(0.6)
    writer.write(b"GET /healthz HT")
    assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")
    writer.close()


@pytest.mark.parametrize("path", [b"/api/rooms", b"/api/v1/rooms", b"/nothing"])
async def test_a_body_that_comes_too_slowly_is_not_waited_for(hurry, server, path):
    reader, writer = await dial(server)
    key = b"Authorization: Bearer " + b"k" * 16 + b"\r\n"
    writer.write(b"POST " + path + b" HTTP/1.1\r\n" + HEAD + key + b"Content-Length: 100\r\n\r\n{")
    async with asyncio.timeout(PATIENCE):
        answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 408 ") or (
        path == b"/nothing" and answer.startswith(b"HTTP/1.1 40")
    )
    if path != b"/nothing":
        assert json.loads(await rest(reader))["error"]["code"] == "too-slow"
    writer.close()


async def test_a_request_that_takes_long_to_answer_is_left_alone(hurry, server):
    reader, writer = await dial(server)
    key = b"Authorization: Bearer " + b"k" * 16 + b"\r\n"
    writer.write(b"GET /api/v1/events/stream HTTP/1.1\r\n" + HEAD + key + b"\r\n")
    async with asyncio.timeout(PATIENCE):
        await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(0.6)
    server._events.take("room-opened", {"room": "a-room"})
    async with asyncio.timeout(PATIENCE):
        await reader.readuntil(b"a-room")
    writer.close()


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 200 + b"\r\n",
    ],
)
async def test_headers_that_are_too_large_are_refused_as_such(server, request_text):
    reader, writer = await dial(server)
    writer.write(request_text)
    answer = await rest(reader)
    assert answer.split(b" ")[1] == b"431"
    assert b"aaaa" not in answer
    assert b"aiohttp" not in answer
    writer.close()
