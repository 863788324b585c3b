"""What each participant of one room may do, kept to and changed while the call goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.errors import Refused
from sfu.room.events import ParticipantUpdated, PermissionsChanged, TrackUnpublished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfu.room.negotiation import SourceOffer
    from sfu.room.participant import Participant
    from sfu.room.permissions import Permissions
    from sfu.room.room import Room


class Grants:
    """Holds everybody in ``room`` to their permissions; ``reroute`` brings all slots up to date."""

    __slots__ = ("_reroute", "_room")

    def __init__(self, room: Room, reroute: Callable[[], None]) -> None:
        self._room = room
        self._reroute = reroute

    def check_sources(self, participant: Participant, offered: Sequence[SourceOffer]) -> None:
        """Raises ``Refused`` (``not-allowed``) when one of ``offered`` may not be published."""
        for offer in offered:
            if offer.source not in participant.permissions.sources:
                raise Refused("not-allowed", f"You may not send a {offer.source} here.")

    def check_subscribe(self, participant: Participant) -> None:
        """Raises ``Refused`` (``not-allowed``) for who may not see and hear the others."""
        if not participant.permissions.subscribe:
            raise Refused("not-allowed", "Your token does not let you see or hear the others.")

    def holder(self, permissions: Permissions) -> Participant | None:
        """Who is here with the same identity, if it is not empty."""
        identity = permissions.identity
        if not identity:
            return None
        everybody = self._room.participants.values()
        return next((each for each in everybody if each.permissions.identity == identity), None)

    def change(self, participant: Participant, permissions: Permissions) -> None:
        """Let ``participant`` do this, and nothing else, from now on."""
        permissions = self._room.options.restrict(permissions)
        before = participant.role, participant.permissions.metadata
        participant.permissions, participant.role = permissions, permissions.role
        tracks = participant.tracks
        gone = [track for track in tracks if track.source not in permissions.sources]
        participant.publisher.set_tracks([track for track in tracks if track not in gone])
        for track in gone:
            self._room.tell(TrackUnpublished(participant.id, track.id), but=participant)
        participant.notify(PermissionsChanged(permissions))
        if before != (participant.role, permissions.metadata):
            self._room.tell(ParticipantUpdated(participant))
        self._reroute()
