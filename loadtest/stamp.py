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
ENCODING_BIT = 28  # 16 encodings, and a week of the fastest
# In H.264 two zero bytes could begin a start code: there a byte of ones follows each two.
ESCAPED_SIZE = SIZE * 3 // 2
_ESCAPED_MAGIC = b"Pl\xffT1\xff"


class Stamp(NamedTuple):
    """``publisher`` is ``name_of`` a participant, ``number`` counts its packets of one encoding.

    The bits of ``number`` from ``ENCODING_BIT`` on tell which of the source's encodings.
    """

    publisher: int
    number: int
    sent: float


def name_of(participant: str) -> int:
    """A participant's id in 32 bits."""
    return zlib.crc32(participant.encode())


def write(publisher: int, number: int) -> bytes:
    """The stamp of a packet that is sent now."""
    return _STAMP.pack(_MAGIC, publisher, number & 0xFFFFFFFF, time.time())


def escaped(stamp: bytes) -> bytes:
    """A written stamp in a form that may stand in a NAL unit."""
    spaced = bytearray(b"\xff" * ESCAPED_SIZE)
    spaced[0::3], spaced[1::3] = stamp[0::2], stamp[1::2]
    return bytes(spaced)


def read(payload: bytes) -> Stamp | None:
    """The stamp at the end of ``payload``; None where there is none, as in a browser's packets."""
    if len(payload) < SIZE:
        return None
    magic, publisher, number, sent = _STAMP.unpack_from(payload, len(payload) - SIZE)
    if magic == _MAGIC:
        return Stamp(publisher, number, sent)
    spaced = payload[-ESCAPED_SIZE:]
    if not spaced.startswith(_ESCAPED_MAGIC):
        return None
    plain = bytearray(SIZE)
    plain[0::2], plain[1::2] = spaced[0::3], spaced[1::3]
    _, publisher, number, sent = _STAMP.unpack(plain)
    return Stamp(publisher, number, sent)
