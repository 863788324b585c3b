"""What happened in the rooms, numbered and remembered for a while, for the API and webhooks."""

from __future__ import annotations

import asyncio
import datetime
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Annotated

from msgspec import Meta, Struct

# The transitions that are told to others; everything else is for the log alone.
TYPES = (
    "room-opened",
    "room-closed",
    "room-locked",
    "room-unlocked",
    "room-ended",
    "participant-joined",
    "participant-left",
    "participant-away",
    "participant-resumed",
    "participant-muted",
    "participant-removed",
    "transport-connected",
    "transport-closed",
)
# Two hours of a busy server, in some megabytes: what a receiver that was down can ask for again.
MAX_EVENTS = 10_000
# Rooms whose numbers go on when they open again; the one opened longest ago is forgotten first.
MAX_ROOMS = 10_000


class Event(Struct, frozen=True, kw_only=True):
    """One transition. ``position`` counts all events of this server, ``number`` those of the room.

    Both rise by one and begin at 1 in each process, which ``server`` tells apart.
    """

    id: Annotated[str, Meta(description="Unique, the same each time it is delivered.")]
    type: str
    server: str
    position: int
    room: str
    number: int
    time: Annotated[str, Meta(description="RFC 3339, in UTC.")]
    participant: str = ""
    reason: str = ""
    source: str = ""
    by: str = ""


class EventLog:
    """The latest events of all rooms, in order; ``added`` listeners hear each new one."""

    def __init__(
        self, *, wall_clock: Callable[[], float] = time.time, max_events: int = MAX_EVENTS
    ) -> None:
        self.server = secrets.token_hex(6)
        self.position = 0
        self.listeners: list[Callable[[Event], None]] = []
        self._wall_clock = wall_clock
        self._events: deque[Event] = deque(maxlen=max_events)
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._news = asyncio.Event()

    def take(self, type: str, fields: dict[str, object]) -> None:
        """Remember a transition that the rooms tell, if it is one that others may know."""
        if type not in TYPES:
            return
        room = str(fields.get("room", ""))
        self.position += 1
        event = Event(
            id=f"msg_{self.server}_{self.position}",
            type=type,
            server=self.server,
            position=self.position,
            room=room,
            number=self._next_number(room),
            time=rfc3339(self._wall_clock()),
            participant=str(fields.get("participant", "")),
            reason=str(fields.get("reason", "")),
            source=str(fields.get("source", "")),
            by=str(fields.get("by", "")),
        )
        self._events.append(event)
        for listener in self.listeners:
            listener(event)
        self._news.set()
        self._news = asyncio.Event()

    def after(self, position: int, room: str = "", limit: int = MAX_EVENTS) -> list[Event]:
        """The remembered events after ``position``, of one room or of all, the oldest first."""
        found = self._since(position)
        return [event for event in found if not room or event.room == room][:limit]

    def first(self) -> int:
        """The position of the oldest event that is remembered; 0 when there is none."""
        return self._events[0].position if self._events else 0

    @property
    def news(self) -> asyncio.Event:
        """Is set at the next event; there is a new one for each."""
        return self._news

    def _since(self, position: int) -> Iterable[Event]:
        # Positions have no gaps: how many are newer says how many to look at.
        newer = min(max(0, self.position - position), len(self._events))
        newest = [event for event, _ in zip(reversed(self._events), range(newer), strict=False)]
        return reversed(newest)

    def _next_number(self, room: str) -> int:
        number = self._numbers.get(room, 0) + 1
        self._numbers[room] = number
        if number == 1 and len(self._numbers) > MAX_ROOMS:
            self._numbers.popitem(last=False)
        return number


def rfc3339(seconds: float) -> str:
    """Seconds since 1970 as text, in UTC and to the millisecond."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
