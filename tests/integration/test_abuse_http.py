"""Requests that are too long, too slow, or meant to be read in two ways."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from sfu.errors import ProtocolError
from sfu.sdp.parser import MAX_CHARACTERS, parse


@contextmanager
def connected(server) -> Iterator[socket.socket]:
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    with closing(socket.create_connection((host, int(port)), timeout=10)) as tcp:
        yield tcp


def answer(server, request: bytes) -> bytes:
    """All that comes back until the server closes, or says nothing more for a second."""
    with connected(server) as tcp:
        tcp.sendall(request)
        tcp.settimeout(1.0)
        parts = []
        try:
            while part := tcp.recv(65536):
                parts.append(part)
        except (TimeoutError, ConnectionError):
            pass
        return b"".join(parts)


SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


TOLD_TWICE = [
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    b"Content-Length: 4\r\nContent-Length: 40\r\n",
    b"Content-Length: +4\r\n",
    b"Content-Length: 0x4\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding: xchunked\r\n",
    b"X: a\r\n Content-Length: 4\r\n",
    b"X\0: a\r\n",
    b"Content-Length: -1\r\n",
]


def test_a_body_whose_end_is_told_in_two_ways_is_refused_with_all_behind_it(server) -> None:
    for headers in TOLD_TWICE:
        head = b"POST /api/rooms HTTP/1.1\r\nHost: x\r\n" + headers
        back = answer(server, head + b"\r\n0\r\n\r\n" + SMUGGLED)
        assert back.split(b" ")[:2][1:] == [b"400"], (headers, back[:200])
        assert b"parley_" not in back  # the second request was not read as one


NO_REQUESTS = [
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 100_000 + b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00" + bytes(500),
    b"\0" * 1000,
]


def test_a_request_that_is_too_long_or_none_is_refused(server) -> None:
    for request in NO_REQUESTS:
        back = answer(server, request)
        assert back == b"" or back.split(b" ")[1] in (b"400", b"431"), back[:200]
        assert server.create_room()


OUTSIDE = [
    "/src/../../pyproject.toml",
    "/src/%2e%2e/%2e%2e/pyproject.toml",
    "/src/..%2f..%2fpyproject.toml",
    "/src/..%5c..%5cpyproject.toml",
    "/src//etc/passwd",
    "/src/%00/index.js",
    "//etc/passwd",
    "/src/....//app.js",
    "/r/../../etc/passwd",
]


def test_no_path_leads_out_of_the_client(server) -> None:
    for target in OUTSIDE:
        head = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        back = answer(server, head.encode())
        assert b"[project]" not in back
        assert b"root:" not in back
        assert back.split(b" ")[1] in (b"400", b"404"), (target, back[:100])


def test_headers_cannot_be_split_by_what_a_client_says(server) -> None:
    for target in (b"/r/%0d%0aSet-Cookie:%20a=b", b"/%0d%0aX-Evil:%201"):
        back = answer(server, b"GET " + target + b" HTTP/1.0\r\n\r\n")
        head = back.partition(b"\r\n\r\n")[0].lower()
        assert b"set-cookie" not in head
        assert b"x-evil" not in head


def test_a_description_of_a_megabyte_is_refused_before_it_is_read() -> None:
    lines = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" + "a=ssrc:1 cname:x\r\n" * 60_000
    assert len(lines) > 1_000_000
    began = time.thread_time()
    with pytest.raises(ProtocolError):
        parse(lines)
    assert time.thread_time() - began < 0.05
    with pytest.raises(ProtocolError):
        parse(lines[:MAX_CHARACTERS].replace("ssrc:1 ", "ssrc:{} ").format(*range(5000)))


async def test_a_hundred_slow_requests_leave_everybody_else_their_answers(server) -> None:
    slow = []
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    for _ in range(100):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /api/rooms HTTP/1.1\r\nHost: x\r\nContent-Le")
        slow.append((reader, writer))
    for _ in range(3):
        assert await asyncio.to_thread(server.create_room)
        for _, writer in slow:
            writer.write(b"x")
        await asyncio.sleep(0.1)
    for _, writer in slow:
        writer.close()


def test_answers_name_no_version_of_anything(server) -> None:
    head = answer(server, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head = head.partition(b"\r\n\r\n")[0].lower()
    for name in (b"python", b"aiohttp", b"x-powered-by"):
        assert name not in head
