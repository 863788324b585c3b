"""Those who ask to be let in, and wait outside until a host says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sfu.errors import Refused
from sfu.room.events import Admitted, Dismissed, Knocked, Waits
from sfu.room.role import Role
from sfu.room.seats import REPLACED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfu.room.events import Event
    from sfu.room.permissions import Permissions
    from sfu.room.room import Room
    from sfu.room.rooms import Rooms

# Soon enough for a host, and so rarely that those who come and go by the dozen cost little.
_TELL_SECONDS = 0.25

_DENIED = Dismissed("denied", "A host did not let you in.")
_TIMED_OUT = Dismissed("lobby-timeout", "Nobody let you in for a long time: ask again.")


@dataclass(slots=True, eq=False)
class Waiting:
    """Somebody outside the room ``room``: no participant, nothing of it is known to them."""

    id: str
    room: str
    name: str
    permissions: Permissions
    notify: Callable[[Event], None]
    since: float


@dataclass(slots=True)
class _Lobby:
    """Who waits for one room, in the order of their coming, and what others know of it."""

    room: str
    people: dict[str, Waiting] = field(default_factory=dict)
    hosted: bool = False  # as those who wait were told
    version: int = 0  # of ``people``
    told: dict[str, tuple[Callable[[Event], None], int]] = field(default_factory=dict)  # hosts
    told_at: float = float("-inf")


class Lobbies:
    """Everybody who waits, by room: at most ``lobby_capacity`` each, for ``lobby_seconds``.

    They outlive the room: it ends with its last participant, and who waits does not get in by that.
    """

    __slots__ = ("_lobbies", "_rooms")

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._lobbies: dict[str, _Lobby] = {}  # by room id

    def __len__(self) -> int:
        """How many wait in all lobbies together."""
        return sum(len(lobby.people) for lobby in self._lobbies.values())

    def holds_back(self, room_id: str, permissions: Permissions) -> bool:
        """Whether somebody new has to wait.

        Not hosts, nor who becomes one by coming; not who is hidden, whom nobody could let in; not
        who takes the place of their own identity.
        """
        if permissions.role is Role.HOST or permissions.hidden:
            return False
        room = self._rooms.rooms.get(room_id)
        if room is None:
            return self._rooms.options(room_id, permissions).lobby and not permissions.heir
        if not room.lobby or (permissions.heir and not room.moderation.has_host()):
            return False
        return room.grants.holder(permissions) is None

    def knock(
        self,
        room_id: str,
        name: str,
        permissions: Permissions,
        notify: Callable[[Event], None],
        now: float,
    ) -> Waiting:
        """Wait from now on; who waits with the same identity already is replaced.

        Raises ``Refused`` (``room-locked``, ``lobby-full``).
        """
        rooms, room = self._rooms, self._rooms.rooms.get(room_id)
        if room is not None:
            room.moderation.admit(permissions, permissions.role, known=False)
        lobby = self._lobbies.get(room_id) or _Lobby(room_id)
        for other in list(lobby.people.values()):
            if permissions.identity and other.permissions.identity == permissions.identity:
                self._send_away(other, REPLACED)
        if len(lobby.people) >= rooms.settings.lobby_capacity:
            raise Refused("lobby-full", "Too many wait to be let in: try again later.")
        shown = permissions.name or name
        waiting = Waiting(rooms.new_participant_id(), room_id, shown, permissions, notify, now)
        self._lobbies[room_id] = lobby
        lobby.people[waiting.id] = waiting
        lobby.version += 1
        lobby.hosted = room is not None and room.moderation.has_host()
        notify(Waits(lobby.hosted))
        rooms.observe("participant-waiting", room=room_id, participant=waiting.id)
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """Somebody waits no more; a second call does nothing."""
        self._take_out(waiting, "left")

    def admit(self, room: Room, ids: Sequence[str], now: float) -> None:
        """Let these in, those of them who still wait.

        Raises ``Refused`` with ``no-such-participant`` when none does, and as ``Room.join`` or with
        ``server-full``, ``server-busy`` at the first for whom there is no place.
        """
        for waiting in self._find(room.id, ids):
            self._let_in(room, waiting, now)

    def deny(self, room: Room, ids: Sequence[str]) -> None:
        """Send these away. Raises ``Refused`` (``no-such-participant``) when none waits."""
        for waiting in self._find(room.id, ids):
            self._send_away(waiting, _DENIED)

    def dismiss(self, room_id: str, word: Dismissed) -> None:
        """Send away everybody who waits for this room."""
        lobby = self._lobbies.get(room_id)
        for waiting in list(lobby.people.values()) if lobby else ():
            self._send_away(waiting, word)

    def dismiss_all(self, word: Dismissed) -> None:
        """Send away everybody."""
        for room_id in list(self._lobbies):
            self.dismiss(room_id, word)

    def tick(self, now: float) -> None:
        """Tell each side of the other, and end what took too long. Every 20 ms."""
        for lobby in list(self._lobbies.values()):
            for waiting in list(lobby.people.values()):
                if now - waiting.since >= self._rooms.settings.lobby_seconds:
                    self._send_away(waiting, _TIMED_OUT)
            room = self._rooms.rooms.get(lobby.room)
            if room is not None and not room.lobby:
                self._let_all_in(room, lobby, now)
            hosted = room is not None and room.moderation.has_host()
            if hosted is not lobby.hosted:
                lobby.hosted = hosted
                for waiting in list(lobby.people.values()):
                    self._tell(waiting, Waits(hosted))
            if now - lobby.told_at >= _TELL_SECONDS:
                lobby.told_at = now
                self._tell_hosts(room, lobby)
                if not lobby.people:
                    del self._lobbies[lobby.room]

    def _find(self, room_id: str, ids: Sequence[str]) -> list[Waiting]:
        lobby = self._lobbies.get(room_id)
        people = lobby.people if lobby else {}
        found = [people[id] for id in dict.fromkeys(ids) if id in people]
        if not found:
            raise Refused("no-such-participant", "They wait no more.")
        return found

    def _let_in(self, room: Room, waiting: Waiting, now: float) -> None:
        self._rooms.check_place()
        self._rooms.check_load()
        notify = waiting.notify
        participant = room.join(waiting.name, waiting.permissions, notify, now, invited=True)
        self._take_out(waiting, "admitted")
        notify(Admitted(room, participant))

    def _let_all_in(self, room: Room, lobby: _Lobby, now: float) -> None:
        try:
            for waiting in list(lobby.people.values()):
                self._let_in(room, waiting, now)
        except Refused:
            return  # no place: they wait on, as they would have to come again otherwise

    def _send_away(self, waiting: Waiting, word: Dismissed) -> None:
        self._take_out(waiting, word.code)
        self._tell(waiting, word)

    def _tell(self, waiting: Waiting, event: Event) -> None:
        try:
            waiting.notify(event)
        except Exception as error:  # whoever made it happen must not notice
            self._rooms.bug("message", error, waiting, waiting.room)
            self._take_out(waiting, "internal-error")

    def _take_out(self, waiting: Waiting, outcome: str) -> None:
        lobby = self._lobbies.get(waiting.room)
        if lobby is None or lobby.people.pop(waiting.id, None) is None:
            return
        lobby.version += 1
        self._rooms.counters.lobby[outcome] += 1
        self._rooms.observe(
            "participant-waited", room=lobby.room, participant=waiting.id, outcome=outcome
        )

    def _tell_hosts(self, room: Room | None, lobby: _Lobby) -> None:
        """Each host who does not know of this, nor on this connection."""
        everybody = room.participants.values() if room is not None else ()
        hosts = [each for each in everybody if each.role is Role.HOST]
        before, lobby.told = lobby.told, {}
        knocked = Knocked(tuple((each.id, each.name) for each in lobby.people.values()))
        for host in hosts:
            known = lobby.told[host.id] = (host.notify, lobby.version)
            if before.get(host.id) != known and (lobby.people or host.id in before):
                host.notify(knocked)
