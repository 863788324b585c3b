"""From the offers of a room's participants to their transports, published tracks and slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.errors import Refused
from sfu.media.published_track import PublishedTrack
from sfu.room.events import Answered, TrackPublished, TrackUnpublished
from sfu.room.negotiation import Offered, SourceOffer
from sfu.sdp.offer import max_message_size
from sfu.transport.ice_lite import IceParameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfu.room.participant import Participant
    from sfu.room.room import Room
    from sfu.room.rooms import Rooms
    from sfu.room.routing import Routing
    from sfu.sdp.answer import NegotiatedMedia
    from sfu.transport.transport import Transport


class Offers:
    """Takes every offer made in ``room``."""

    __slots__ = ("_room", "_rooms", "_routing")

    def __init__(self, room: Room, rooms: Rooms, routing: Routing) -> None:
        self._room = room
        self._rooms = rooms
        self._routing = routing

    def take(
        self, participant: Participant, sdp: str, sources: Sequence[SourceOffer], now: float
    ) -> None:
        """Answer an offer (``Answered`` is the first event it causes) and route what it brings.

        Raises ``ProtocolError`` or ``Refused``; nothing has changed then.
        """
        participant.offer_received(now)
        offered = Offered(sdp, sources)
        self._room.grants.check_sources(participant, offered.sources)
        transport = self._transport(participant, offered, now)
        outcome = participant.negotiation.answer(
            offered,
            ufrag=transport.local.ufrag,
            pwd=transport.local.pwd,
            candidates=self._rooms.candidates(),
            tcp=self._rooms.settings.tcp == "on",
        )
        if participant.transport is None:
            participant.transport = transport
            self._rooms.transports.add(transport)
            participant.restrain(self._rooms.restraint)
        participant.remote = offered.remote
        participant.max_message_size = max_message_size(offered.description)
        participant.notify(Answered(outcome.sdp))
        self._publish(participant, outcome.published)
        streams = participant.slot_streams(outcome.slots, self._rooms.random)
        changed = participant.subscriber.set_slots(streams)
        self._routing.reconcile(changed=participant if changed else None)

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
            self._room.tell(TrackUnpublished(participant.id, track.id), but=participant)
        for track in new:
            self._room.tell(TrackPublished(track), but=participant)
