"""Who may do what where everybody with a room's link gets in."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

from sfu.errors import Refused
from sfu.room.permissions import Permissions
from sfu.room.role import Role

if TYPE_CHECKING:
    from collections.abc import Callable

# 144 bits of a keyed hash cannot be forged, however often a client tries.
_TOKEN_BYTES = 18
# Keeps host tokens apart from whatever else is made with the room secret: room ids hash 12 bytes.
_PURPOSE = b"parley host token of room "

_GUEST = Permissions(heir=True)
_HOST = Permissions(role=Role.HOST, heir=True)


class OpenAdmission:
    """Makes and checks the host tokens of rooms with the secret that room ids are made with.

    Nothing is stored: a token is good for as long as its room id is, on every server with the same
    ``room_secret``.
    """

    __slots__ = ("_secret",)

    needs_token = False

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def knows(self, room_id: str, issued: Callable[[str], bool]) -> bool:
        """A room that a server issued the id of."""
        return issued(room_id)

    def host_token(self, room_id: str) -> str:
        """What makes its holder a host of the room, for whoever created it."""
        digest = hmac.digest(self._secret, _PURPOSE + room_id.encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).decode()

    def permissions(self, token: str, room_id: str) -> Permissions:
        """A host's with the token of the room; without one, a member's.

        Raises ``Refused`` (``bad-token``).
        """
        if not token:
            return _GUEST
        shown = token.encode(errors="replace")
        if hmac.compare_digest(shown, self.host_token(room_id).encode()):
            return _HOST
        raise Refused("bad-token", "This token is not for this room: join without it, as a guest.")
