"""Transport-wide congestion control feedback: which packets arrived, and when.

draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from sfu.errors import MalformedPacket
from sfu.rtp.feedback import RTPFB, write_feedback

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORM = 15
_HEAD = struct.Struct("!HHI")
_LOST, _SMALL, _LARGE = 0, 1, 2
_RUN_LIMIT = 0x1FFF
# What the feedback of one datagram may tell of: an outage of two seconds at 4,000 packets/s. A run
# of 16 bits claims the loss of 8,191 packets, so that one datagram could claim millions.
MAX_FATES = 8192
# Chunks are 16 bits: a vector of seven two-bit symbols, or a run of one symbol.
_VECTOR = 7


@dataclass(slots=True)
class TransportFeedback:
    """Arrival times of consecutive packets from ``base_sequence`` on.

    ``reference_time`` is a signed number of 64 ms; ``arrivals`` are offsets from it in ticks of
    250 microseconds, None for a packet that did not arrive.
    """

    sender_ssrc: int
    media_ssrc: int
    base_sequence: int
    feedback_count: int
    reference_time: int
    arrivals: list[int | None]

    def write(self) -> bytes:
        """The message. Raises ``ValueError`` when two arrivals are over 8.19 s apart."""
        symbols, deltas, previous = [], bytearray(), 0
        for arrival in self.arrivals:
            if arrival is None:
                symbols.append(_LOST)
                continue
            delta = arrival - previous
            previous = arrival
            if 0 <= delta <= 255:
                symbols.append(_SMALL)
                deltas.append(delta)
            elif -32768 <= delta <= 32767:
                symbols.append(_LARGE)
                deltas += delta.to_bytes(2, "big", signed=True)
            else:
                raise ValueError(f"arrivals {delta} ticks apart do not fit one feedback")
        time = (self.reference_time & 0xFFFFFF) << 8 | self.feedback_count
        body = _HEAD.pack(self.base_sequence, len(symbols), time) + _chunks(symbols) + deltas
        padding = -len(body) % 4
        if not padding:
            return write_feedback(RTPFB, _FORM, self.sender_ssrc, self.media_ssrc, bytes(body))
        body += bytes(padding - 1) + bytes([padding])
        message = bytearray(
            write_feedback(RTPFB, _FORM, self.sender_ssrc, self.media_ssrc, bytes(body))
        )
        message[0] |= 0x20
        return bytes(message)


def _chunks(symbols: list[int]) -> bytes:
    """Runs where a run is longer than a vector, vectors of seven otherwise."""
    chunks = bytearray()
    position, size = 0, len(symbols)
    while position < size:
        symbol = symbols[position]
        end = position + 1
        while end < size and end - position < _RUN_LIMIT and symbols[end] == symbol:
            end += 1
        if end - position >= _VECTOR or end == size:
            chunks += (symbol << 13 | end - position).to_bytes(2, "big")
            position = end
            continue
        vector = symbols[position : position + _VECTOR]
        word = 0xC000
        for index, each in enumerate(vector):
            word |= each << (12 - 2 * index)
        chunks += word.to_bytes(2, "big")
        position += _VECTOR
    return bytes(chunks)


def parse_transport_feedback(sender_ssrc: int, media_ssrc: int, body: bytes) -> TransportFeedback:
    """The feedback from what follows its two SSRCs. Raises ``MalformedPacket``."""
    if len(body) < _HEAD.size:
        raise MalformedPacket("rtcp-malformed")
    base, count, time = _HEAD.unpack_from(body)
    if count > MAX_FATES:
        raise MalformedPacket("rtcp-too-much")
    reference = time >> 8
    if reference & 0x800000:
        reference -= 1 << 24
    symbols: list[int] = []
    position = _HEAD.size
    while len(symbols) < count:
        if position + 2 > len(body):
            raise MalformedPacket("rtcp-malformed")
        symbols += _symbols(body[position] << 8 | body[position + 1])
        position += 2
    del symbols[count:]
    arrivals: list[int | None] = []
    previous = 0
    size = len(body)
    if position + count <= size and symbols.count(_SMALL) == count:
        # As most do: nothing is lost, and nothing was late.
        arrivals += accumulate(body[position : position + count])
        return TransportFeedback(sender_ssrc, media_ssrc, base, time & 0xFF, reference, arrivals)
    for symbol in symbols:
        if symbol == _LOST:
            arrivals.append(None)
            continue
        if symbol == _SMALL and position < size:
            previous += body[position]
            position += 1
        elif symbol == _LARGE and position + 2 <= size:
            previous += int.from_bytes(body[position : position + 2], "big", signed=True)
            position += 2
        else:
            raise MalformedPacket("rtcp-malformed")
        arrivals.append(previous)
    return TransportFeedback(sender_ssrc, media_ssrc, base, time & 0xFF, reference, arrivals)


def _symbols(chunk: int) -> Sequence[int]:
    if not chunk & 0x8000:
        return [chunk >> 13] * (chunk & _RUN_LIMIT)
    return _vector(chunk)


@lru_cache(maxsize=1024)
def _vector(chunk: int) -> tuple[int, ...]:
    if chunk & 0x4000:
        return tuple(chunk >> shift & 0x03 for shift in range(12, -1, -2))
    return tuple(chunk >> shift & 0x01 for shift in range(13, -1, -1))
