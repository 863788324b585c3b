"""What every address of the HTTP API does alike: reads bodies and queries, and answers."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from aiohttp import web

from sfu.server.api_values import MAX_POSITION, Denied
from sfu.server.openapi import DEFAULT_INTERVAL, MAX_INTERVAL, MIN_INTERVAL

_W = TypeVar("_W", bound=msgspec.Struct)


def answer(
    value: msgspec.Struct, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """``value`` as the body of an answer."""
    body = msgspec.json.encode(value)
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


async def wish_of(request: web.Request, type: type[_W]) -> _W:
    """The request's body; raises ``Refused`` (``bad-request``) with the field that is wrong."""
    body = await request.read()
    try:
        return msgspec.json.decode(body or b"{}", type=type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Denied("bad-request", f"The body is not as described: {error}") from None


def position_of(request: web.Request, default: int) -> int:
    """The query's ``after``; raises ``Refused`` (``bad-request``)."""
    text = request.query.get("after")
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 16 or int(text) > MAX_POSITION:
        raise Denied("bad-request", f"after is a whole number from 0 to {MAX_POSITION}.")
    return int(text)


def interval_of(request: web.Request) -> float:
    """The query's ``interval`` in seconds; raises ``Refused`` (``bad-request``)."""
    try:
        seconds = float(request.query.get("interval", DEFAULT_INTERVAL))
    except ValueError:
        seconds = 0.0
    if not MIN_INTERVAL <= seconds <= MAX_INTERVAL:
        raise Denied("bad-request", f"interval is a number from {MIN_INTERVAL} to {MAX_INTERVAL}.")
    return seconds
