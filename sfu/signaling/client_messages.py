"""What a client says to the server, over the WebSocket."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from sfu.media.source import Source
from sfu.sdp.parser import MAX_CHARACTERS
from sfu.signaling.values import Message, Mid, Name, ParticipantId, Reaction, RoomId, Value

MAX_TRACKS_PER_OFFER = 8
# As many tracks as a full room of 1,000 publishes with cameras, each wish in under 80 bytes.
MAX_WISHES = 1000
# As many as the setting ``lobby_capacity`` allows.
MAX_KNOCKS = 200


class OfferedTrack(Value, frozen=True, kw_only=True):
    """Says which source the client sends in the m-line ``mid`` of its offer."""

    mid: Mid
    source: Source
    muted: bool = False


class Join(Message, frozen=True, kw_only=True, tag="join"):
    """The first message: enter a room under a display name.

    ``token`` proves who may do what: one that came with the room makes its holder a host, a signed
    one says everything, the name included.
    ``resume`` is that of the last ``joined``, to come back after the connection broke; without
    ``media`` the peer connection of before is lost too, and a new one follows.
    """

    room: RoomId
    name: Name = ""
    token: Annotated[str, Meta(max_length=4096)] = ""
    resume: Annotated[str, Meta(max_length=64)] = ""
    media: bool = True


class Refresh(Message, frozen=True, kw_only=True, tag="refresh"):
    """Show a new token: what it allows, and nothing else, is allowed from now on."""

    token: Annotated[str, Meta(min_length=1, max_length=4096)]


class Offer(Message, frozen=True, kw_only=True, tag="offer"):
    """The client's session description; ``tracks`` names every source it sends.

    M-lines of kind audio and video that the client only receives are slots: the first such audio
    m-line and the first such video m-line are slot 0, the second ones slot 1, and so on.
    """

    sdp: Annotated[str, Meta(max_length=MAX_CHARACTERS)]
    tracks: Annotated[list[OfferedTrack], Meta(max_length=MAX_TRACKS_PER_OFFER)]


class Wish(Value, frozen=True, kw_only=True):
    """How the client shows the video track ``id``.

    ``height`` is that of its tile in device pixels, 0 when it is not on screen. A larger
    ``priority`` gets bandwidth before a smaller one, ``pinned`` before all.
    """

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    height: Annotated[int, Meta(ge=0, le=8640)]
    priority: Annotated[int, Meta(ge=0, le=100)] = 0
    pinned: bool = False


class Subscribe(Message, frozen=True, kw_only=True, tag="subscribe"):
    """What the client shows of the others' videos, all of it; replaces the one before.

    A track it does not mention is shown as large as it comes, as for a client that never says
    anything. A track that is not on screen is not sent, and whoever is not on screen gives their
    slot to others first.
    """

    tracks: Annotated[list[Wish], Meta(max_length=MAX_WISHES)]


class Mute(Message, frozen=True, kw_only=True, tag="mute"):
    """The client stopped (or resumed) sending what it captures from ``source``."""

    source: Source
    muted: bool


class Hand(Message, frozen=True, kw_only=True, tag="hand"):
    """Raise one's hand, or take it down."""

    raised: bool


class React(Message, frozen=True, kw_only=True, tag="react"):
    """Show everybody a reaction for a moment."""

    reaction: Reaction


class MuteOther(Message, frozen=True, kw_only=True, tag="mute-other"):
    """A host switches off what somebody sends; only they can switch it on again."""

    participant: ParticipantId
    source: Source


class Remove(Message, frozen=True, kw_only=True, tag="remove"):
    """A host sends somebody out of the room."""

    participant: ParticipantId


class Lock(Message, frozen=True, kw_only=True, tag="lock"):
    """A host lets nobody else in, or everybody again."""

    locked: bool


class Lobby(Message, frozen=True, kw_only=True, tag="lobby"):
    """A host has who comes wait to be let in, or not; switched off, all who wait come in."""

    on: bool


class Admit(Message, frozen=True, kw_only=True, tag="admit"):
    """A host lets these of those who wait in, by the ids of ``knocks``."""

    ids: Annotated[list[ParticipantId], Meta(min_length=1, max_length=MAX_KNOCKS)]


class Deny(Message, frozen=True, kw_only=True, tag="deny"):
    """A host sends these of those who wait away."""

    ids: Annotated[list[ParticipantId], Meta(min_length=1, max_length=MAX_KNOCKS)]


class End(Message, frozen=True, kw_only=True, tag="end"):
    """A host ends the call for everybody."""


class Candidate(Message, frozen=True, kw_only=True, tag="candidate"):
    """A trickled ICE candidate: accepted and ignored, an ICE-lite server needs none."""

    candidate: Annotated[str, Meta(max_length=1024)] = ""


class Leave(Message, frozen=True, kw_only=True, tag="leave"):
    """The client leaves; the server answers ``closed`` with code ``left``."""


ClientMessage = (
    Join
    | Refresh
    | Offer
    | Subscribe
    | Mute
    | Hand
    | React
    | MuteOther
    | Remove
    | Lock
    | Lobby
    | Admit
    | Deny
    | End
    | Candidate
    | Leave
)
