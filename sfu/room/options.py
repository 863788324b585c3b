"""What a room was made with: how many may come and what may be shown in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sfu.errors import Refused
from sfu.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfu.room.permissions import Permissions

# What one byte of a room id holds, and more than the setting ``room_capacity`` allows.
MAX_NUMBER = 200
PACKED_BYTES = 3
# Bits of the first byte, for ever: ids live as long as their links.
_FLAGS = {"noScreen": 1, "audioOnly": 2, "lobby": 4}


@dataclass(frozen=True, slots=True)
class RoomOptions:
    """Named as in a token's ``roomConfig``; 0 is no limit beyond the server's own.

    ``maxVideos`` is how many videos each participant is sent at most, those that matter most.
    """

    maxParticipants: int = 0  # noqa: N815
    maxVideos: int = 0  # noqa: N815
    noScreen: bool = False  # noqa: N815
    audioOnly: bool = False  # noqa: N815
    lobby: bool = False

    def restrict(self, permissions: Permissions) -> Permissions:
        """``permissions`` without the sources that have no place in this room."""
        sources = permissions.sources
        if self.noScreen:
            sources -= {Source.SCREEN, Source.SCREEN_AUDIO}
        if self.audioOnly:
            sources &= {Source.MICROPHONE}
        return (
            permissions if sources == permissions.sources else replace(permissions, sources=sources)
        )

    def pack(self) -> bytes:
        """As ``PACKED_BYTES`` bytes of a room id."""
        flags = sum(bit for name, bit in _FLAGS.items() if getattr(self, name))
        return bytes([flags, self.maxParticipants, self.maxVideos])


NO_OPTIONS = RoomOptions()


def unpack(packed: bytes) -> RoomOptions:
    """The options of a room id; bits that nobody knows say nothing."""
    flags, participants, videos = packed
    switches = {name: bool(flags & bit) for name, bit in _FLAGS.items()}
    return RoomOptions(maxParticipants=participants, maxVideos=videos, **switches)


def claimed(config: Any) -> RoomOptions:
    """The options in the claim ``roomConfig`` of a token, whose other fields are passed over.

    Raises ``Refused`` (``bad-token``).
    """
    if config is None:
        return NO_OPTIONS
    if not isinstance(config, dict):
        raise Refused("bad-token", "roomConfig of this token is no object.")
    switches = {name: _switch(config, name) for name in _FLAGS}
    return RoomOptions(
        maxParticipants=_number(config, "maxParticipants"),
        maxVideos=_number(config, "maxVideos"),
        **switches,
    )


def _number(config: Mapping[str, Any], name: str) -> int:
    value = config.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Refused("bad-token", f"{name} of this token is no number of people or videos.")
    return min(value, MAX_NUMBER)


def _switch(config: Mapping[str, Any], name: str) -> bool:
    value = config.get(name, False)
    if not isinstance(value, bool):
        raise Refused("bad-token", f"{name} of this token is neither true nor false.")
    return value
