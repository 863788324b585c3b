"""The participants who may see each other, and the routing between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfu.errors import Refused
from sfu.media.source import Source
from sfu.room.chat import Chat
from sfu.room.events import (
    Dismissed,
    Event,
    LoadChanged,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    SlotsChanged,
    SpeakersChanged,
    TrackUpdated,
)
from sfu.room.files import Files
from sfu.room.gestures import Gestures
from sfu.room.grants import Grants
from sfu.room.hearing import Hearing
from sfu.room.moderation import Moderation
from sfu.room.negotiation import Negotiation
from sfu.room.offers import Offers
from sfu.room.options import NO_OPTIONS, RoomOptions
from sfu.room.participant import LeaveReason, Participant
from sfu.room.routing import Routing
from sfu.room.seats import REPLACED, Seats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfu.congestion.load import LoadState
    from sfu.media.downlink import Wish
    from sfu.room.permissions import Permissions
    from sfu.room.rooms import Rooms
    from sfu.room.seats import Seat


# Seats are kept for seconds.
_SEATS_SECONDS = 0.1


class Room:
    """Everything one room knows; it lives from the first join to the last leave.

    ``locked`` while only hosts may enter, ``lobby`` while others have to be let in; ``moderation``
    is what hosts may do besides, ``gestures`` are everybody's hands and reactions, ``seats`` what
    is kept for those whose connection breaks, ``grants`` hold everybody to what they may do;
    ``options`` is what it was made with.
    """

    def __init__(self, id: str, rooms: Rooms, options: RoomOptions = NO_OPTIONS) -> None:
        self.id = id
        self.options = options
        self.participants: dict[str, Participant] = {}
        self.locked = False
        self.lobby = options.lobby
        self.chat = Chat(self.participants, rooms.wall_clock)
        self.files = Files(
            self.participants,
            space=rooms.file_space,
            max_bytes=rooms.settings.max_file_bytes,
            max_room_bytes=rooms.settings.max_room_file_bytes,
        )
        self.moderation = Moderation(self, rooms.lobbies)
        self.gestures = Gestures(self.tell)
        self.seats = Seats(self, max_empty=rooms.settings.room_capacity)
        self._rooms = rooms
        self._routing = Routing(self.participants, rooms.settings.max_slots)
        self.grants = Grants(self, self._routing.reconcile)
        self.offers = Offers(self, rooms, self._routing)
        self._hearing = Hearing(self.participants, rooms.settings.max_audible)
        self._seats_looked_at = float("-inf")
        self._faulty: dict[str, tuple[Participant, Exception]] = {}  # until the next tick

    # --- joining and leaving ---

    def join(
        self,
        name: str,
        permissions: Permissions,
        notify: Callable[[Event], None],
        now: float,
        seat: Seat | None = None,
        *,
        invited: bool = False,
    ) -> Participant:
        """Enter, perhaps to a ``seat`` of before: its holder, if still there, is gone then, and so
        is who has the same identity. No lock stops who was ``invited`` by a host.

        The others are told. Raises ``Refused`` (``room-locked``, ``room-full``).
        """
        rooms, capacity = self._rooms, self.capacity
        permissions = self.options.restrict(permissions)
        if seat is None:
            before = self.grants.holder(permissions)
        else:
            before = self.participants.get(seat.participant)
        if before is None and len(self.participants) >= capacity:
            raise Refused("room-full", f"This room is full: it has {capacity} places.")
        if before is not None:
            before.notify(REPLACED)
            reason = LeaveReason.REPLACED if seat is None else LeaveReason.DISCONNECTED
            self._take_out(before, reason, now)
        known = invited or seat is not None or before is not None
        role = self.moderation.admit(permissions, seat.role if seat else permissions.role, known)
        participant = Participant(
            id=rooms.new_participant_id() if seat is None else seat.participant,
            name=permissions.name or name,
            role=role,
            permissions=permissions,
            negotiation=Negotiation(
                fingerprint=rooms.fingerprint,
                max_slots=rooms.settings.max_slots,
                random=rooms.random,
            ),
            egress=rooms.egress,
            counters=rooms.counters,
            rtcp_ssrc=rooms.random.randrange(1, 1 << 32),
            notify=notify,
            heard=self._hearing.heard,
            connected=self._transport_connected,
            media_lost=self._media_lost,
            data_received=self._data_received,
            failed=self.failed,
            found_faulty=self._found_faulty,
            now=now,
        )
        participant.subscriber.max_videos = self.options.maxVideos
        if seat is not None:
            participant.hand = seat.hand
        self.tell(ParticipantJoined(participant), but=participant)
        self.participants[participant.id] = participant
        rooms.counters.joins += 1
        self.observe("participant-joined", participant=participant.id)
        return participant

    def repeat(self, participant: Participant) -> None:
        """Tell a client that came back what it missed: how everything is now."""
        self._routing.repeat(participant)
        participant.notify(SpeakersChanged(self._hearing.speaking))
        participant.repeat()

    def broke(self, participant: Participant, now: float) -> None:
        """The connection to its client broke: its media go on, and it may come back."""
        self.seats.broke(participant, now)
        self._routing.reconcile()
        self.observe("participant-away", participant=participant.id)

    @property
    def capacity(self) -> int:
        """How many it may hold: as many as it was made for, at most as many as the setting says."""
        limit = self._rooms.settings.room_capacity
        return min(self.options.maxParticipants or limit, limit)

    @property
    def first_slots(self) -> int:
        """How many slots the first offer of somebody who has just joined should have."""
        return self._routing.first_slots()

    def leave(self, participant: Participant, reason: LeaveReason, now: float) -> None:
        """Take ``participant`` out of every table, tell the others; a second call does nothing."""
        if self.participants.get(participant.id) is not participant:
            return
        self._take_out(participant, reason, now)
        self.moderation.succeed()
        self._routing.reconcile()
        if not self.participants:
            self._rooms.closed(self)

    def _take_out(self, participant: Participant, reason: LeaveReason, now: float) -> None:
        del self.participants[participant.id]
        self._release(participant, reason, now)
        self.seats.left(participant, reason, now)
        if not participant.permissions.hidden:
            self.tell(ParticipantLeft(participant.id, reason), but=participant)

    def dismiss(self, participant: Participant, reason: LeaveReason, why: str, now: float) -> None:
        """Take ``participant`` out and tell it so."""
        self.leave(participant, reason, now)
        participant.notify(Dismissed(reason, why))

    def close(self, reason: LeaveReason, why: str, now: float) -> None:
        """Take everybody out at once and tell them so; nobody is told who else left."""
        everybody = list(self.participants.values())
        self.participants.clear()
        for participant in everybody:
            self._release(participant, reason, now)
        self._rooms.closed(self)
        self._rooms.lobbies.dismiss(self.id, Dismissed(reason, why))
        for participant in everybody:
            participant.notify(Dismissed(reason, why))

    def _release(self, participant: Participant, reason: LeaveReason, now: float) -> None:
        rooms, transport = self._rooms, participant.transport
        steps: list[Callable[[], object]] = [
            participant.subscriber.close,
            lambda: participant.publisher.set_tracks(()),
            lambda: self.chat.leave(participant.id),
            lambda: self.files.leave(participant.id),
            lambda: rooms.data.left(participant),
            lambda: self._hearing.forget(participant.id),
        ]
        if transport is not None:
            steps += [lambda: rooms.transports.remove(transport), lambda: transport.close(now)]
        for step in steps:
            try:
                step()
            except Exception as error:
                # Whatever breaks in one, nothing else may be left of who is gone.
                rooms.bug("leave", error, participant, self.id)
        self._rooms.counters.leaves[reason] += 1
        self.observe("participant-left", participant=participant.id, reason=str(reason))

    # --- media ---

    def mute(self, participant: Participant, source: Source, muted: bool) -> None:
        """Note and tell that a source is (no longer) muted. Raises ``Refused``.

        Its owner's word ends what a host silenced.
        """
        track = participant.track(source)
        if track is None:
            raise Refused("no-such-track", f"You do not publish a {source}.")
        if track.muted is not muted:
            track.muted = muted
            if not muted:
                track.silence(False)
                participant.silenced_by.pop(source, None)
            elif source is Source.MICROPHONE:
                self._hearing.forget(participant.id)
            self.tell(TrackUpdated(track), but=participant)

    def subscribe(self, participant: Participant, wishes: Mapping[str, Wish]) -> None:
        """What ``participant`` shows of the others' videos, by track id. Raises ``Refused``."""
        self.grants.check_subscribe(participant)
        if participant.subscriber.wish(wishes):
            participant.notify(SlotsChanged(tuple(participant.subscriber.slots)))

    def tick(self, now: float, *, server_late: bool = False) -> None:
        """Drive every participant. Every 20 ms; ``server_late`` when that was missed of late."""
        if self._faulty:
            self._take_out_faulty(now)
        for participant in list(self.participants.values()):
            if now < participant.due:
                continue  # as for most of them in most ticks
            try:
                participant.tick(now)
                participant.judge(now, server_late=server_late)
            except Exception as error:
                self.failed(participant, error, now, boundary="tick")
        self._hearing.tick(now)
        if now - self._seats_looked_at >= _SEATS_SECONDS:
            self._seats_looked_at = now
            self.seats.tick(now)

    def loaded(self, state: LoadState) -> None:
        """Let everybody get along with what the server can do in ``state``."""
        for participant in self.participants.values():
            participant.restrain(self._rooms.restraint)
        self.tell(LoadChanged(state))

    def describe(self) -> dict[str, Any]:
        """The live routing tables, for people."""
        return {
            "room": self.id,
            "locked": self.locked,
            "participants": [each.describe() for each in self.participants.values()],
        }

    # --- what the participants report ---

    def _transport_connected(self, participant: Participant) -> None:
        self.observe("transport-connected", participant=participant.id)

    def _data_received(self, participant: Participant, packet: bytes, now: float) -> None:
        self._rooms.data.received(self, participant, packet, now)

    def _media_lost(self, participant: Participant, reason: str, now: float) -> None:
        self.observe("transport-closed", participant=participant.id, reason=reason)
        self.dismiss(
            participant, LeaveReason.MEDIA_LOST, "The media connection was lost: join again.", now
        )

    def _found_faulty(self, participant: Participant, error: Exception) -> None:
        """Something that others do fails for ``participant``: in the next tick it is taken out.

        Not now: who does it is in the middle of doing it for everybody.
        """
        if self.participants.get(participant.id) is participant:
            self._faulty.setdefault(participant.id, (participant, error))

    def _take_out_faulty(self, now: float) -> None:
        faulty, self._faulty = self._faulty, {}
        for participant, error in faulty.values():
            if self.participants.get(participant.id) is participant:
                self.failed(participant, error, now, boundary="others")

    def failed(
        self, participant: Participant, error: Exception, now: float, boundary: str = "datagram"
    ) -> None:
        """Nobody foresaw ``error`` in what ``participant`` did: it is taken out and told so."""
        self._rooms.bug(boundary, error, participant, self.id)
        self.dismiss(participant, LeaveReason.INTERNAL_ERROR, "An error in the server.", now)

    # --- telling ---

    def tell(self, event: Event, but: Participant | None = None) -> None:
        """Let everybody know ``but`` one; of somebody hidden only they themselves hear."""
        if isinstance(event, ParticipantJoined | ParticipantUpdated):
            about = event.participant
            if about.permissions.hidden:
                if about is not but:
                    about.notify(event)
                return
        for participant in self.participants.values():
            if participant is not but:
                participant.notify(event)

    def observe(self, event: str, **fields: str) -> None:
        """Let the operator know."""
        self._rooms.observe(event, room=self.id, **fields)
