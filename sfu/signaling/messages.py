"""Every message of the signaling protocol as one typed, validated value (JSON over a WebSocket)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from sfu.errors import ProtocolError
from sfu.media.source import Kind, Source
from sfu.sdp.parser import MAX_CHARACTERS

# Nothing a client says is larger than an offer, whose text grows a little as JSON.
MAX_MESSAGE_BYTES = 80 * 1024
MAX_TRACKS_PER_OFFER = 8
MAX_NAME_CHARACTERS = 64
# As many tracks as a full room of 1,000 publishes with cameras, each wish in under 80 bytes.
MAX_WISHES = 1000

RoomId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS, description="Plain text, never markup.")]
Mid = Annotated[str, Meta(min_length=1, max_length=16)]


class _Message(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=False):
    """Common options: the ``type`` field tells messages apart; unknown fields are ignored."""


class _Value(Struct, frozen=True, kw_only=True):
    """A part of a message."""


# --- client to server -------------------------------------------------------------------------


class OfferedTrack(_Value, frozen=True, kw_only=True):
    """Says which source the client sends in the m-line ``mid`` of its offer."""

    mid: Mid
    source: Source
    muted: bool = False


class Join(_Message, frozen=True, kw_only=True, tag="join"):
    """The first message: enter a room under a display name."""

    room: RoomId
    name: Name = ""


class Offer(_Message, frozen=True, kw_only=True, tag="offer"):
    """The client's session description; ``tracks`` names every source it sends.

    M-lines of kind audio and video that the client only receives are slots: the first such audio
    m-line and the first such video m-line are slot 0, the second ones slot 1, and so on.
    """

    sdp: Annotated[str, Meta(max_length=MAX_CHARACTERS)]
    tracks: Annotated[list[OfferedTrack], Meta(max_length=MAX_TRACKS_PER_OFFER)]


class Wish(_Value, frozen=True, kw_only=True):
    """How the client shows the video track ``id``.

    ``height`` is that of its tile in device pixels, 0 when it is not on screen. A larger
    ``priority`` gets bandwidth before a smaller one, ``pinned`` before all.
    """

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    height: Annotated[int, Meta(ge=0, le=8640)]
    priority: Annotated[int, Meta(ge=0, le=100)] = 0
    pinned: bool = False


class Subscribe(_Message, frozen=True, kw_only=True, tag="subscribe"):
    """What the client shows of the others' videos, all of it; replaces the one before.

    A track it does not mention is shown as large as it comes, as for a client that never says
    anything. A track that is not on screen is not sent, and whoever is not on screen gives their
    slot to others first.
    """

    tracks: Annotated[list[Wish], Meta(max_length=MAX_WISHES)]


class Mute(_Message, frozen=True, kw_only=True, tag="mute"):
    """The client stopped (or resumed) sending what it captures from ``source``."""

    source: Source
    muted: bool


class Candidate(_Message, frozen=True, kw_only=True, tag="candidate"):
    """A trickled ICE candidate: accepted and ignored, an ICE-lite server needs none."""

    candidate: Annotated[str, Meta(max_length=1024)] = ""


class Leave(_Message, frozen=True, kw_only=True, tag="leave"):
    """The client leaves; the server answers ``closed`` with code ``left``."""


ClientMessage = Join | Offer | Subscribe | Mute | Candidate | Leave


# --- server to client -------------------------------------------------------------------------


class Track(_Value, frozen=True, kw_only=True):
    """One published source of a participant."""

    id: str
    kind: Kind
    source: Source
    muted: bool


class Participant(_Value, frozen=True, kw_only=True):
    """One joined client as the others see it."""

    id: str
    name: str
    tracks: list[Track]


class IceServer(_Value, frozen=True, kw_only=True):
    """A TURN or STUN server in the shape ``RTCPeerConnection`` takes."""

    urls: list[str]
    username: str = ""
    credential: str = ""


class Joined(_Message, frozen=True, kw_only=True, tag="joined"):
    """The answer to ``join``: who is here, and how many slots the first offer should have."""

    you: str
    room: str
    capacity: int
    participants: list[Participant]
    slots: int
    iceServers: list[IceServer]  # noqa: N815 - the name RTCConfiguration gives it


class Answer(_Message, frozen=True, kw_only=True, tag="answer"):
    """The server's session description for the client's latest offer."""

    sdp: str


class NeedSlots(_Message, frozen=True, kw_only=True, tag="need-slots"):
    """The client should add slots until it has ``count`` of them in total, and offer again."""

    count: int


class Slot(_Value, frozen=True, kw_only=True):
    """Who is in a slot: ``audio`` and ``video`` are its m-lines, ``participant`` may be nobody.

    ``source`` is ``camera`` (with the microphone in the audio m-line) or ``screen`` (with the
    screen's audio).
    """

    slot: int
    audio: str
    video: str
    participant: str | None
    source: Source


class Slots(_Message, frozen=True, kw_only=True, tag="slots"):
    """The whole mapping of slots to participants, sent whenever it changes."""

    slots: list[Slot]


class ParticipantJoined(_Message, frozen=True, kw_only=True, tag="participant-joined"):
    """Somebody entered the room."""

    participant: Participant


class ParticipantLeft(_Message, frozen=True, kw_only=True, tag="participant-left"):
    """Somebody left the room; ``reason`` is ``left``, ``disconnected`` or ``media-lost``."""

    participant: str
    reason: str


class TrackPublished(_Message, frozen=True, kw_only=True, tag="track-published"):
    """A participant began to send a source."""

    participant: str
    track: Track


class TrackUpdated(_Message, frozen=True, kw_only=True, tag="track-updated"):
    """A participant muted or unmuted a source."""

    participant: str
    track: Track


class TrackUnpublished(_Message, frozen=True, kw_only=True, tag="track-unpublished"):
    """A participant stopped sending a source."""

    participant: str
    track: str


class Speaker(_Value, frozen=True, kw_only=True):
    """Somebody who speaks; ``level`` is 0 (silence) to 1 (loudest)."""

    participant: str
    level: float


class Speakers(_Message, frozen=True, kw_only=True, tag="speakers"):
    """Everybody who speaks now, loudest first; empty when all are silent."""

    speakers: list[Speaker]


class Layers(_Message, frozen=True, kw_only=True, tag="layers"):
    """Which encodings of ``source`` anybody watches, by ``rid``: the client pauses the others.

    Sent to clients that offered simulcast for ``source``; empty when nobody watches it.
    """

    source: Source
    wanted: list[str]


class TrackQuality(_Value, frozen=True, kw_only=True):
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


class Quality(_Message, frozen=True, kw_only=True, tag="quality"):
    """The tracks whose quality changed. The client's own are about its way to the server."""

    tracks: list[TrackQuality]


class Error(_Message, frozen=True, kw_only=True, tag="error"):
    """Something the client said was refused; after a ``fatal`` one the server hangs up."""

    code: str
    message: str
    fatal: bool


class Closed(_Message, frozen=True, kw_only=True, tag="closed"):
    """The last message of a session; ``code`` says why the server hangs up."""

    code: str
    message: str


ServerMessage = (
    Joined
    | Answer
    | NeedSlots
    | Slots
    | ParticipantJoined
    | ParticipantLeft
    | TrackPublished
    | TrackUpdated
    | TrackUnpublished
    | Speakers
    | Layers
    | Quality
    | Error
    | Closed
)

_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_encoder = msgspec.json.Encoder()


def decode(text: str | bytes) -> ClientMessage:
    """The client message in ``text``.

    Raises ``ProtocolError`` with code ``message-too-large`` or ``bad-message``; its text says
    which field is wrong.
    """
    if len(text) > MAX_MESSAGE_BYTES:
        raise ProtocolError(
            "message-too-large", f"A message may have at most {MAX_MESSAGE_BYTES} bytes."
        )
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError("bad-message", f"Not a message of the protocol: {error}") from None


def encode(message: ServerMessage) -> bytes:
    """The JSON text of ``message``, in UTF-8."""
    return _encoder.encode(message)
