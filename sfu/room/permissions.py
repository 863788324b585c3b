"""What a token allows: the one place that turns what a client shows into a role."""

from __future__ import annotations

import base64
import hmac

from sfu.errors import Refused
from sfu.room.role import Role

# 144 bits of a keyed hash cannot be forged, however often a client tries.
_TOKEN_BYTES = 18
# Keeps host tokens apart from whatever else is made with the room secret: room ids hash 12 bytes.
_PURPOSE = b"parley host token of room "


class Permissions:
    """Makes and checks the tokens of rooms with the secret that room ids are made with.

    Nothing is stored: a token is good for as long as its room id is, on every server with the same
    ``room_secret``.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def host_token(self, room_id: str) -> str:
        """What makes its holder a host of the room, for whoever created it."""
        digest = hmac.digest(self._secret, _PURPOSE + room_id.encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).decode()

    def role(self, token: str, room_id: str) -> Role:
        """The role that ``token`` gives in the room; without one, a member's.

        Raises ``Refused`` (``bad-token``).
        """
        if not token:
            return Role.MEMBER
        shown = token.encode(errors="replace")
        if hmac.compare_digest(shown, self.host_token(room_id).encode()):
            return Role.HOST
        raise Refused("bad-token", "This token is not for this room: join without it, as a guest.")
