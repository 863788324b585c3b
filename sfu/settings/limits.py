"""Settings of how much clients may ask for, and of what happens when it is too much."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

MaxWebsockets = Annotated[
    int, Meta(ge=1, le=200_000, description="WebSockets that may be open at once.")
]
MaxWebsocketsPerAddress = Annotated[
    int,
    Meta(
        ge=1,
        le=200_000,
        description="WebSockets that may be open at once from one address (IPv6: one /64); "
        "those of this machine are not counted. A whole company may be behind one address.",
    ),
]
JoinsPerMinute = Annotated[
    int,
    Meta(
        ge=1,
        le=100_000,
        description="Joins per minute from one address, for long; as many at once. Who comes "
        "back to a call that goes on is not counted.",
    ),
]
WebsocketHeartbeat = Annotated[
    float,
    Meta(
        ge=0.1,
        # A dead peer is noticed after 1.5 heartbeats, and that has to be within 10 s.
        le=6.5,
        description="Seconds of silence after which a WebSocket is pinged; a peer that does "
        "not answer for half as long again is gone.",
    ),
]
OutboxMessages = Annotated[
    int,
    Meta(
        ge=8,
        le=10_000,
        description="Messages that may wait for one client; a slower reader is closed.",
    ),
]
MessagesPerSecond = Annotated[
    int,
    Meta(
        ge=1,
        le=1000,
        description="Messages one client may send per second, for long; twice as many at once.",
    ),
]
Overload = Annotated[
    Literal["on", "off"],
    Meta(
        description="What happens when there is too much to do: on makes pictures smaller, "
        "then fewer, and at last lets nobody new in (never at the cost of sound); off lets "
        "everything become late."
    ),
]
OverloadLag = Annotated[
    float,
    Meta(
        ge=0.02,
        le=10,
        description="Seconds that the event loop may be late before nobody new gets in; "
        "pictures become smaller at a fifth of that, and fewer at half of it.",
    ),
]
OverloadCpu = Annotated[
    float,
    Meta(
        ge=0.05,
        le=64,
        description="The share of one core that the process may use before nobody new gets "
        "in; pictures become smaller at 0.85 of that, and fewer at 0.93 of it.",
    ),
]
OverloadPackets = Annotated[
    int,
    Meta(
        ge=0,
        le=100_000_000,
        description="Datagrams per second, in and out, at which nobody new gets in; smaller "
        "and fewer pictures as for overload_cpu. 0 means no limit: lag and processor tell.",
    ),
]
