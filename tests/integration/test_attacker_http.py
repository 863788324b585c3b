"""Every address of the server, asked by somebody who holds a token for one room about another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.integration.attacker import ADMIN_KEY, THEIRS, Scene, scene


@pytest.fixture
async def call() -> AsyncIterator[Scene]:
    async with scene() as made:
        yield made


@dataclass(frozen=True)
class Row:
    """What an address answers a member of another room: one of ``status``, in all cases.

    ``same``: the answer is the same for a room that is not there, so that it tells nothing.
    """

    status: int
    same: bool = False


PUBLIC, KEYED, REFUSED = Row(200), Row(401, same=True), Row(403, same=True)
API, ROOM = "/api/v1", "/api/v1/rooms/{room}"
PERSON = f"{ROOM}/participants/{{id}}"
ROUTES = {
    ("GET", "/"): PUBLIC,
    ("GET", "/r/{room}"): Row(200, same=True),
    ("GET", "/embed/{room}"): Row(200, same=True),
    ("GET", "/{path}"): PUBLIC,  # the client's files
    ("GET", "/favicon.ico"): Row(204),
    ("POST", "/api/rooms"): Row(403),
    ("GET", "/api/rooms/{room}"): Row(204, same=True),
    ("GET", "/test"): PUBLIC,  # a page without figures
    ("GET", "/api/trials"): PUBLIC,  # where the server is
    ("POST", "/api/trials"): Row(400),  # for offers: a connection to nobody
    ("GET", "/ws"): Row(426),
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
    ("GET", "/debug"): PUBLIC,  # a page without figures
    ("GET", "/debug/inspector.css"): PUBLIC,
    ("GET", "/debug/inspector.js"): PUBLIC,
    ("GET", "/debug/rooms"): REFUSED,
    ("GET", f"{API}/openapi.json"): PUBLIC,
    ("GET", f"{API}/rooms"): KEYED,
    ("POST", f"{API}/rooms"): KEYED,
    ("GET", ROOM): KEYED,
    ("POST", f"{ROOM}/close"): KEYED,
    ("POST", f"{ROOM}/data"): KEYED,
    ("GET", f"{ROOM}/stats"): KEYED,
    ("GET", f"{ROOM}/stats/stream"): KEYED,
    ("GET", PERSON): KEYED,
    ("DELETE", PERSON): KEYED,
    ("POST", f"{PERSON}/mute"): KEYED,
    ("GET", f"{PERSON}/stats"): KEYED,
    ("GET", f"{PERSON}/stats/stream"): KEYED,
    ("GET", f"{API}/events"): KEYED,
    ("GET", f"{API}/events/stream"): KEYED,
    ("POST", f"{API}/events/replay"): KEYED,
    ("GET", f"{API}/drain"): KEYED,
    ("POST", f"{API}/drain"): KEYED,
    ("DELETE", f"{API}/drain"): KEYED,
}
# What a page of somebody else's, or of a proxy's client, cannot keep the browser or proxy from
# saying: without it a request from this machine is the operator's.
ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}


def routes(call: Scene) -> set[tuple[str, str]]:
    """Every address of the running server."""
    runner = call.server._runner
    assert runner is not None
    assert isinstance(runner.app, web.Application)
    return {
        (route.method, route.resource.canonical)
        for route in runner.app.router.routes()
        if route.method != "HEAD" and route.resource is not None
    }


def shown(call: Scene) -> list[dict[str, str]]:
    """All ways in which Eve may show something."""
    token, resume = call.eve.token, call.eve.joined["resume"]
    return [
        {},
        {"Authorization": f"Bearer {token}"},
        {"Authorization": f"Bearer {resume}"},
        {"Authorization": f"Basic {token}"},
        {"Authorization": f"Bearer {ADMIN_KEY[:-1]}"},
        {"Authorization": "Bearer "},
        {"Cookie": f"token={token}", "X-Api-Key": token},
    ]


async def test_every_address_has_a_row(call: Scene) -> None:
    assert routes(call) == set(ROUTES)


async def test_no_address_gives_or_does_anything_in_the_other_room(call: Scene) -> None:
    async with aiohttp.ClientSession(call.server.url) as http, call.untouched():
        for (method, path), row in ROUTES.items():
            for headers in shown(call):
                answers = [
                    await ask(http, method, path, room, id, headers)
                    for room, id in ((THEIRS, call.ann.you), ("no-such-room", "p000000000000"))
                ]
                status, text = answers[0]
                assert status == row.status, (method, path, headers, answers[0])
                call.seen_by_eve.append(text)
                for known in (THEIRS, call.ann.you, call.bob.you):
                    assert known not in text, (method, path, headers)
                if row.same:
                    assert answers[0] == answers[1], (method, path, headers)


async def test_no_other_method_does_anything_either(call: Scene) -> None:
    async with aiohttp.ClientSession(call.server.url) as http, call.untouched():
        for path in sorted({path for _, path in ROUTES}):
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
                if (method, path) not in ROUTES:
                    status, text = await ask(http, method, path, THEIRS, call.ann.you, {})
                    assert status == 405 or method == "HEAD", (method, path, status)
                    assert call.ann.you not in text


async def test_a_token_in_the_query_opens_nothing(call: Scene) -> None:
    token = call.eve.token
    async with aiohttp.ClientSession(call.server.url) as http, call.untouched():
        for name in ("token", "access_token", "key", "authorization"):
            for path in (f"{API}/rooms", f"{API}/rooms/{THEIRS}", f"{API}/events"):
                async with http.get(f"{path}?{name}={token}") as answer:
                    assert answer.status == 401


async def ask(
    http: aiohttp.ClientSession,
    method: str,
    path: str,
    room: str,
    id: str,
    headers: dict[str, str],
) -> tuple[int, str]:
    """Status and text of one answer."""
    address = path.format(room=room, id=id, path="src/app/main.js")
    body: Any = {"topic": "x", "data": "x"} if method == "POST" else None
    async with http.request(
        method, address, headers=ELSEWHERE | headers, json=body, allow_redirects=False
    ) as answer:
        return answer.status, await answer.text(errors="replace")
