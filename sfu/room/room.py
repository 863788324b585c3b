"""The participants who may see each other, and the routing between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfu.errors import Refused
from sfu.media.floor import Floor
from sfu.media.published_track import PublishedTrack
from sfu.media.slots import Occupant
from sfu.media.source import Source
from sfu.media.speakers import Speakers
from sfu.room.events import (
    Answered,
    Dismissed,
    Event,
    ParticipantJoined,
    ParticipantLeft,
    SlotsChanged,
    SlotsNeeded,
    SpeakersChanged,
    TrackPublished,
    TrackUnpublished,
    TrackUpdated,
)
from sfu.room.negotiation import Negotiation, Offered, SourceOffer
from sfu.room.participant import LeaveReason, Participant
from sfu.transport.ice_lite import IceParameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sfu.media.downlink import Wish
    from sfu.room.rooms import Rooms
    from sfu.sdp.answer import NegotiatedMedia
    from sfu.transport.transport import Transport

    Tracks = tuple[PublishedTrack | None, PublishedTrack | None]

# A few slots more than people, so that the next to join needs no negotiation with anybody.
SPARE_SLOTS = 2
MIN_SLOTS = 4

_OCCUPANTS = (
    (Source.CAMERA, Source.MICROPHONE, Source.CAMERA),
    (Source.SCREEN, Source.SCREEN_AUDIO, Source.SCREEN),
)


class Room:
    """Everything one room knows; it lives from the first join to the last leave."""

    def __init__(self, id: str, rooms: Rooms) -> None:
        self.id = id
        self.participants: dict[str, Participant] = {}
        self._rooms = rooms
        self._speakers = Speakers()
        self._floor = Floor(rooms.settings.max_audible)
        self._now = 0.0

    # --- joining and leaving ---

    def join(self, name: str, notify: Callable[[Event], None], now: float) -> Participant:
        """Enter; the others are told. Raises ``Refused`` (``room-full``)."""
        capacity = self._rooms.settings.room_capacity
        if len(self.participants) >= capacity:
            raise Refused("room-full", f"This room is full: it has {capacity} places.")
        rooms = self._rooms
        participant = Participant(
            id=rooms.new_participant_id(),
            name=name,
            negotiation=Negotiation(
                fingerprint=rooms.fingerprint,
                max_slots=rooms.settings.max_slots,
                random=rooms.random,
            ),
            egress=rooms.egress,
            counters=rooms.counters,
            rtcp_ssrc=rooms.random.randrange(1, 1 << 32),
            notify=notify,
            heard=self._heard,
            connected=self._transport_connected,
            media_lost=self._media_lost,
            failed=self._failed,
            now=now,
        )
        self._tell_others(participant, ParticipantJoined(participant))
        self.participants[participant.id] = participant
        rooms.counters.joins += 1
        rooms.observe("participant-joined", room=self.id, participant=participant.id)
        return participant

    def slots_for(self, participant: Participant) -> int:
        """How many slots the first offer of ``participant`` should have."""
        others = len(self.participants) - 1
        return min(max(MIN_SLOTS, others + SPARE_SLOTS), self._rooms.settings.max_slots)

    def leave(self, participant: Participant, reason: LeaveReason, now: float) -> None:
        """Take ``participant`` out of every table, tell the others; a second call does nothing."""
        if self.participants.pop(participant.id, None) is None:
            return
        rooms = self._rooms
        participant.subscriber.close()
        participant.publisher.set_tracks(())
        if participant.transport is not None:
            rooms.transports.remove(participant.transport)
            participant.transport.close(now)
        self._speakers.forget(participant.id)
        self._tell_others(participant, ParticipantLeft(participant.id, reason))
        self._reconcile()
        rooms.counters.leaves[reason] += 1
        rooms.observe(
            "participant-left", room=self.id, participant=participant.id, reason=str(reason)
        )
        if not self.participants:
            rooms.closed(self)

    def dismiss(self, participant: Participant, reason: LeaveReason, why: str, now: float) -> None:
        """Take ``participant`` out and tell it so."""
        self.leave(participant, reason, now)
        participant.notify(Dismissed(reason, why))

    # --- media ---

    def offer(
        self, participant: Participant, sdp: str, sources: Sequence[SourceOffer], now: float
    ) -> None:
        """Answer an offer (``Answered`` is the first event it causes) and route what it brings.

        Raises ``ProtocolError`` or ``Refused``; nothing has changed then.
        """
        participant.offer_received(now)
        offered = Offered(sdp, sources)
        transport = self._transport(participant, offered, now)
        outcome = participant.negotiation.answer(
            offered,
            ufrag=transport.local.ufrag,
            pwd=transport.local.pwd,
            candidates=self._rooms.candidates(),
        )
        if participant.transport is None:
            participant.transport = transport
            self._rooms.transports.add(transport)
        participant.remote = offered.remote
        participant.notify(Answered(outcome.sdp))
        self._publish(participant, outcome.published)
        streams = participant.slot_streams(outcome.slots, self._rooms.random)
        changed = participant.subscriber.set_slots(streams)
        self._reconcile(changed=participant if changed else None)

    def _transport(self, participant: Participant, offered: Offered, now: float) -> Transport:
        rooms, remote = self._rooms, offered.remote
        ice = IceParameters(remote.ufrag, remote.pwd)
        transport = participant.transport
        if transport is None:
            transport = rooms.make_transport(
                certificate=rooms.certificate,
                sink=participant,
                send=rooms.send,
                counters=rooms.counters,
                now=now,
            )
            fingerprints = [(print.algorithm, print.value) for print in remote.fingerprints]
            transport.set_remote(ice, fingerprints, now)
            return transport
        before = participant.remote
        if before is not None and before.fingerprints != remote.fingerprints:
            raise Refused("bad-sdp", "The offer is from another peer connection: join again.")
        if before is not None and before.ufrag != remote.ufrag:
            transport.restart_ice(ice, now)
            rooms.transports.add(transport)
        return transport

    def _publish(
        self,
        participant: Participant,
        offered: Sequence[tuple[SourceOffer, NegotiatedMedia]],
    ) -> None:
        """Make the published tracks those of ``offered``, and tell the others what changed."""
        before = {track.media.mid: track for track in participant.tracks}
        after: list[PublishedTrack] = []
        new: list[PublishedTrack] = []
        for source, media in offered:
            track = before.get(media.mid)
            if track is not None and track.source is source.source:
                del before[media.mid]
                track.negotiate(media)
            else:
                track = PublishedTrack(
                    id=f"{participant.id}-{source.source}",
                    participant=participant.id,
                    source=source.source,
                    muted=source.muted,
                    media=media,
                    egress=self._rooms.egress,
                    counters=self._rooms.counters,
                )
                new.append(track)
            after.append(track)
        participant.publisher.set_tracks(after)
        for track in before.values():
            self._tell_others(participant, TrackUnpublished(participant.id, track.id))
        for track in new:
            self._tell_others(participant, TrackPublished(track))

    def mute(self, participant: Participant, source: Source, muted: bool) -> None:
        """Note and tell that a source is (no longer) muted. Raises ``Refused``."""
        track = participant.track(source)
        if track is None:
            raise Refused("no-such-track", f"You do not publish a {source}.")
        if track.muted is not muted:
            track.muted = muted
            if muted and source is Source.MICROPHONE:
                self._speakers.forget(participant.id)
            self._tell_others(participant, TrackUpdated(track))

    def subscribe(self, participant: Participant, wishes: Mapping[str, Wish]) -> None:
        """What ``participant`` shows of the others' videos, by track id."""
        if participant.subscriber.wish(wishes):
            participant.notify(SlotsChanged(tuple(participant.subscriber.slots)))

    def tick(self, now: float, *, server_late: bool = False) -> None:
        """Drive every participant. Every 20 ms; ``server_late`` when that was missed of late."""
        self._now = now
        for participant in list(self.participants.values()):
            try:
                participant.tick(now)
                participant.judge(now, server_late=server_late)
            except Exception as error:
                self._failed(participant, error, now, boundary="tick")
        self._give_floor()
        speakers = self._speakers.changed(now)
        if speakers is not None:
            speaking = frozenset(who for who, _ in speakers)
            for participant in self.participants.values():
                participant.notify(SpeakersChanged(tuple(speakers)))
                if participant.subscriber.speaking(speaking - {participant.id}, now):
                    participant.notify(SlotsChanged(tuple(participant.subscriber.slots)))

    def describe(self) -> dict[str, Any]:
        """The live routing tables, for people."""
        return {
            "room": self.id,
            "participants": [each.describe() for each in self.participants.values()],
        }

    # --- what the participants report ---

    def _heard(self, participant: str, level: int) -> None:
        self._speakers.heard(participant, level, self._now)
        if self._floor.may_enter(participant, level):
            self._give_floor()

    def _give_floor(self) -> None:
        """Forward the loudest microphones of a big room, all of a small one."""
        tracks = {
            participant.id: track
            for participant in self.participants.values()
            if (track := participant.track(Source.MICROPHONE)) is not None
        }
        holders = self._floor.update(self._speakers.voices, tracks, self._now)
        for participant_id, track in tracks.items():
            track.set_audible(participant_id in holders)

    def _transport_connected(self, participant: Participant) -> None:
        self._rooms.observe("transport-connected", room=self.id, participant=participant.id)

    def _media_lost(self, participant: Participant, reason: str, now: float) -> None:
        self._rooms.observe(
            "transport-closed", room=self.id, participant=participant.id, reason=reason
        )
        self.dismiss(
            participant, LeaveReason.MEDIA_LOST, "The media connection was lost: join again.", now
        )

    def _failed(
        self, participant: Participant, error: Exception, now: float, boundary: str = "datagram"
    ) -> None:
        self._rooms.bug(boundary, error, participant)
        self.dismiss(participant, LeaveReason.INTERNAL_ERROR, "An error in the server.", now)

    # --- routing ---

    def _reconcile(self, changed: Participant | None = None) -> None:
        """Give everybody the others' tracks; ``changed`` is told its slots in any case."""
        tables = {
            participant.id: _occupants(participant) for participant in self.participants.values()
        }
        for participant in self.participants.values():
            wanted: dict[Occupant, Tracks] = {}
            for other, table in tables.items():
                if other != participant.id:
                    wanted.update(table)
            subscriber = participant.subscriber
            if subscriber.want(wanted) or participant is changed:
                participant.notify(SlotsChanged(tuple(subscriber.slots)))
            self._ask_for_slots(participant)

    def _ask_for_slots(self, participant: Participant) -> None:
        subscriber = participant.subscriber
        if participant.transport is None or not subscriber.waiting:
            return
        needed = len(subscriber.slots) + subscriber.waiting
        count = min(needed + SPARE_SLOTS, self._rooms.settings.max_slots)
        if needed > participant.slots_asked and count > len(subscriber.slots):
            participant.slots_asked = count
            participant.notify(SlotsNeeded(count))

    def _tell_others(self, participant: Participant, event: Event) -> None:
        for other in self.participants.values():
            if other is not participant:
                other.notify(event)


def _occupants(participant: Participant) -> dict[Occupant, Tracks]:
    """What a participant publishes, as it fills slots."""
    table: dict[Occupant, Tracks] = {}
    for source, audio_source, video_source in _OCCUPANTS:
        tracks = participant.track(audio_source), participant.track(video_source)
        if tracks != (None, None):
            table[Occupant(participant.id, source)] = tracks
    return table
