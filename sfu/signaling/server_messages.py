"""What the server says to a client, over the WebSocket."""

from __future__ import annotations

from sfu.congestion.load import LoadState
from sfu.media.source import Kind, Source
from sfu.room.role import Role
from sfu.signaling.values import Message, Reaction, Value


class Track(Value, frozen=True, kw_only=True):
    """One published source of a participant."""

    id: str
    kind: Kind
    source: Source
    muted: bool


class Participant(Value, frozen=True, kw_only=True):
    """One joined client as the others see it.

    ``hand`` is 0, or the number of its raised hand: who raised theirs earlier has a smaller one.
    ``away`` while its client has not been heard of for some seconds: its media may go on.
    ``identity`` and ``metadata`` are those of its token.
    """

    id: str
    name: str
    tracks: list[Track]
    role: Role
    hand: int
    away: bool
    identity: str = ""
    metadata: str = ""


class May(Value, frozen=True, kw_only=True):
    """What the client may do: which sources it may publish, whether it may see and hear the others,
    and whether it may write and send files.
    """

    publish: list[Source]
    subscribe: bool
    data: bool


class Silenced(Value, frozen=True, kw_only=True):
    """A source that the host ``by`` switched off."""

    source: Source
    by: str


class IceServer(Value, frozen=True, kw_only=True):
    """A TURN or STUN server in the shape ``RTCPeerConnection`` takes."""

    urls: list[str]
    username: str = ""
    credential: str = ""


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


class Slot(Value, frozen=True, kw_only=True):
    """Who is in a slot: ``audio`` and ``video`` are its m-lines, ``participant`` may be nobody.

    ``source`` is ``camera`` (with the microphone in the audio m-line) or ``screen`` (with the
    screen's audio).
    """

    slot: int
    audio: str
    video: str
    participant: str | None
    source: Source


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


class Knock(Value, frozen=True, kw_only=True):
    """Somebody who waits to be let in, by an id that is good for ``admit`` and ``deny`` only."""

    id: str
    name: str


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


class Speaker(Value, frozen=True, kw_only=True):
    """Somebody who speaks; ``level`` is 0 (silence) to 1 (loudest)."""

    participant: str
    level: float


class Speakers(Message, frozen=True, kw_only=True, tag="speakers"):
    """Everybody who speaks now, loudest first; empty when all are silent."""

    speakers: list[Speaker]


class Layers(Message, frozen=True, kw_only=True, tag="layers"):
    """Which encodings of ``source`` anybody watches, by ``rid``: the client pauses the others.

    Sent to clients that offered simulcast for ``source``; empty when nobody watches it.
    """

    source: Source
    wanted: list[str]


class TrackQuality(Value, frozen=True, kw_only=True):
    """How well one track gets through, from 5 (as wanted) to 1 (bad); 0 when it is paused.

    ``reason`` says whose side keeps it from being better: ``downlink`` (the client's own way from
    the server), ``uplink`` (the publisher's way to the server), ``server``; empty for nobody's.
    ``height`` is what is sent of a video in pixels, 0 when that is not known.
    """

    participant: str
    source: Source
    score: int
    reason: str
    paused: bool
    height: int


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
