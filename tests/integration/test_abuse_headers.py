"""Every answer of every address says what browsers may do with it, refusals and nonsense too."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sfu.server.app import Server
from tests.integration.attacker import ADMIN_KEY, SETTINGS
from tests.integration.test_abuse_http import NO_REQUESTS, TOLD_TWICE, answer

# Every one of them, on every answer: no address is an exception.
EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(self), microphone=(self), display-capture=(self)",
    "server": "Parley",
}


@pytest.fixture
async def running() -> AsyncIterator[Server]:
    async with Server(SETTINGS) as server:
        yield server


def problems(headers: dict[str, str]) -> list[str]:
    """What is wrong with the headers of an answer."""
    found = [name for name, value in EXPECTED.items() if headers.get(name) != value]
    policy = headers.get("content-security-policy", "")
    if not policy.startswith(("default-src 'self'", "default-src 'none'")):
        found.append("content-security-policy")
    if "frame-ancestors" not in policy or "unsafe" in policy or "*" in policy:
        found.append("what the policy allows")
    if headers.get("cache-control") not in ("no-cache", "no-store"):
        found.append("cache-control")
    return found


async def test_no_answer_of_any_address_goes_without_the_security_headers(running) -> None:
    assert running._runner is not None
    routes = {
        (route.method, route.resource.canonical)
        for route in running._runner.app.router.routes()
        if route.resource is not None
    }
    assert len(routes) > 30
    statuses = set()
    keys = [{}, {"Authorization": f"Bearer {ADMIN_KEY}"}, {"X-Forwarded-For": "203.0.113.7"}]
    connector = aiohttp.TCPConnector(force_close=True)  # streams would go on
    async with aiohttp.ClientSession(running.url, connector=connector) as http:
        for method, path in sorted(routes):
            for more in keys:
                for path_of in ("src/app/main.js", "src/nothing.js"):
                    address = path.format(room="some-room", id="p0", path=path_of)
                    if (method, path) == ("POST", "/api/v1/drain") and more.get("Authorization"):
                        continue  # it would end the server
                    for verb in (method, "PATCH"):
                        async with http.request(verb, address, headers=more) as got:
                            lower = {name.lower(): value for name, value in got.headers.items()}
                            assert problems(lower) == [], (verb, address, got.status)
                            statuses.add(got.status)
    assert statuses >= {200, 204, 400, 401, 403, 404, 405, 426}


async def test_no_answer_to_head_has_a_body(running) -> None:
    """One would be taken for the next answer of the same connection."""
    assert running._runner is not None
    routes = [each for each in running._runner.app.router.routes() if each.method == "GET"]
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with aiohttp.ClientSession(running.url, headers=headers) as http:
        for route in routes:
            assert route.resource is not None
            path = route.resource.canonical
            address = path.format(room="some-room", id="p0", path="src/app/main.js")
            async with http.head(address) as head:
                assert head.status != 200 or not path.endswith("/stream")
            async with http.get("/healthz") as answer:
                assert await answer.text() == "alive\n", address


async def test_a_websocket_is_answered_with_them_too(running) -> None:
    async with aiohttp.ClientSession(running.url) as http, http.ws_connect("/ws") as socket:
        headers = {name.lower(): value for name, value in socket._response.headers.items()}
        assert problems(headers) == []


def test_what_is_no_request_is_not_repeated_and_told_no_version(server) -> None:
    told_twice = [b"POST / HTTP/1.1\r\nHost: x\r\n" + each + b"\r\n" for each in TOLD_TWICE]
    marked = b"GET /\0<script>alert(1)</script> HTTP/1.1\r\nHost: x\r\n\r\n"
    answers = 0
    for request in (marked, b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", *told_twice, *NO_REQUESTS):
        back = answer(server, request)
        if not back:
            continue  # closed without a word
        head, _, body = back.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:]]
        headers = {name.lower(): value for name, _, value in lines}
        assert problems(headers) == [], (request[:60], back[:300])
        assert b"python" not in back.lower()
        assert b"script" not in body
        assert headers["content-type"].startswith(("text/plain", "text/html", "application/json"))
        answers += 1
    assert answers > 8
