"""Datagrams in a stream of bytes, each behind its length (RFC 4571), as ICE-TCP carries them."""

from __future__ import annotations

import struct

from sfu.errors import MalformedPacket

# Browsers send at most about 1,200 bytes, and what goes to them is no longer than what came.
MAX_FRAME_BYTES = 2048

_LENGTH = struct.Struct("!H")


class Framing:
    """Takes what arrives in any pieces and gives whole frames, in order."""

    __slots__ = ("_buffer", "_position")

    def __init__(self) -> None:
        self._buffer = b""
        self._position = 0

    def feed(self, data: bytes) -> None:
        """Take more of the stream; call ``next`` until it has no more before the next piece."""
        self._buffer = self._buffer[self._position :] + data
        self._position = 0

    def next(self) -> bytes | None:
        """The next frame, None until it is there whole.

        Raises ``MalformedPacket`` for one that is too long: the stream is worth nothing then.
        """
        start = self._position + 2
        if len(self._buffer) < start:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer, self._position)
        if length > MAX_FRAME_BYTES:
            raise MalformedPacket("tcp-frame-length")
        if len(self._buffer) < start + length:
            return None
        self._position = start + length
        return self._buffer[start : self._position]


def framed(datagram: bytes) -> bytes:
    """``datagram`` as it travels in a stream."""
    return _LENGTH.pack(len(datagram)) + datagram
