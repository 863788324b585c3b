"""What the messages of the protocol are made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from sfu.room.permissions import MAX_NAME_CHARACTERS

RoomId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS, description="Plain text, never markup.")]
Mid = Annotated[str, Meta(min_length=1, max_length=16)]
ParticipantId = Annotated[str, Meta(min_length=1, max_length=64)]


class Message(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=False):
    """Common options: the ``type`` field tells messages apart; unknown fields are ignored."""


class Value(Struct, frozen=True, kw_only=True):
    """A part of a message."""


class Reaction(StrEnum):
    """What somebody shows for a moment; the client draws it, and says it in its language."""

    THUMBS_UP = "thumbs-up"
    HEART = "heart"
    LAUGH = "laugh"
    WOW = "wow"
    CLAP = "clap"
    PARTY = "party"
