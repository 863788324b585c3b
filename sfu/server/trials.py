"""What the page ``/test`` asks for: a connection to the media port, without a room or media."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from sfu.errors import ProtocolError, Refused
from sfu.room.negotiation import Negotiation, Offered
from sfu.signaling.ice_servers import ice_servers
from sfu.transport.ice_lite import IceParameters

if TYPE_CHECKING:
    from sfu.room.rooms import Rooms
    from sfu.transport.transport import Transport

# Browsers give up checking after 15 s or earlier.
TRIAL_SECONDS = 20.0
# Each costs a handshake at most; one page runs three, one after the other.
MAX_TRIALS = 30


class Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An offer of one m-line, a data channel."""

    sdp: str


class Trials:
    """Answers offers of ``/test``; whoever may open the page may try.

    TURN credentials are told only where everybody gets in: elsewhere they are for participants.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._running: dict[Transport, asyncio.TimerHandle] = {}
        self.routes = (web.get("/api/trials", self._tell), web.post("/api/trials", self._start))

    def __len__(self) -> int:
        return len(self._running)

    async def _tell(self, _request: web.Request) -> web.StreamResponse:
        """What there is to try."""
        rooms = self._rooms
        told = [] if rooms.needs_token else ice_servers(rooms.settings, "test", rooms.wall_clock())
        return web.json_response(
            {
                "addresses": [f"{_bracketed(host)}:{port}" for host, port in rooms.candidates()],
                "tcp": rooms.settings.tcp == "on",
                "turn": bool(rooms.settings.turn_urls),
                "iceServers": msgspec.to_builtins(told),
            }
        )

    async def _start(self, request: web.Request) -> web.StreamResponse:
        """Answer one offer, and take checks with its credentials for 20 s."""
        if len(self._running) >= MAX_TRIALS:
            raise web.HTTPTooManyRequests(text="Many are testing just now: try in half a minute.")
        try:
            offer = msgspec.json.decode(await request.read(), type=Offer)
            return web.json_response({"sdp": self._answer(offer.sdp)}, status=201)
        except (msgspec.MsgspecError, ProtocolError, Refused) as error:
            raise web.HTTPBadRequest(text=f"This is not an offer of a test: {error}.") from None

    def _answer(self, sdp: str) -> str:
        rooms, now = self._rooms, time.monotonic()
        offered = Offered(sdp, ())
        negotiation = Negotiation(fingerprint=rooms.fingerprint, max_slots=0, random=rooms.random)
        transport = rooms.make_transport(
            certificate=rooms.certificate,
            sink=_Nobody(),
            send=rooms.send,
            counters=rooms.counters,
            now=now,
        )
        outcome = negotiation.answer(
            offered,
            ufrag=transport.local.ufrag,
            pwd=transport.local.pwd,
            candidates=rooms.candidates(),
            tcp=rooms.settings.tcp == "on",
        )
        prints = [(each.algorithm, each.value) for each in offered.remote.fingerprints]
        transport.set_remote(IceParameters(offered.remote.ufrag, offered.remote.pwd), prints, now)
        rooms.transports.add(transport)
        loop = asyncio.get_running_loop()
        self._running[transport] = loop.call_later(TRIAL_SECONDS, self._end, transport)
        return outcome.sdp

    def _end(self, transport: Transport) -> None:
        self._running.pop(transport).cancel()
        self._rooms.transports.remove(transport)
        transport.close(time.monotonic())

    def close(self) -> None:
        """End what runs."""
        for transport in list(self._running):
            self._end(transport)


class _Nobody:
    """Where nothing that arrives means anything."""

    def rtp_received(self, data: object, now: float) -> None:
        """There is no media."""

    def rtcp_received(self, data: bytes, now: float) -> None:
        """There is no media."""

    def data_received(self, data: bytes, now: float) -> None:
        """Nobody opens a channel."""

    def transport_connected(self, now: float) -> None:
        """The browser sees it by itself."""

    def transport_moved(self, now: float) -> None:
        """Nothing is sent there."""

    def transport_closed(self, reason: str, now: float) -> None:
        """It is forgotten when its time is over."""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
