"""One TCP connection to the HTTP port, and how long it may take to ask for something."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

# From the connection to the end of the first headers, and from the first byte of later ones: the
# slowest networks take a second or two. (A TLS handshake before that may take a minute: asyncio's.)
HEADER_SECONDS = 10.0
# Between two requests; longer than the 60 s after which nginx gives up a connection itself, so that
# it never asks over one that was just closed.
IDLE_SECONDS = 75.0
# For a whole body, 16 KiB at most: that is less than 2 kB/s.
BODY_SECONDS = 10.0
# What is left of a body that nobody wants to read is taken for so long.
LINGER_SECONDS = 5.0

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Connection(web.RequestHandler):
    """Is closed when nothing that can be answered comes in time."""

    __slots__ = ("_answering", "_patience", "_said")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._answering = 0
        self._said = False
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a request that begins has to end soon."""
        self._said = True
        if not self._answering and self._patience is None:
            self._wait()
        super().data_received(data)

    def begun(self) -> None:
        """The headers of a request are there."""
        self._answering += 1
        self._said = False
        self._stop_waiting()

    def answered(self) -> None:
        """The answer to it is there."""
        self._answering -= 1

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self._patience = None
        if self._answering:
            return
        if self._said and self.transport is not None:
            self.transport.write(_TOO_SLOW)
        self.force_close()


@web.middleware
async def note_requests(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Tells each connection when a request of it begins and ends."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        return await handler(request)  # a server of other parts, as tests make them
    connection.begun()
    try:
        return await handler(request)
    finally:
        connection.answered()


@web.middleware
async def read_bodies(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Reads a request's body before anybody asks for it, so that none of them waits for ever."""
    if request.can_read_body:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="The body did not come in time.") from None
    return await handler(request)
