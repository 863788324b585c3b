"""What hosts may do to a room and the others in it, and who is host when none is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.errors import Refused
from sfu.room.events import Muted, ParticipantUpdated, RoomUpdated
from sfu.room.participant import LeaveReason
from sfu.room.role import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfu.media.source import Source
    from sfu.room.lobby import Lobbies
    from sfu.room.participant import Participant
    from sfu.room.permissions import Permissions
    from sfu.room.room import Room


class Moderation:
    """The host's side of one room: raises ``Refused`` (``not-allowed``) for everybody else."""

    __slots__ = ("_lobbies", "_room")

    def __init__(self, room: Room, lobbies: Lobbies) -> None:
        self._room = room
        self._lobbies = lobbies

    def admit(self, permissions: Permissions, role: Role, known: bool) -> Role:
        """The role of somebody who enters now: without a host present, every heir's is host.

        Raises ``Refused`` (``room-locked``), but not to those who are ``known``: they come back.
        """
        if self._room.locked and role is not Role.HOST and not known:
            raise Refused("room-locked", "This room is locked: ask somebody in it to open it.")
        return Role.HOST if permissions.heir and not self.has_host() else role

    def succeed(self) -> None:
        """After the last host left: the heir who has been here longest is the next one."""
        people = self._room.participants.values()
        eldest = next((each for each in people if each.permissions.heir), None)
        if eldest is not None and not self.has_host():
            eldest.role = Role.HOST
            self._room.tell(ParticipantUpdated(eldest))

    def mute(self, host: Participant, target_id: str, source: Source) -> None:
        """Silence a source of anybody until they switch it on again themselves.

        Nothing of it is forwarded, whatever its client goes on to send. Raises ``Refused`` with
        ``no-such-participant`` or ``no-such-track`` as well.
        """
        self.silence(self._target(host, target_id), source, host.id)

    def silence(self, target: Participant, source: Source, by: str) -> None:
        """As ``mute``, in the name of ``by``: a host, or nobody (empty) for the operator."""
        track = target.track(source)
        if track is None:
            raise Refused("no-such-track", f"They do not publish a {source}.")
        if not track.muted:
            self._room.mute(target, source, True)
            target.notify(Muted(source, by))
            self._room.observe(
                "participant-muted", participant=target.id, source=str(source), by=by
            )
        track.silence(True)
        target.silenced_by[source] = by

    def remove(self, host: Participant, target_id: str, now: float) -> None:
        """Send somebody else out. Raises ``Refused`` with ``no-such-participant`` as well."""
        target = self._target(host, target_id)
        if target is host:
            raise Refused("not-allowed", "You cannot remove yourself: leave instead.")
        self.send_out(target, host.id, now)

    def send_out(self, target: Participant, by: str, now: float) -> None:
        """As ``remove``, in the name of ``by``: a host, or nobody (empty) for the operator."""
        self._room.observe("participant-removed", participant=target.id, by=by)
        self._room.dismiss(target, LeaveReason.REMOVED, "A host removed you from the call.", now)

    def lock(self, host: Participant, locked: bool) -> None:
        """Let nobody else in but hosts, or everybody again."""
        self._check(host)
        if self._room.locked is not locked:
            self._room.locked = locked
            self._room.tell(RoomUpdated(locked, self._room.lobby))
            self._room.observe("room-locked" if locked else "room-unlocked", by=host.id)

    def set_lobby(self, host: Participant, on: bool) -> None:
        """Have who comes wait to be let in, or not; without a lobby all who wait come in."""
        self._check(host)
        if self._room.lobby is not on:
            self._room.lobby = on
            self._room.tell(RoomUpdated(self._room.locked, on))
            self._room.observe("lobby-on" if on else "lobby-off", by=host.id)

    def let_in(self, host: Participant, ids: Sequence[str], now: float) -> None:
        """Admit these of those who wait. Raises ``Refused`` as ``Lobbies.admit`` does as well."""
        self._check(host)
        self._lobbies.admit(self._room, ids, now)

    def turn_away(self, host: Participant, ids: Sequence[str]) -> None:
        """Send these of those who wait away. Raises ``no-such-participant`` as well."""
        self._check(host)
        self._lobbies.deny(self._room, ids)

    def end(self, host: Participant, now: float) -> None:
        """End the call for everybody."""
        self._check(host)
        self.finish(host.id, now)

    def finish(self, by: str, now: float) -> None:
        """As ``end``, in the name of ``by``: a host, or nobody (empty) for the operator."""
        self._room.observe("room-ended", by=by)
        self._room.close(LeaveReason.ENDED, "A host ended the call.", now)

    def has_host(self) -> bool:
        """Whether any host is here."""
        return any(each.role is Role.HOST for each in self._room.participants.values())

    def _check(self, participant: Participant) -> None:
        if participant.role is not Role.HOST:
            raise Refused("not-allowed", "Only a host may do that.")

    def _target(self, host: Participant, target_id: str) -> Participant:
        self._check(host)
        target = self._room.participants.get(target_id)
        if target is None:
            raise Refused("no-such-participant", "They are not in this room.")
        return target
