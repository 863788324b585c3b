"""What somebody may do in a room, whoever said so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sfu.media.source import Source
from sfu.room.options import NO_OPTIONS, RoomOptions
from sfu.room.role import Role

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_SOURCE = frozenset(Source)
MAX_NAME_CHARACTERS = 64


def printable(name: str) -> str:
    """The name without control characters and outer blanks; it stays text, never markup."""
    shown = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(shown.split())[:MAX_NAME_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Permissions:
    """What one participant may do, and who it is.

    ``identity`` is unique in a room, unless it is empty; ``name`` (unless empty) goes before what
    the client calls itself; ``metadata`` is the application's. ``hidden`` is somebody whom nobody
    is told of. ``heir`` is who becomes host of a room that has none. ``options`` are those of a
    room that it opens.
    """

    role: Role = Role.MEMBER
    sources: frozenset[Source] = EVERY_SOURCE  # what it may publish
    subscribe: bool = True
    data: bool = True  # may write in the chat and send files
    hidden: bool = False
    heir: bool = False
    identity: str = ""
    name: str = ""
    metadata: str = ""
    options: RoomOptions = NO_OPTIONS


class Admission(Protocol):
    """Turns what a client shows into what it may do."""

    @property
    def needs_token(self) -> bool:
        """Whether nobody gets in without one."""

    def knows(self, room_id: str, issued: Callable[[str], bool]) -> bool:
        """Whether there may be such a room; ``issued`` tells which ids came from a server."""

    def permissions(self, token: str, room_id: str) -> Permissions:
        """What ``token`` allows in the room now. Raises ``Refused``."""

    def host_token(self, room_id: str) -> str:
        """What makes its holder a host of the room; empty when none can be made here."""
