"""What a participant may do to the room and the others in it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A host may mute and remove others, lock the room and end the call; a viewer only watches."""

    HOST = "host"
    MEMBER = "member"
    VIEWER = "viewer"
