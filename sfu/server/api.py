"""The HTTP API for the programs of whoever runs the server: rooms, people, figures, events."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from aiohttp import web

from sfu.counters import Counters
from sfu.errors import Refused
from sfu.room.events import DataSent
from sfu.room.options import RoomOptions
from sfu.room.participant import Participant
from sfu.room.room import Room
from sfu.room.rooms import Rooms
from sfu.server import api_values as values
from sfu.server.api_requests import answer, interval_of, position_of, wish_of
from sfu.server.api_values import Denied
from sfu.server.drain import Drain
from sfu.server.event_stream import EventStreams
from sfu.server.events import EventLog, rfc3339
from sfu.server.openapi import PREFIX, document
from sfu.server.webhooks import Webhooks

_STATUS = {
    "unauthorized": 401,
    "not-found": 404,
    "no-such-participant": 404,
    "no-such-track": 409,
    "too-late": 409,
    "draining": 503,
    "too-many-streams": 503,
}
# One answer with events stays within some 300 kB.
MAX_EVENTS_AT_ONCE = 1000

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """Its addresses are in ``routes``; each wants one of ``keys`` as a bearer token (RFC 6750)."""

    def __init__(
        self,
        *,
        keys: Sequence[str],
        rooms: Rooms,
        drain: Drain,
        log: EventLog,
        webhooks: Webhooks,
        counters: Counters,
    ) -> None:
        self.change_keys(keys)
        self._rooms = rooms
        self._drain = drain
        self._log = log
        self._webhooks = webhooks
        self._counters = counters
        self.streams = EventStreams(log)
        self._document = msgspec.json.encode(document()) if keys else b""

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """Every address of the API."""
        room, person = f"{PREFIX}/rooms/{{room}}", f"{PREFIX}/rooms/{{room}}/participants/{{id}}"
        handlers: list[tuple[str, str, _Handler]] = [
            ("GET", f"{PREFIX}/rooms", self._list),
            ("POST", f"{PREFIX}/rooms", self._create),
            ("GET", room, self._inspect),
            ("POST", f"{room}/close", self._close),
            ("GET", person, self._person),
            ("DELETE", person, self._remove),
            ("POST", f"{person}/mute", self._mute),
            ("POST", f"{room}/data", self._send),
            ("GET", f"{room}/stats", self._stats),
            ("GET", f"{person}/stats", self._stats),
            ("GET", f"{room}/stats/stream", self._stats_stream),
            ("GET", f"{person}/stats/stream", self._stats_stream),
            ("GET", f"{PREFIX}/events", self._events),
            ("GET", f"{PREFIX}/events/stream", self._events_stream),
            ("POST", f"{PREFIX}/events/replay", self._replay),
            ("GET", f"{PREFIX}/drain", self._draining),
            ("POST", f"{PREFIX}/drain", self._begin_drain),
            ("DELETE", f"{PREFIX}/drain", self._cancel_drain),
        ]
        routes: list[web.AbstractRouteDef] = [
            # What a stream writes after the answer to HEAD, a proxy takes for the next answer.
            web.get(path, self._guarded(handler), allow_head=False)
            if path.endswith("/stream")
            else web.route(method, path, self._guarded(handler))
            for method, path, handler in handlers
        ]
        return [web.get(f"{PREFIX}/openapi.json", self._describe), *routes]

    def change_keys(self, keys: Sequence[str]) -> None:
        """Take these keys instead of those of before, from the next request on."""
        self._keys = [key.encode() for key in keys]

    def may(self, request: web.Request) -> bool:
        """Whether ``request`` shows one of the keys."""
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        key = shown.strip().encode(errors="replace")
        # Each is compared, so that the time says nothing about which.
        matches = [hmac.compare_digest(key, each) for each in self._keys]
        return scheme.lower() == "bearer" and any(matches)

    def _guarded(self, handler: _Handler) -> _Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                if not self.may(request):
                    raise Denied("unauthorized", "Show one of the server's admin_keys.")
                return await handler(request)
            except Refused as refused:
                self._counters.signaling_errors[refused.code] += 1
                status = _STATUS.get(refused.code, 400)
                problem = values.Problem(code=refused.code, message=refused.message)
                headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
                return answer(values.Failure(error=problem), status, headers)

        return guarded

    async def _describe(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._document, content_type="application/json")

    # --- rooms ---

    async def _list(self, _request: web.Request) -> web.StreamResponse:
        rooms = [
            values.RoomSummary(
                room=room.id, locked=room.locked, participants=len(room.participants)
            )
            for room in self._rooms.rooms.values()
        ]
        return answer(values.RoomList(rooms=rooms))

    async def _create(self, request: web.Request) -> web.StreamResponse:
        if self._drain.active:
            raise Denied("draining", "This server stops soon: make the room on another one.")
        wish = await wish_of(request, values.RoomWish)
        options = RoomOptions(
            maxParticipants=int(wish.maxParticipants),
            maxVideos=int(wish.maxVideos),
            noScreen=wish.noScreen,
            audioOnly=wish.audioOnly,
            lobby=wish.lobby,
        )
        id = self._rooms.create_id(options)
        made = values.NewRoom(room=id, url=f"/r/{id}", token=self._rooms.host_token(id))
        return answer(made, 201, {"Location": f"{PREFIX}/rooms/{id}"})

    async def _inspect(self, request: web.Request) -> web.StreamResponse:
        room, id = self._room(request), request.match_info["room"]
        people = [_participant(each) for each in room.participants.values()] if room else []
        locked = room is not None and room.locked
        return answer(values.RoomView(room=id, locked=locked, participants=people))

    async def _close(self, request: web.Request) -> web.StreamResponse:
        if (room := self._room(request)) is not None:
            room.moderation.finish("", time.monotonic())
        return web.Response(status=204)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        wish = await wish_of(request, values.DataWish)
        room = self._room(request)
        present = room.participants if room is not None else {}
        to = set(present if wish.participants is None else wish.participants)
        if missing := to - present.keys():
            raise Denied("no-such-participant", f"Not in this room: {', '.join(sorted(missing))}.")
        for id in to:
            present[id].notify(DataSent(wish.topic, wish.data))
        return answer(values.DataResult(sent=len(to)))

    # --- participants ---

    async def _person(self, request: web.Request) -> web.StreamResponse:
        return answer(_participant(self._participant(request)[1]))

    async def _remove(self, request: web.Request) -> web.StreamResponse:
        room, participant = self._participant(request)
        room.moderation.send_out(participant, "", time.monotonic())
        return web.Response(status=204)

    async def _mute(self, request: web.Request) -> web.StreamResponse:
        wish = await wish_of(request, values.MuteWish)
        room, participant = self._participant(request)
        room.moderation.silence(participant, wish.source, "")
        return web.Response(status=204)

    # --- figures ---

    async def _stats(self, request: web.Request) -> web.StreamResponse:
        return answer(self._described(request))

    async def _stats_stream(self, request: web.Request) -> web.StreamResponse:
        interval = interval_of(request)
        latest = self._described(request)

        def described() -> tuple[bytes, bool]:
            nonlocal latest
            try:
                latest = self._described(request)
                goes_on = self._room(request) is not None
            except Refused:
                goes_on = False  # they left
            return msgspec.json.encode(latest), goes_on

        return await self.streams.repeat(request, described, interval)

    def _described(self, request: web.Request) -> values.Stats:
        if "id" in request.match_info:
            stats = self._participant(request)[1].describe()
        elif (room := self._room(request)) is not None:
            stats = room.describe()
        else:
            stats = {"room": request.match_info["room"], "locked": False, "participants": []}
        return values.Stats(time=rfc3339(time.time()), stats=stats)

    # --- events ---

    async def _events(self, request: web.Request) -> web.StreamResponse:
        after = position_of(request, 0)
        found = self._log.after(after, request.query.get("room", ""), MAX_EVENTS_AT_ONCE)
        return answer(
            values.EventList(
                server=self._log.server,
                first=self._log.first(),
                last=self._log.position,
                events=found,
            )
        )

    async def _events_stream(self, request: web.Request) -> web.StreamResponse:
        after = position_of(request, self._log.position)
        return await self.streams.follow(request, after, request.query.get("room", ""))

    async def _replay(self, request: web.Request) -> web.StreamResponse:
        wish = await wish_of(request, values.ReplayWish)
        events = self._log.after(int(wish.after), wish.room)
        for event in events:
            self._webhooks.take(event)
        return answer(values.ReplayResult(events=len(events)), 202)

    # --- draining ---

    async def _draining(self, _request: web.Request) -> web.StreamResponse:
        return self._drain_view()

    async def _begin_drain(self, request: web.Request) -> web.StreamResponse:
        wish = await wish_of(request, values.DrainWish)
        self._drain.begin(wish.seconds)
        return self._drain_view(202)

    async def _cancel_drain(self, _request: web.Request) -> web.StreamResponse:
        if self._drain.active and not self._drain.cancel():
            raise Denied("too-late", "The server is stopping already.")
        return self._drain_view()

    def _drain_view(self, status: int = 200) -> web.Response:
        view = values.DrainView(
            draining=self._drain.active,
            deadline=self._drain.deadline,
            participants=self._rooms.participants,
        )
        return answer(view, status)

    # --- whom a request is about ---

    def _room(self, request: web.Request) -> Room | None:
        """The room, None while nobody is in it; raises ``Refused`` when there is no such room."""
        id = request.match_info["room"]
        room = self._rooms.rooms.get(id)
        if room is None and not self._rooms.is_valid(id):
            raise Denied("not-found", "This server did not make that room.")
        return room

    def _participant(self, request: web.Request) -> tuple[Room, Participant]:
        room = self._room(request)
        participant = room.participants.get(request.match_info["id"]) if room is not None else None
        if room is None or participant is None:
            raise Denied("no-such-participant", "They are not in this room.")
        return room, participant


def _participant(participant: Participant) -> values.ParticipantView:
    transport: Any = participant.transport
    return values.ParticipantView(
        id=participant.id,
        name=participant.name,
        role=participant.role,
        hand=participant.hand,
        away=participant.away,
        connected=transport is not None and transport.connected,
        tracks=[
            values.TrackView(id=track.id, kind=track.kind, source=track.source, muted=track.muted)
            for track in participant.tracks
        ],
    )
