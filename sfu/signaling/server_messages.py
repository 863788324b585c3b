"""What the server says to a client, over the WebSocket."""

from __future__ import annotations

from sfu.congestion.load import LoadState
from sfu.media.source import Source
from sfu.room.role import Role
from sfu.signaling.values import (
    IceServer,
    Knock,
    May,
    Message,
    Participant,
    Reaction,
    Silenced,
    Slot,
    Speaker,
    Track,
    TrackQuality,
)


class Joined(Message, frozen=True, kw_only=True, tag="joined"):
    """The answer to ``join``: who is here, and how many slots the first offer should have.

    ``resume`` leads back after an outage, once. With ``resumed`` the peer connection goes on, and
    nobody noticed; ``silenced`` are the client's own sources that hosts switched off. ``name`` is
    what the others read.
    """

    you: str
    room: str
    capacity: int
    participants: list[Participant]
    role: Role
    hand: int
    name: str
    may: May
    locked: bool
    lobby: bool
    silenced: list[Silenced]
    resume: str
    resumed: bool
    slots: int
    iceServers: list[IceServer]  # noqa: N815 - the name RTCConfiguration gives it


class Permissions(Message, frozen=True, kw_only=True, tag="permissions"):
    """What the client may do from now on; what it may not publish any more has ended here."""

    role: Role
    may: May


class Answer(Message, frozen=True, kw_only=True, tag="answer"):
    """The server's session description for the client's latest offer."""

    sdp: str


class NeedSlots(Message, frozen=True, kw_only=True, tag="need-slots"):
    """The client should add slots until it has ``count`` of them in total, and offer again."""

    count: int


class Slots(Message, frozen=True, kw_only=True, tag="slots"):
    """The whole mapping of slots to participants, sent whenever it changes."""

    slots: list[Slot]


class ParticipantJoined(Message, frozen=True, kw_only=True, tag="participant-joined"):
    """Somebody entered the room."""

    participant: Participant


class ParticipantLeft(Message, frozen=True, kw_only=True, tag="participant-left"):
    """Somebody left the room; ``reason`` is ``left``, ``disconnected`` or ``media-lost``."""

    participant: str
    reason: str


class ParticipantUpdated(Message, frozen=True, kw_only=True, tag="participant-updated"):
    """Somebody raised a hand, has another role, went away or came back; it may be you."""

    participant: Participant


class RoomUpdated(Message, frozen=True, kw_only=True, tag="room-updated"):
    """A host locked or opened the room, or switched its lobby on or off."""

    locked: bool
    lobby: bool


class Waiting(Message, frozen=True, kw_only=True, tag="waiting"):
    """The answer to ``join`` where one has to be let in: ``joined`` follows, or ``closed``.

    It comes again when ``hosted`` changes: whether somebody is there who may let you in.
    """

    hosted: bool


class Knocks(Message, frozen=True, kw_only=True, tag="knocks"):
    """For hosts: everybody who waits, in the order of their coming, whenever that has changed."""

    waiting: list[Knock]


class Reacted(Message, frozen=True, kw_only=True, tag="reacted"):
    """Somebody shows a reaction; it may be you."""

    participant: str
    reaction: Reaction


class Muted(Message, frozen=True, kw_only=True, tag="muted"):
    """The host ``by`` switched off your ``source``: send ``mute`` to switch it on again."""

    source: Source
    by: str


class TrackPublished(Message, frozen=True, kw_only=True, tag="track-published"):
    """A participant began to send a source."""

    participant: str
    track: Track


class TrackUpdated(Message, frozen=True, kw_only=True, tag="track-updated"):
    """A participant muted or unmuted a source."""

    participant: str
    track: Track


class TrackUnpublished(Message, frozen=True, kw_only=True, tag="track-unpublished"):
    """A participant stopped sending a source."""

    participant: str
    track: str


class Speakers(Message, frozen=True, kw_only=True, tag="speakers"):
    """Everybody who speaks now, loudest first; empty when all are silent."""

    speakers: list[Speaker]


class Layers(Message, frozen=True, kw_only=True, tag="layers"):
    """Which encodings of ``source`` anybody watches, by ``rid``: the client pauses the others.

    Sent to clients that offered simulcast for ``source``; empty when nobody watches it.
    """

    source: Source
    wanted: list[str]


class Quality(Message, frozen=True, kw_only=True, tag="quality"):
    """The tracks whose quality changed. The client's own are about its way to the server."""

    tracks: list[TrackQuality]


class Error(Message, frozen=True, kw_only=True, tag="error"):
    """Something the client said was refused; after a ``fatal`` one the server hangs up.

    ``retryAfter`` is in how many seconds the same may be granted, 0 where nobody knows.
    """

    code: str
    message: str
    fatal: bool
    retryAfter: int = 0  # noqa: N815


class Data(Message, frozen=True, kw_only=True, tag="data"):
    """Whatever the application that runs these calls tells its pages, by the server's HTTP API."""

    topic: str
    data: str


class Draining(Message, frozen=True, kw_only=True, tag="draining"):
    """The server will end the call at ``deadline``, in seconds since 1970; null: not after all."""

    deadline: float | None


class Load(Message, frozen=True, kw_only=True, tag="load"):
    """How much the server has to do: from ``busy`` on pictures are smaller, from ``strained`` on
    few are sent, when ``full`` nobody new gets in. Sound is whole. Sent when it changes, and after
    ``joined`` unless it is ``normal``.
    """

    state: LoadState


class Closed(Message, frozen=True, kw_only=True, tag="closed"):
    """The last message of a session; ``code`` says why the server hangs up."""

    code: str
    message: str


ServerMessage = (
    Joined
    | Permissions
    | Answer
    | NeedSlots
    | Slots
    | ParticipantJoined
    | ParticipantLeft
    | ParticipantUpdated
    | RoomUpdated
    | Waiting
    | Knocks
    | Reacted
    | Muted
    | TrackPublished
    | TrackUpdated
    | TrackUnpublished
    | Speakers
    | Layers
    | Quality
    | Error
    | Data
    | Draining
    | Load
    | Closed
)
