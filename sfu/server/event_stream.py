"""Server-sent events: figures that are sent again and again, and events as they happen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import msgspec
from aiohttp import web

from sfu.server.api_values import Denied
from sfu.server.events import EventLog

# Streams are for a few dashboards, not for everybody.
MAX_STREAMS = 32
# A comment as often as this keeps proxies from ending a stream in which nothing happens.
_KEEP_ALIVE_SECONDS = 15.0


class EventStreams:
    """All streams of one server; ``close`` ends them."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._open = 0
        self._over = asyncio.Event()

    def close(self) -> None:
        """End every stream."""
        self._over.set()

    async def repeat(
        self, request: web.Request, described: Callable[[], tuple[bytes, bool]], interval: float
    ) -> web.StreamResponse:
        """Send what ``described`` gives every ``interval`` seconds, for as long as it goes on."""
        async with self._stream(request) as response:
            goes_on = True
            while goes_on and not self._over.is_set():
                body, goes_on = described()
                await response.write(b"event: stats\ndata: " + body + b"\n\n")
                if goes_on:
                    await _wait(interval, self._over)
        return response

    async def follow(self, request: web.Request, after: int, room: str) -> web.StreamResponse:
        """Send the events after that position and every one to come.

        Who comes back with ``Last-Event-ID`` goes on from there, as long as it is this process.
        """
        server, _, position = request.headers.get("Last-Event-ID", "").partition("-")
        if server == self._log.server and position.isdecimal() and len(position) < 16:
            after = int(position)
        async with self._stream(request) as response:
            while not self._over.is_set():
                news = self._log.news  # of what comes while these are written, too
                for event in self._log.after(after, room):
                    head = f"id: {event.server}-{event.position}\nevent: {event.type}\ndata: "
                    await response.write(head.encode() + msgspec.json.encode(event) + b"\n\n")
                    after = event.position
                if not await _wait(_KEEP_ALIVE_SECONDS, self._over, news):
                    await response.write(b": nothing new\n\n")
        return response

    @contextlib.asynccontextmanager
    async def _stream(self, request: web.Request) -> AsyncIterator[web.StreamResponse]:
        if self._open >= MAX_STREAMS:
            raise Denied("too-many-streams", f"There are {MAX_STREAMS} streams already.")
        self._open += 1
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "X-Accel-Buffering": "no",  # or nginx collects them
            }
        )
        try:
            await response.prepare(request)
            # A reader that is gone is no fault of anybody.
            with contextlib.suppress(ConnectionError):
                yield response
                await response.write_eof()
        finally:
            self._open -= 1


async def _wait(seconds: float, *events: asyncio.Event) -> bool:
    """Whether one of ``events`` was set within that time."""
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    return any(event.is_set() for event in events)
