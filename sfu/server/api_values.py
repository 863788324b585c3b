"""What the HTTP API takes and answers, as values that its description is made from."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from sfu.errors import Refused
from sfu.media.source import Kind, Source
from sfu.room.options import MAX_NUMBER
from sfu.room.role import Role
from sfu.server.drain import MAX_SECONDS
from sfu.server.events import Event

# What a page can be told at once; the outbox of a client holds 256 of them.
MAX_DATA_CHARACTERS = 8192
MAX_RECIPIENTS = 200
# A number of JSON holds this and its neighbours exactly.
MAX_POSITION = 2**52


class Denied(Refused):
    """A request that the API does not grant; its codes are in docs/api.md."""


class Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request asks for; a field nobody knows is a mistake."""


class RoomWish(Wish, frozen=True, kw_only=True):
    """What a new room is for; it is in its id. 0 is no limit beyond the server's own.

    Whole numbers may be written as JSON has them, 3 or 3.0.
    """

    maxParticipants: Annotated[  # noqa: N815
        float,
        Meta(ge=0, le=MAX_NUMBER, multiple_of=1, description="At most the setting room_capacity."),
    ] = 0
    maxVideos: Annotated[  # noqa: N815
        float,
        Meta(
            ge=0,
            le=MAX_NUMBER,
            multiple_of=1,
            description="Videos that each participant is sent at once, the most important ones.",
        ),
    ] = 0
    noScreen: Annotated[bool, Meta(description="Nobody may share a screen.")] = False  # noqa: N815
    audioOnly: Annotated[bool, Meta(description="Only microphones.")] = False  # noqa: N815
    lobby: Annotated[bool, Meta(description="Hosts let people in one by one.")] = False


class NewRoom(Struct, frozen=True, kw_only=True):
    """A room that can be joined; ``token`` makes whoever shows it a host."""

    room: str
    url: Annotated[str, Meta(description="The page of the call, on this server.")]
    token: str


class TrackView(Struct, frozen=True, kw_only=True):
    """A published track."""

    id: str
    kind: Kind
    source: Source
    muted: bool


class ParticipantView(Struct, frozen=True, kw_only=True):
    """Somebody in a room; ``hand`` is 0 or the place among the raised hands."""

    id: str
    name: str
    role: Role
    hand: int
    away: bool
    connected: Annotated[bool, Meta(description="Whether media can flow.")]
    tracks: list[TrackView]


class RoomView(Struct, frozen=True, kw_only=True):
    """An open room: somebody is in it."""

    room: str
    locked: bool
    participants: list[ParticipantView]


class RoomSummary(Struct, frozen=True, kw_only=True):
    """An open room in the list of all."""

    room: str
    locked: bool
    participants: int


class RoomList(Struct, frozen=True, kw_only=True):
    """Every open room."""

    rooms: list[RoomSummary]


class MuteWish(Wish, frozen=True, kw_only=True):
    """Which source of a participant to switch off; only its owner switches it on again."""

    source: Source


class DataWish(Wish, frozen=True, kw_only=True):
    """What to tell the pages of ``participants``, or of everybody in the room without it."""

    topic: Annotated[str, Meta(max_length=64)] = ""
    data: Annotated[str, Meta(max_length=MAX_DATA_CHARACTERS)]
    participants: (
        Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=MAX_RECIPIENTS)] | None
    ) = None


class DataResult(Struct, frozen=True, kw_only=True):
    """How many clients it was sent to."""

    sent: int


class Stats(Struct, frozen=True, kw_only=True):
    """The routing table of a room or a participant now; its fields are in operations.md."""

    time: Annotated[str, Meta(description="RFC 3339, in UTC.")]
    stats: dict[str, Any]


class DrainWish(Wish, frozen=True, kw_only=True):
    """How long calls may go on; null means the setting ``drain_seconds``."""

    seconds: Annotated[float, Meta(ge=0, le=MAX_SECONDS)] | None = None


class DrainView(Struct, frozen=True, kw_only=True):
    """Whether the server lets nobody new in, and when (seconds since 1970) it stops at the latest.

    ``participants`` are still here.
    """

    draining: bool
    deadline: float | None
    participants: int


class EventList(Struct, frozen=True, kw_only=True):
    """Events in order; ``first`` is the position of the oldest one that is remembered."""

    server: str
    first: int
    last: int
    events: list[Event]


class ReplayWish(Wish, frozen=True, kw_only=True):
    """Which remembered events to post to the webhooks again: those after a position."""

    after: Annotated[float, Meta(ge=0, le=MAX_POSITION)] = 0
    room: Annotated[str, Meta(max_length=64)] = ""


class ReplayResult(Struct, frozen=True, kw_only=True):
    """How many events are posted again, with the ids they had."""

    events: int


class Problem(Struct, frozen=True, kw_only=True):
    """What was wrong: ``code`` for programs, ``message`` for developers."""

    code: str
    message: str


class Failure(Struct, frozen=True, kw_only=True):
    """The answer to every request that was not granted."""

    error: Problem
