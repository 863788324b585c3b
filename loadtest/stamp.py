"""What synthetic packets carry at the end of their payload: who sent them, which one, and when."""

from __future__ import annotations

import struct
import time
import zlib
from typing import NamedTuple

# magic, publisher, number, Unix time. The kernel notes arrivals by the same clock, and it is the
# one that two machines may agree on.
_STAMP = struct.Struct("!4sIId")
SIZE = _STAMP.size
_MAGIC = b"PlT1"


class Stamp(NamedTuple):
    """``publisher`` is ``name_of`` a participant, ``number`` counts its packets of one source."""

    publisher: int
    number: int
    sent: float


def name_of(participant: str) -> int:
    """A participant's id in 32 bits."""
    return zlib.crc32(participant.encode())


def write(publisher: int, number: int) -> bytes:
    """The stamp of a packet that is sent now."""
    return _STAMP.pack(_MAGIC, publisher, number & 0xFFFFFFFF, time.time())


def read(payload: bytes) -> Stamp | None:
    """The stamp at the end of ``payload``; None where there is none, as in a browser's packets."""
    if len(payload) < SIZE:
        return None
    magic, publisher, number, sent = _STAMP.unpack_from(payload, len(payload) - SIZE)
    return Stamp(publisher, number, sent) if magic == _MAGIC else None
