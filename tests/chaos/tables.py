"""Everything that a server holds for somebody, counted: all of it is 0 when nobody is there."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections import Counter
from typing import Any


def tables(server: Any) -> dict[str, int]:
    """The size of each table by name; what is bounded and stays (events) is not among them."""
    rooms, transports = server.rooms, server.transports
    each = list(rooms.rooms.values())
    people = [participant for room in each for participant in room.participants.values()]
    receivers = server._webhooks._receivers
    data = rooms.data
    return {
        "rooms": len(each),
        "participants": len(people),
        "seats": sum(len(room.seats) for room in each),
        "tracks": sum(len(participant.tracks) for participant in people),
        "file bytes": rooms.file_space.used,
        "transports": len(transports._transports),
        "connecting": len(transports._connecting),
        "user fragments": len(transports._by_ufrag),
        "addresses": len(transports.by_address),
        "associations": len(data._associations),
        "packets of data": len(data._ready),
        "websockets": len(server._sockets._open),
        "streams of events": server._api.streams._open,
        "webhooks": sum(len(each._queues) + len(each._tasks) for each in receivers),
    }


class _Mallinfo(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def allocated() -> dict[str, int]:
    """Blocks that Python uses, and bytes that the C library gave out (OpenSSL's among them).

    Unlike the size of the process they do not depend on what the allocators keep for later.
    """
    found = {"blocks": sys.getallocatedblocks()}
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)  # glibc 2.33
    if ask is not None:
        ask.restype = _Mallinfo
        told = ask()
        found["bytes"] = int(told.uordblks + told.hblkhd)
    return found


# Made for a participant, a connection or a room, and gone with it.
_PASSING = (
    "Association",
    "Chat",
    "Dtls",
    "Files",
    "IceLite",
    "Negotiation",
    "Participant",
    "PublishedTrack",
    "Publisher",
    "ReceiveStream",
    "Room",
    "SendStream",
    "Session",
    "Srtp",
    "SubscribedTrack",
    "Subscriber",
    "Transport",
    "WebSocketResponse",
    "_Sctp",
    "ClientSocket",
)


def instances() -> dict[str, int]:
    """How many objects there are of each class that comes and goes with people."""
    found = Counter(type(each).__name__ for each in gc.get_objects())
    return {name: found[name] for name in _PASSING}
