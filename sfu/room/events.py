"""What happens in a room, as values that each session turns into messages for its client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfu.congestion.load import LoadState
    from sfu.media.published_track import PublishedTrack
    from sfu.media.quality import TrackQuality
    from sfu.media.slots import Slot
    from sfu.media.source import Source
    from sfu.room.participant import Participant
    from sfu.room.permissions import Permissions
    from sfu.room.room import Room


@dataclass(frozen=True)
class ParticipantJoined:
    """Somebody else entered."""

    participant: Participant


@dataclass(frozen=True)
class ParticipantLeft:
    """Somebody else is gone; ``reason`` is one of ``sfu.room.participant.LeaveReason``."""

    participant: str
    reason: str


@dataclass(frozen=True)
class ParticipantUpdated:
    """Somebody raised a hand, took it down, has another role, went away or came back.

    It may be this participant.
    """

    participant: Participant


@dataclass(frozen=True)
class RoomUpdated:
    """The room was locked or opened, or who comes has to wait (or not) from now on."""

    locked: bool
    lobby: bool


@dataclass(frozen=True)
class Waits:
    """This client is not in the room yet; ``hosted`` when somebody is there who may let it in."""

    hosted: bool


@dataclass(frozen=True)
class Admitted:
    """This client, which waited, is ``participant`` of ``room`` now."""

    room: Room
    participant: Participant


@dataclass(frozen=True)
class Knocked:
    """Who waits to be let in, for hosts: ids and names, in the order of their coming."""

    waiting: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reacted:
    """Somebody shows a reaction; it may be this participant."""

    participant: str
    reaction: str


@dataclass(frozen=True)
class Muted:
    """The host ``by`` (empty: the operator) switched off this participant's own ``source``."""

    source: Source
    by: str


@dataclass(frozen=True)
class PermissionsChanged:
    """This participant may do something else than before."""

    permissions: Permissions


@dataclass(frozen=True)
class TrackPublished:
    """Somebody else sends a new source."""

    track: PublishedTrack


@dataclass(frozen=True)
class TrackUpdated:
    """Somebody else muted or unmuted a source."""

    track: PublishedTrack


@dataclass(frozen=True)
class TrackUnpublished:
    """Somebody else stopped sending a source."""

    participant: str
    track: str


@dataclass(frozen=True)
class Answered:
    """The answer to this participant's latest offer."""

    sdp: str


@dataclass(frozen=True)
class SlotsChanged:
    """The slots of this participant show somebody else than before."""

    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class SlotsNeeded:
    """There are more people to show than slots; ``count`` slots in total would do."""

    count: int


@dataclass(frozen=True)
class SpeakersChanged:
    """Who speaks: participant ids with a loudness of 0 to 1, loudest first."""

    speakers: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class LayersWanted:
    """Which encodings of this participant's own ``source`` anybody watches, by rid."""

    source: Source
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class QualityChanged:
    """Tracks that get through better or worse than before."""

    tracks: tuple[TrackQuality, ...]


@dataclass(frozen=True)
class DataSent:
    """The application that runs these calls has something to say to the page of this client."""

    topic: str
    data: str


@dataclass(frozen=True)
class Draining:
    """The server ends this call at ``deadline`` (seconds since 1970), or (None) not after all."""

    deadline: float | None


@dataclass(frozen=True)
class LoadChanged:
    """The server has more or less to do than it can: what everybody gets follows."""

    state: LoadState


@dataclass(frozen=True)
class Dismissed:
    """This participant was taken out of the room by the server."""

    code: str
    message: str


Event = (
    ParticipantJoined
    | ParticipantLeft
    | ParticipantUpdated
    | RoomUpdated
    | Waits
    | Admitted
    | Knocked
    | Reacted
    | Muted
    | PermissionsChanged
    | TrackPublished
    | TrackUpdated
    | TrackUnpublished
    | Answered
    | SlotsChanged
    | SlotsNeeded
    | SpeakersChanged
    | LayersWanted
    | QualityChanged
    | DataSent
    | Draining
    | LoadChanged
    | Dismissed
)
