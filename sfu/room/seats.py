"""The places that people come back to when the connection to them broke, and how they prove it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfu.room.events import Dismissed, ParticipantUpdated
from sfu.room.participant import LeaveReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfu.room.events import Event
    from sfu.room.participant import Participant
    from sfu.room.permissions import Permissions
    from sfu.room.role import Role
    from sfu.room.room import Room

# Most outages are shorter: nobody has to know of them.
AWAY_SECONDS = 5.0
# Long enough for a server or a router that restarts, short enough not to talk to nobody.
GHOST_SECONDS = 15.0
# Browsers check every 2 to 6 s (RFC 7675 section 5.1); two checks may be lost.
SILENT_SECONDS = 10.0
# Who can be seen and heard may stay without signaling for as long as a seat is kept.
SEAT_SECONDS = 60.0

# 144 random bits cannot be guessed.
_TOKEN_BYTES = 18

REPLACED = Dismissed("replaced", "You came back over another connection.")

# Those who may come back by themselves after they left so.
_RETURNING = (LeaveReason.DISCONNECTED, LeaveReason.MEDIA_LOST, LeaveReason.INTERNAL_ERROR)


@dataclass(slots=True)
class Seat:
    """What is kept of one participant; ``broke_at`` is None while its client hears us.

    ``token`` opens it, and so does ``previous``, until the client shows that it got ``token``.
    """

    participant: str
    role: Role
    hand: int
    permissions: Permissions
    token: str = ""
    previous: str = ""
    broke_at: float | None = None

    def opens(self, token: str) -> bool:
        """Whether ``token`` is one of ours."""
        shown = token.encode(errors="replace")
        return any(
            own and hmac.compare_digest(shown, own.encode()) for own in (self.token, self.previous)
        )


class Seats:
    """Everybody's seat in one room; at most ``max_empty`` wait for somebody who is not there.

    Invariants: whoever is in the room has a seat from their first ``issue`` on; a seat outlives the
    break of its connection by at most ``SEAT_SECONDS``.
    """

    __slots__ = ("_max_empty", "_room", "_seats")

    def __init__(self, room: Room, max_empty: int) -> None:
        self._room = room
        self._max_empty = max_empty
        self._seats: dict[str, Seat] = {}  # by participant id

    def __len__(self) -> int:
        return len(self._seats)

    def issue(self, participant: Participant, shown: str = "") -> str:
        """A new token for ``participant``, whose client has ``shown`` its latest one."""
        seat = self._seats.get(participant.id)
        if seat is None:
            seat = Seat(participant.id, participant.role, participant.hand, participant.permissions)
            self._seats[participant.id] = seat
        seat.previous = shown if seat.opens(shown) else ""
        seat.token = secrets.token_urlsafe(_TOKEN_BYTES)
        seat.broke_at = None
        return seat.token

    def settle(self, participant: Participant) -> None:
        """The client of ``participant`` got its token: the one before is of no use any more."""
        self._seats[participant.id].previous = ""

    def find(self, token: str) -> Seat | None:
        """The seat that ``token`` opens, whether somebody is in it or not."""
        if not token:
            return None
        return next((seat for seat in self._seats.values() if seat.opens(token)), None)

    def broke(self, participant: Participant, now: float) -> None:
        """The connection to the client of ``participant`` broke; its media may go on."""
        participant.deaf, participant.notify = True, _unheard
        seat = self._seats.get(participant.id)
        if seat is not None and seat.broke_at is None:
            seat.broke_at = now

    def sit_down(self, participant: Participant, notify: Callable[[Event], None]) -> None:
        """``participant`` is heard by ``notify`` from now on, and by nobody else."""
        participant.notify(REPLACED)
        participant.deaf, participant.notify = False, notify
        if participant.away:
            participant.away = False
            self._room.tell(ParticipantUpdated(participant), but=participant)

    def left(self, participant: Participant, reason: LeaveReason, now: float) -> None:
        """Keep the seat of ``participant``, who is gone, or not: that depends on ``reason``."""
        seat = self._seats.get(participant.id)
        if seat is None:
            return
        if reason not in _RETURNING:
            del self._seats[participant.id]
            return
        seat.role, seat.hand = participant.role, participant.hand
        seat.permissions = participant.permissions
        if seat.broke_at is None:
            seat.broke_at = now
        empty = [
            (each.broke_at or now, id)
            for id, each in self._seats.items()
            if id not in self._room.participants
        ]
        if len(empty) > self._max_empty:
            del self._seats[min(empty)[1]]

    def tick(self, now: float) -> None:
        """Tell who is away, take out who is not there any more, forget who does not come back."""
        for seat in list(self._seats.values()):
            if seat.broke_at is None:
                continue
            away = now - seat.broke_at
            participant = self._room.participants.get(seat.participant)
            if participant is not None:
                if away >= SEAT_SECONDS or (away >= GHOST_SECONDS and _is_silent(participant, now)):
                    self._room.leave(participant, LeaveReason.DISCONNECTED, now)
                elif away >= AWAY_SECONDS and not participant.away:
                    participant.away = True
                    self._room.tell(ParticipantUpdated(participant), but=participant)
            if away >= SEAT_SECONDS:
                self._seats.pop(seat.participant, None)


def _is_silent(participant: Participant, now: float) -> bool:
    transport = participant.transport
    if transport is None or not transport.connected:
        return True
    return now - transport.heard_at >= SILENT_SECONDS


def _unheard(event: Event) -> None:
    """Nobody listens: whoever comes back is told how everything is then."""
