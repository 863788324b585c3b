"""What a room needs of whatever carries data channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sfu.room.participant import Participant
    from sfu.room.room import Room


class DataPort(Protocol):
    """Takes the SCTP packets of all participants."""

    def received(self, room: Room, participant: Participant, packet: bytes, now: float) -> None:
        """Take one packet of ``participant``."""

    def left(self, participant: Participant) -> None:
        """Stop what was begun for ``participant``; its transport is still open."""


class NoData:
    """Where data channels are not carried: nothing comes of them."""

    def received(self, room: Room, participant: Participant, packet: bytes, now: float) -> None:
        """Drop one packet."""

    def left(self, participant: Participant) -> None:
        """There is nothing to stop."""
