"""What the messages of the protocol are made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from sfu.media.source import Kind, Source
from sfu.room.permissions import MAX_NAME_CHARACTERS
from sfu.room.role import Role

RoomId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS, description="Plain text, never markup.")]
Mid = Annotated[str, Meta(min_length=1, max_length=16)]
ParticipantId = Annotated[str, Meta(min_length=1, max_length=64)]


class Message(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=False):
    """Common options: the ``type`` field tells messages apart; unknown fields are ignored."""


class Value(Struct, frozen=True, kw_only=True):
    """A part of a message."""


class Reaction(StrEnum):
    """What somebody shows for a moment; the client draws it, and says it in its language."""

    THUMBS_UP = "thumbs-up"
    HEART = "heart"
    LAUGH = "laugh"
    WOW = "wow"
    CLAP = "clap"
    PARTY = "party"


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


class Knock(Value, frozen=True, kw_only=True):
    """Somebody who waits to be let in, by an id that is good for ``admit`` and ``deny`` only."""

    id: str
    name: str


class Speaker(Value, frozen=True, kw_only=True):
    """Somebody who speaks; ``level`` is 0 (silence) to 1 (loudest)."""

    participant: str
    level: float


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
