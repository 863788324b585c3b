"""How many of everything a running server has, for its metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sfu.room.rooms import Rooms
from sfu.server.media_port import MediaPort
from sfu.server.websocket import WebSockets
from sfu.transport.table import TransportTable


class Census:
    """Counts everything that is there right now, when the metrics ask."""

    def __init__(
        self, rooms: Rooms, transports: TransportTable, sockets: WebSockets, media: MediaPort
    ) -> None:
        self._rooms = rooms
        self._transports = transports
        self._sockets = sockets
        self._media = media

    def rooms(self) -> int:
        """Open rooms."""
        return len(self._rooms.rooms)

    def participants(self) -> int:
        """Joined clients."""
        return sum(len(room.participants) for room in self._rooms.rooms.values())

    def waiting(self) -> int:
        """Clients who wait to be let into a room."""
        return len(self._rooms.lobbies)

    def load(self) -> int:
        """How much there is to do: ``LoadState.level``."""
        return self._rooms.load.level

    def tracks(self) -> Mapping[tuple[str, str], int]:
        """Published tracks by kind and source."""
        return Counter(
            (str(track.kind), str(track.source))
            for room in self._rooms.rooms.values()
            for participant in room.participants.values()
            for track in participant.tracks
        )

    def transports(self) -> int:
        """Associations with browsers, connected or not."""
        return len(self._transports)

    def websockets(self) -> int:
        """Open WebSockets."""
        return len(self._sockets)

    def tcp_connections(self) -> int:
        """TCP connections that may carry media."""
        return self._media.connections()
