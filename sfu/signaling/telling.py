"""The room's events in the words of the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.source import Source
from sfu.room import events
from sfu.signaling import server_messages as server
from sfu.signaling import values

if TYPE_CHECKING:
    from sfu.media.published_track import PublishedTrack
    from sfu.media.quality import TrackQuality
    from sfu.media.slots import Slot
    from sfu.room.participant import Participant
    from sfu.room.permissions import Permissions

# All but those that change the session itself.
Told = (
    events.Answered
    | events.SlotsChanged
    | events.SlotsNeeded
    | events.ParticipantJoined
    | events.ParticipantLeft
    | events.ParticipantUpdated
    | events.RoomUpdated
    | events.Waits
    | events.Knocked
    | events.Reacted
    | events.Muted
    | events.PermissionsChanged
    | events.TrackPublished
    | events.TrackUpdated
    | events.TrackUnpublished
    | events.SpeakersChanged
    | events.LayersWanted
    | events.QualityChanged
    | events.DataSent
    | events.Draining
    | events.LoadChanged
)


def message_of(event: Told) -> server.ServerMessage:
    """What a client is told of ``event``."""
    match event:
        case events.Answered(sdp):
            return server.Answer(sdp=sdp)
        case events.SlotsChanged(slots):
            return server.Slots(slots=[_slot(n, slot) for n, slot in enumerate(slots)])
        case events.SlotsNeeded(count):
            return server.NeedSlots(count=count)
        case events.ParticipantJoined(participant):
            return server.ParticipantJoined(participant=participant_value(participant))
        case events.ParticipantLeft(participant_id, reason):
            return server.ParticipantLeft(participant=participant_id, reason=reason)
        case events.ParticipantUpdated(participant):
            return server.ParticipantUpdated(participant=participant_value(participant))
        case events.RoomUpdated(locked, lobby):
            return server.RoomUpdated(locked=locked, lobby=lobby)
        case events.Waits(hosted):
            return server.Waiting(hosted=hosted)
        case events.Knocked(waiting):
            knocks = [values.Knock(id=id, name=name) for id, name in waiting]
            return server.Knocks(waiting=knocks)
        case events.Reacted(participant_id, reaction):
            return server.Reacted(participant=participant_id, reaction=values.Reaction(reaction))
        case events.Muted(source, by):
            return server.Muted(source=source, by=by)
        case events.PermissionsChanged(granted):
            return server.Permissions(role=granted.role, may=may_value(granted))
        case events.TrackPublished(track):
            return server.TrackPublished(participant=track.participant, track=_track(track))
        case events.TrackUpdated(track):
            return server.TrackUpdated(participant=track.participant, track=_track(track))
        case events.TrackUnpublished(participant_id, track_id):
            return server.TrackUnpublished(participant=participant_id, track=track_id)
        case events.SpeakersChanged(speakers):
            return server.Speakers(
                speakers=[values.Speaker(participant=who, level=level) for who, level in speakers]
            )
        case events.LayersWanted(source, wanted):
            return server.Layers(source=source, wanted=list(wanted))
        case events.QualityChanged(tracks):
            return server.Quality(tracks=[_quality(track) for track in tracks])
        case events.DataSent(topic, data):
            return server.Data(topic=topic, data=data)
        case events.Draining(deadline):
            return server.Draining(deadline=deadline)
        case events.LoadChanged(state):
            return server.Load(state=state)


def participant_value(participant: Participant) -> values.Participant:
    """``participant`` as the others see it."""
    return values.Participant(
        id=participant.id,
        name=participant.name,
        tracks=[_track(track) for track in participant.tracks],
        role=participant.role,
        hand=participant.hand,
        away=participant.away,
        identity=participant.permissions.identity,
        metadata=participant.permissions.metadata,
    )


def may_value(permissions: Permissions) -> values.May:
    """``permissions`` as their owner is told of them."""
    return values.May(
        publish=[source for source in Source if source in permissions.sources],
        subscribe=permissions.subscribe,
        data=permissions.data,
    )


def _track(track: PublishedTrack) -> values.Track:
    return values.Track(id=track.id, kind=track.kind, source=track.source, muted=track.muted)


def _quality(quality: TrackQuality) -> values.TrackQuality:
    return values.TrackQuality(
        participant=quality.participant,
        source=quality.source,
        score=quality.score,
        reason=quality.reason,
        paused=quality.paused,
        height=quality.height,
    )


def _slot(number: int, slot: Slot) -> values.Slot:
    audio, video = slot.mids
    occupant = slot.occupant
    source = occupant.source if occupant is not None else Source.CAMERA
    return values.Slot(
        slot=number,
        audio=audio,
        video=video,
        participant=occupant.participant if occupant is not None else None,
        source=source,
    )
