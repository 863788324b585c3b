"""One signaling session per WebSocket: reading, a bounded outbox, heartbeat, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, WSMsgType, web

from sfu.config import Settings
from sfu.counters import Counters
from sfu.server.logs import get_logger
from sfu.signaling.messages import MAX_MESSAGE_BYTES, encode
from sfu.signaling.server_messages import Closed

# Messages a little too long get a sentence from the session; beyond this the frame is not read.
_MAX_FRAME_BYTES = 2 * MAX_MESSAGE_BYTES
# The page connects when somebody presses Join, and says so at once: who is in no room for this
# long (a few tries at a full one included) has forgotten us.
_JOIN_WITHIN = 30.0
# How long a peer may take to read what is left and to answer the close frame.
_CLOSE_GRACE = 2.0
# A page that goes away says 1001, ``close()`` without a code arrives as 1005 or as nothing.
_CLEAN_CLOSE_CODES = (0, 1000, 1001, 1005)


class Signaling(Protocol):
    """The signaling session of one client, as the socket sees it."""

    closed: bool

    @property
    def joined(self) -> bool:
        """Whether the client is in a room."""

    def receive(self, text: str, now: float) -> None:
        """Act on one message."""

    def fail(self, code: str, message: str, now: float) -> None:
        """Tell the client what it did wrong, take it out of its room and hang up."""

    def disconnected(self, clean: bool, now: float) -> None:
        """The socket is gone; ``clean`` when the client meant to go."""


Connect = Callable[[Callable[[bytes], None], Callable[[], None], float], Signaling]


class WebSockets:
    """Every open WebSocket of the server.

    ``connect`` makes the session of a new one from what sends an encoded message, what hangs up
    after the messages sent so far, and the time.
    """

    def __init__(self, *, settings: Settings, counters: Counters, connect: Connect) -> None:
        self._settings = settings
        self._counters = counters
        self._connect = connect
        self._open: set[_Socket] = set()
        self._stopping = False

    def __len__(self) -> int:
        return len(self._open)

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The other origins whose pages may connect."""
        return self._settings.allowed_origins

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve the WebSocket that ``request`` asks for until it ends."""
        origin = request.headers.get("Origin")
        if origin is not None and not _may_connect(
            origin, request.headers.get("Host", ""), self._settings.allowed_origins
        ):
            return self._refuse(
                403, "wrong-origin", "Pages of this origin may not connect (see allowed_origins)."
            )
        response = web.WebSocketResponse(
            timeout=_CLOSE_GRACE,
            heartbeat=self._settings.websocket_heartbeat,
            max_msg_size=_MAX_FRAME_BYTES,
            autoclose=False,  # a browser complains about a second close frame
            compress=False,
        )
        if not response.can_prepare(request):
            return self._refuse(426, "not-a-websocket", "This address speaks only WebSocket.")
        if self._stopping:
            return self._refuse(503, "server-stopping", "The server is stopping.")
        if len(self._open) >= self._settings.max_websockets:
            return self._refuse(503, "too-many-connections", "The server is full.")
        socket = _Socket(request, response, self._settings, self._counters)
        self._open.add(socket)
        try:
            try:
                await response.prepare(request)
            except ConnectionError:
                # Gone before the answer: nobody reads this one either, and it is no fault of ours.
                return web.Response(status=400)
            await socket.run(self._connect)
        finally:
            self._open.discard(socket)
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
            async with asyncio.timeout(3 * _CLOSE_GRACE):
                for socket in tuple(self._open):
                    await socket.gone.wait()

    def _refuse(self, status: int, code: str, sentence: str) -> web.Response:
        self._counters.signaling_errors[code] += 1
        return web.json_response({"error": {"code": code, "message": sentence}}, status=status)


class _Socket:
    """One WebSocket: ``run`` reads it, a task beside it writes what waits in the outbox."""

    def __init__(
        self,
        request: web.Request,
        response: web.WebSocketResponse,
        settings: Settings,
        counters: Counters,
    ) -> None:
        self.gone = asyncio.Event()
        self._request = request
        self._response = response
        self._counters = counters
        self._outbox: deque[bytes] = deque()
        self._max_outbox = settings.outbox_messages
        self._wake = asyncio.Event()
        self._close_code: int | None = None  # set once the end is decided
        self._peer_closed = False
        self._session: Signaling | None = None
        self._rate = settings.messages_per_second
        self._allowance = 2.0 * self._rate
        self._last_message = time.monotonic()

    async def run(self, connect: Connect) -> None:
        """Carry messages until either side hangs up."""
        writer = asyncio.create_task(self._write())
        clean = False
        try:
            self._session = connect(self.send, self.hang_up, time.monotonic())
            clean = await self._read(self._session)
        except Exception:
            self._bug()
        finally:
            self.end(clean=clean)
            self.hang_up()
            await asyncio.wait((writer,), timeout=2 * _CLOSE_GRACE)
            if self._peer_closed and self._request.transport is not None:
                self._request.transport.close()
            if not writer.done() or self._response.close_code == WSCloseCode.ABNORMAL_CLOSURE:
                # Nobody reads the rest: without this the system would keep trying for minutes.
                writer.cancel()
                self._abort()

    def send(self, message: bytes) -> None:
        """Put an encoded message into the outbox; a client too slow to read it is closed."""
        if self._close_code is not None:
            return
        if len(self._outbox) >= self._max_outbox:
            self._outbox.clear()
            self._counters.signaling_errors["slow-reader"] += 1
            self.finish(
                "slow-reader",
                "You read messages more slowly than they come.",
                WSCloseCode.POLICY_VIOLATION,
            )
            # Not now: whoever sends is in the middle of telling everybody something.
            asyncio.get_running_loop().call_soon(lambda: self.end(clean=False))
            return
        self._outbox.append(message)
        self._wake.set()

    def hang_up(self, code: int = WSCloseCode.OK) -> None:
        """Close after what is in the outbox; what is sent from now on is dropped."""
        if self._close_code is None:
            self._close_code = code
            self._wake.set()
            asyncio.get_running_loop().call_later(2 * _CLOSE_GRACE, self._abort)

    def finish(self, code: str, message: str, close_code: int) -> None:
        """Say ``closed`` as the last message and hang up."""
        if self._close_code is None:
            self._outbox.append(encode(Closed(code=code, message=message)))
            self.hang_up(close_code)

    def end(self, *, clean: bool) -> None:
        """Tell the session, once, that its client is gone."""
        session, self._session = self._session, None
        if session is None:
            return
        try:
            session.disconnected(clean or session.closed, time.monotonic())
        except Exception:
            self._bug()

    async def _read(self, session: Signaling) -> bool:
        """Hand over messages until the socket ends; True when the client meant to go."""
        opened = time.monotonic()
        while True:
            waited = time.monotonic() - opened
            patience = None if session.joined else max(0.001, _JOIN_WITHIN - waited)
            try:
                message = await self._response.receive(patience)
            except TimeoutError:
                self._fail(session, "join-timeout", "You joined no room: connect again to join.")
                return False
            if message.type is WSMsgType.CLOSE:
                self._peer_closed = True
                return message.data in _CLEAN_CLOSE_CODES
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                if getattr(message.data, "code", None) == WSCloseCode.MESSAGE_TOO_BIG:
                    self._counters.signaling_errors["message-too-large"] += 1
                return False
            if self._close_code is not None:
                continue
            now = time.monotonic()
            if message.type is WSMsgType.BINARY:
                self._fail(session, "text-only", "Messages are text, not binary.")
            elif not self._may_speak(now):
                self._fail(session, "too-many-messages", "Messages come too fast.")
            else:
                session.receive(message.data, now)

    async def _write(self) -> None:
        try:
            while True:
                while self._outbox:
                    await self._response.send_frame(self._outbox.popleft(), WSMsgType.TEXT)
                if self._close_code is not None:
                    break
                self._wake.clear()
                await self._wake.wait()
            # Only the frame: ``close()`` beside a reader shuts the socket at once, and a peer that
            # is still writing would lose our last words. The reader waits for its close frame.
            code = self._close_code.to_bytes(2, "big")
            await self._response.send_frame(code, WSMsgType.CLOSE)
        except ConnectionError:
            self._abort()  # the peer is gone; the reading side says how
        except Exception:
            self._bug()
            self._abort()

    def _may_speak(self, now: float) -> bool:
        """Whether one more message is within the rate (a token bucket of two seconds)."""
        refill = (now - self._last_message) * self._rate
        self._allowance = min(2.0 * self._rate, self._allowance + refill)
        self._last_message = now
        if self._allowance < 1.0:
            return False
        self._allowance -= 1.0
        return True

    def _fail(self, session: Signaling, code: str, message: str) -> None:
        self._counters.signaling_errors[code] += 1
        session.fail(code, message, time.monotonic())

    def _bug(self) -> None:
        """An exception nobody expected: this client is closed, the others live."""
        self._counters.bugs["message"] += 1
        get_logger().exception("bug", boundary="message")
        self.finish("internal-error", "Something went wrong here.", WSCloseCode.INTERNAL_ERROR)

    def _abort(self) -> None:
        """Drop the connection now, without waiting for a peer that does not read."""
        transport = self._request.transport
        if transport is not None:
            transport.abort()


def _may_connect(origin: str, host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a page of ``origin`` may connect to the server it calls ``host``."""
    if origin in allowed:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    default = {"http": ":80", "https": ":443"}.get(parts.scheme)
    if default is None or not parts.netloc:
        return False
    return parts.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)
