"""A synthetic client's WebSocket: questions with their answers, and everything else as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import aiohttp

from loadtest.refusal import JoinFailed

# A server that has not answered by then is not there, or overloaded.
ANSWER_SECONDS = 10.0


class Signaling:
    """``told`` gets each message of the server; ``closed`` is the code it hung up with."""

    def __init__(self, http: aiohttp.ClientSession, told: Callable[[dict[str, Any]], None]) -> None:
        self.closed = ""
        self.joined: dict[str, Any] = {}  # what the server said at the door
        self._http = http
        self._told = told
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def connect(self, url: str) -> None:
        """Open the WebSocket. Raises ``JoinFailed`` (``unreachable``)."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._socket = await self._http.ws_connect(f"{url.rstrip('/')}/ws")
        except TimeoutError:
            raise JoinFailed("no-answer", f"{url} does not answer") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise JoinFailed("unreachable", f"{url} does not answer: {error}") from None
        self._reader = asyncio.create_task(self._read())

    async def ask(self, reply: str, **message: Any) -> dict[str, Any]:
        """Send ``message`` and wait for a message of type ``reply``. Raises ``JoinFailed``."""
        assert self._socket is not None
        if self.closed:
            raise JoinFailed(self.closed, "the server hung up")
        future = self._replies[reply] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_str(json.dumps(message))
            return await asyncio.wait_for(future, ANSWER_SECONDS)
        except TimeoutError:
            raise JoinFailed("no-answer", f"no {reply} within {ANSWER_SECONDS:.0f} s") from None
        except ConnectionError as error:
            raise JoinFailed("disconnected", f"the server hung up: {error}") from None
        finally:
            self._replies.pop(reply, None)

    async def close(self, *, politely: bool = True) -> None:
        """Hang up; ``politely`` means to leave the room first."""
        if politely and not self.closed and self._socket is not None:
            with contextlib.suppress(JoinFailed):
                await self.ask("closed", type="leave")
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    async def _read(self) -> None:
        assert self._socket is not None
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._received(json.loads(message.data))
        self.closed = self.closed or "disconnected"
        self._fail(self.closed, "the server hung up")

    def _received(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "joined":
            self.joined = message
        if kind == "closed" or (kind == "error" and message["fatal"]):
            self.closed = message["code"]
        future = self._replies.get(kind)
        if future is not None and not future.done():
            future.set_result(message)
        elif kind == "error":
            self._fail(message["code"], message["message"])
        else:
            self._told(message)

    def _fail(self, code: str, text: str) -> None:
        for future in self._replies.values():
            if not future.done():
                future.set_exception(JoinFailed(code, text))
