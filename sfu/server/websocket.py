"""Every WebSocket of the server: who may open one, and what all are told at the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeAlias

from aiohttp import WSCloseCode, WSMsgType, web

from sfu.config import Settings
from sfu.counters import Counters
from sfu.server.address_limits import AddressLimits
from sfu.server.client_socket import CLOSE_GRACE, ClientSocket, Close, Send, Signaling
from sfu.server.forwarded import TrustedProxies
from sfu.server.logs import get_logger
from sfu.server.origins import may_connect
from sfu.signaling.messages import MAX_MESSAGE_BYTES, encode
from sfu.signaling.server_messages import Closed

__all__ = ["Signaling", "WebSockets"]

# Messages a little too long get a sentence from the session; beyond this the frame is not read.
_MAX_FRAME_BYTES = 2 * MAX_MESSAGE_BYTES
# A browser shows its page no answer but that of a WebSocket; so many at once are told why they
# may not stay, the others get only the status 429.
_MAX_TURNED_AWAY = 64

ConnectLimited: TypeAlias = Callable[[Send, Close, Callable[[], bool]], Signaling]


class WebSockets:
    """Every open WebSocket of the server.

    ``connect`` makes the session of a new one, as for ``ClientSocket``, with what says whether its
    address may join once more.
    """

    def __init__(self, *, settings: Settings, counters: Counters, connect: ConnectLimited) -> None:
        self._settings = settings
        self._counters = counters
        self._connect = connect
        self._proxies = TrustedProxies(settings.trusted_proxies)
        self._limits = AddressLimits(settings.max_websockets_per_address, settings.joins_per_minute)
        self._open: set[ClientSocket] = set()
        self._turned_away = 0
        self._told_of_proxy = False
        self._stopping = False

    def __len__(self) -> int:
        return len(self._open)

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The other origins whose pages may connect."""
        return self._settings.allowed_origins

    def change(self, settings: Settings) -> None:
        """Other limits, for whoever connects from now on."""
        self._settings = settings
        self._limits.change(settings.max_websockets_per_address, settings.joins_per_minute)

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve the WebSocket that ``request`` asks for until it ends."""
        visit, origin = self._proxies.visit(request), request.headers.get("Origin")
        if origin is not None and not may_connect(
            origin, visit.scheme, visit.host, self._settings.allowed_origins
        ):
            return self._refuse(
                403, "wrong-origin", "Pages of this origin may not connect (see allowed_origins)."
            )
        response = web.WebSocketResponse(
            timeout=CLOSE_GRACE,
            heartbeat=self._settings.websocket_heartbeat,
            max_msg_size=_MAX_FRAME_BYTES,
            autoclose=False,  # a browser complains about a second close frame
            autoping=False,  # pings are counted as messages are
            compress=False,
        )
        if not response.can_prepare(request):
            return self._refuse(426, "not-a-websocket", "This address speaks only WebSocket.")
        if self._stopping:
            return self._refuse(503, "server-stopping", "The server is stopping.")
        if len(self._open) >= self._settings.max_websockets:
            return self._refuse(503, "too-many-connections", "The server is full.")
        self._tell_of_proxy(request)
        visitor = self._limits.open(visit.address)
        if visitor is None:
            return await self._turn_away(request, response)

        def connect(send: Send, close: Close) -> Signaling:
            return self._connect(send, close, lambda: self._limits.may_join(visitor))

        socket = ClientSocket(request, response, self._settings, self._counters)
        self._open.add(socket)
        try:
            try:
                await response.prepare(request)
            except ConnectionError:
                # Gone before the answer: nobody reads this one either, and it is no fault of ours.
                return web.Response(status=400)
            await socket.run(connect)
        finally:
            self._open.discard(socket)
            self._limits.close(visitor)
            socket.gone.set()
        return response

    def dismiss(self, code: str, message: str) -> None:
        """Tell every client ``closed`` with ``code``, hang up, and accept nobody any more."""
        self._stopping = True
        for socket in tuple(self._open):
            socket.finish(code, message, WSCloseCode.GOING_AWAY)

    async def wait_closed(self) -> None:
        """Wait until all are gone, for a bounded time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3 * CLOSE_GRACE):
                for socket in tuple(self._open):
                    await socket.gone.wait()

    async def _turn_away(
        self, request: web.Request, response: web.WebSocketResponse
    ) -> web.StreamResponse:
        """Refuse one more socket of an address that has too many."""
        code, sentence = "too-many-from-address", "Too many connections come from your address."
        if self._turned_away >= _MAX_TURNED_AWAY:
            return self._refuse(429, code, sentence)
        self._counters.signaling_errors[code] += 1
        self._turned_away += 1
        try:
            await response.prepare(request)
            await response.send_frame(encode(Closed(code=code, message=sentence)), WSMsgType.TEXT)
            await response.close(code=WSCloseCode.TRY_AGAIN_LATER)
        except ConnectionError:
            return web.Response(status=400)
        finally:
            self._turned_away -= 1
        return response

    def _tell_of_proxy(self, request: web.Request) -> None:
        """Say once that people come through a proxy that is not trusted: they count as one."""
        if not self._told_of_proxy and self._proxies.ignores(request):
            self._told_of_proxy = True
            get_logger().warning(
                "proxy-not-trusted", address=request.remote, fix="add it to trusted_proxies"
            )

    def _refuse(self, status: int, code: str, sentence: str) -> web.Response:
        self._counters.signaling_errors[code] += 1
        return web.json_response({"error": {"code": code, "message": sentence}}, status=status)
