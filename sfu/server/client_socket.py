"""One client's WebSocket: reading, a bounded outbox, heartbeat, and how it ends."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeAlias

from aiohttp import WSCloseCode, WSMsgType, web

from sfu.config import Settings
from sfu.counters import Counters
from sfu.server.logs import get_logger
from sfu.signaling.messages import encode
from sfu.signaling.server_messages import Closed

# The page connects when somebody presses Join, and says so at once: who is in no room for this
# long (a few tries at a full one included) has forgotten us.
_JOIN_WITHIN = 30.0
# How long a peer may take to read what is left and to answer the close frame.
CLOSE_GRACE = 2.0
# For so long a peer may take nothing of what we write, whatever it still says itself: sockets
# buffer some 100 kB, so it has not read for longer than that.
_DEAF_SECONDS = 10.0
# aiohttp parses up to 256 KiB at once, tens of thousands of short messages: others get their turn
# after each that is acted on, and after so many that only have to be thrown away.
_THROWN_AWAY_AT_ONCE = 64
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


# Makes a session from what sends an encoded message, what hangs up after the messages sent so far,
# and the time.
Send: TypeAlias = Callable[[bytes], None]
Close: TypeAlias = Callable[[], None]
Connect: TypeAlias = Callable[[Send, Close], Signaling]


class ClientSocket:
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
            self._session = connect(self.send, self.hang_up)
            clean = await self._read(self._session)
        except Exception:
            self._bug()
        finally:
            self.end(clean=clean)
            self.hang_up()
            await asyncio.wait((writer,), timeout=2 * CLOSE_GRACE)
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
            asyncio.get_running_loop().call_later(2 * CLOSE_GRACE, self._abort)

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
        thrown_away = 0
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
            if message.type in (WSMsgType.PING, WSMsgType.PONG):
                if not self._may_speak(time.monotonic()):
                    self._fail(session, "too-many-messages", "Pings come too fast.")
                elif message.type is WSMsgType.PING:
                    await self._put(message.data, WSMsgType.PONG)
                await asyncio.sleep(0)
                continue
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                if getattr(message.data, "code", None) == WSCloseCode.MESSAGE_TOO_BIG:
                    self._counters.signaling_errors["message-too-large"] += 1
                return False
            if self._close_code is not None:
                thrown_away += 1
                if thrown_away % _THROWN_AWAY_AT_ONCE == 0:
                    await asyncio.sleep(0)
                continue
            now = time.monotonic()
            if message.type is WSMsgType.BINARY:
                self._fail(session, "text-only", "Messages are text, not binary.")
            elif not self._may_speak(now):
                self._fail(session, "too-many-messages", "Messages come too fast.")
            else:
                session.receive(message.data, now)
            await asyncio.sleep(0)

    async def _write(self) -> None:
        try:
            while True:
                while self._outbox:
                    await self._put(self._outbox.popleft(), WSMsgType.TEXT)
                if self._close_code is not None:
                    break
                self._wake.clear()
                await self._wake.wait()
            # Only the frame: ``close()`` beside a reader shuts the socket at once, and a peer that
            # is still writing would lose our last words. The reader waits for its close frame.
            code = self._close_code.to_bytes(2, "big")
            await self._put(code, WSMsgType.CLOSE)
        except ConnectionError:
            self._abort()  # the peer is gone; the reading side says how
        except Exception:
            self._bug()
            self._abort()

    async def _put(self, payload: bytes, kind: WSMsgType) -> None:
        """Write a frame; a peer that takes nothing for too long is gone.

        Raises ``ConnectionError``.
        """
        try:
            async with asyncio.timeout(_DEAF_SECONDS):
                await self._response.send_frame(payload, kind)
        except TimeoutError:
            self._counters.signaling_errors["slow-reader"] += 1
            self._outbox.clear()
            self._abort()  # no word of ours would arrive
            raise ConnectionResetError("the peer does not read") from None

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
