"""Bounds that aiortc's SCTP does not set: what of a hostile peer's packets must not reach it.

Each bound is far from what browsers do; what goes beyond is dropped, as if the network had lost it,
or ends the association where it cannot go on.
"""

from __future__ import annotations

import struct

from aiortc.rtcsctptransport import RTCSctpTransport

# Our receive window: what one participant may have us hold of messages that are not complete.
RECEIVE_WINDOW = 128 * 1024
# Beyond the window a sender may still send one chunk to probe it; nobody needs this much.
_WINDOW_EXCESS = 64 * 1024
# 113 chunks of full size fill the window. Each costs a search through all, and 0.5 kB.
MAX_CHUNKS_HELD = 256
# Of one packet; 1,200 bytes hold 60 chunks of the shortest useful messages.
_MAX_CHUNKS = 64
# Two channels need two; a page that opens them again needs two more.
MAX_STREAMS = 64

# Chunk types, RFC 9260 section 3.2 and RFC 3758 section 3.2.
_DATA, _SACK, _FORWARD_TSN = 0, 3, 192
# Where the parameters of those that have any begin (INIT, INIT ACK, HEARTBEAT and its ACK, ABORT,
# ERROR, and RE-CONFIG of RFC 6525).
_PARAMETERS = {1: 20, 2: 20, 4: 4, 5: 4, 6: 4, 9: 4, 130: 4}
_COMMON_HEADER, _CHUNK_HEADER, _DATA_HEADER, _SACK_HEADER = 12, 4, 16, 16
_CHUNK = struct.Struct("!BBH")
_NUMBER = struct.Struct("!L")
_GAPS = struct.Struct("!HH")
_PARAMETER = struct.Struct("!HH")
_HALF = 1 << 31


def screen(packet: bytes, sctp: RTCSctpTransport) -> str:
    """Why ``packet`` is to be dropped; empty when it is not."""
    position, chunks = _COMMON_HEADER, 0
    while position + _CHUNK_HEADER <= len(packet):
        kind, _, length = _CHUNK.unpack_from(packet, position)
        end = position + length
        if length < _CHUNK_HEADER or end > len(packet) or chunks >= _MAX_CHUNKS:
            return "sctp-malformed"
        if not _parameters_end(packet, position + _PARAMETERS.get(kind, length), end):
            return "sctp-malformed"
        if kind in (_DATA, _SACK, _FORWARD_TSN):
            if sctp._last_received_tsn is None:
                return "sctp-before-init"
            if kind == _DATA and not _data_allowed(packet, position, length, sctp):
                return "sctp-data"
            if kind == _SACK and not _sack_allowed(packet, position, end, sctp):
                return "sctp-sack"
        chunks += 1
        position = end + -length % 4
    return ""


def overload(sctp: RTCSctpTransport) -> str:
    """Why the association cannot go on after a packet; empty when it can."""
    if sctp._advertised_rwnd < -_WINDOW_EXCESS:
        return "message-too-large"
    if len(sctp._inbound_streams) > MAX_STREAMS:
        return "too-many-streams"
    held = sum(len(stream.reassembly) for stream in sctp._inbound_streams.values())
    return "too-many-fragments" if held > MAX_CHUNKS_HELD + _MAX_CHUNKS else ""


def _parameters_end(packet: bytes, position: int, end: int) -> bool:
    """Whether each parameter is as long as its header: with one of no length aiortc never ends."""
    while position + _PARAMETER.size <= end:
        _, length = _PARAMETER.unpack_from(packet, position)
        if length < _PARAMETER.size:
            return False
        position += length + -length % 4
    return True


def _data_allowed(packet: bytes, position: int, length: int, sctp: RTCSctpTransport) -> bool:
    """With content (RFC 9260 section 3.3.1), and the next in order when much is out of order."""
    if length <= _DATA_HEADER:
        return False
    if len(sctp._sack_misordered) < MAX_CHUNKS_HELD:
        return True
    (number,) = _NUMBER.unpack_from(packet, position + 4)
    last = sctp._last_received_tsn
    return last is not None and (number - last) % (1 << 32) == 1


def _sack_allowed(packet: bytes, position: int, end: int, sctp: RTCSctpTransport) -> bool:
    """About what was sent only: aiortc walks through each number of each gap block."""
    if end - position < _SACK_HEADER:
        return False
    outstanding = len(sctp._sent_queue)
    (number,) = _NUMBER.unpack_from(packet, position + 4)
    ahead = (number - sctp._last_sacked_tsn) % (1 << 32)
    if outstanding < ahead < _HALF:
        return False
    gaps, _ = _GAPS.unpack_from(packet, position + 12)
    if position + _SACK_HEADER + 4 * gaps > end:
        return False
    before = 0
    for index in range(gaps):
        first, last = _GAPS.unpack_from(packet, position + _SACK_HEADER + 4 * index)
        if not before < first <= last <= outstanding:
            return False
        before = last
    return True
