"""Settings of rooms: how many people, microphones, slots and files they hold."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

RoomCapacity = Annotated[int, Meta(ge=1, le=200, description="Participants one room may hold.")]
LobbyCapacity = Annotated[
    int, Meta(ge=1, le=200, description="People who may wait to be let into one room.")
]
LobbySeconds = Annotated[
    float,
    Meta(
        ge=10,
        le=86_400,
        description="Seconds after which who waits to be let in is asked to come again.",
    ),
]
MaxRooms = Annotated[int, Meta(ge=1, le=100_000, description="Rooms that may be open at once.")]
MaxParticipants = Annotated[
    int, Meta(ge=1, le=100_000, description="Participants this server may hold in all rooms.")
]
MaxSlots = Annotated[
    int,
    # With the client's own tracks 25 slots make a description of 59 kB; 64 KiB are allowed.
    Meta(ge=1, le=25, description="Receive slots one client may be asked for."),
]
MaxAudible = Annotated[
    int,
    Meta(
        ge=1,
        le=200,
        description="Microphones that a room forwards; with more people in it the loudest.",
    ),
]
MaxFileBytes = Annotated[
    int,
    Meta(
        ge=0,
        le=1 << 30,
        description="Bytes of one file that somebody sends in a call; 0 means no files.",
    ),
]
MaxRoomFileBytes = Annotated[
    int,
    Meta(
        ge=0,
        le=1 << 34,
        description="Bytes of files that one room keeps in memory until it closes; the oldest "
        "files go first.",
    ),
]
MaxTotalFileBytes = Annotated[
    int,
    Meta(
        ge=0,
        le=1 << 36,
        description="Bytes of files that all rooms together keep in memory.",
    ),
]
