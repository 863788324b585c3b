"""The RTP packet (RFC 3550 section 5.1): bytes to fields and back."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sfu.errors import MalformedPacket
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.dependency_descriptor import Dependency
from sfu.rtp.extensions import write_extensions

_HEADER = struct.Struct("!BBHII")
_UINT16_PAIR = struct.Struct("!HH")

# RFC 5761 section 4: RTCP packet types that no RTP packet with its marker bit may look like.
_RTCP_FIRST, _RTCP_LAST = 192, 223


@dataclass(slots=True)
class RtpPacket:
    """One unprotected packet: ``data`` is all of it, offsets point into ``data``.

    ``extension_profile`` is 0 without a header extension; ``extension_start`` and
    ``extension_end`` enclose its elements. ``payload_end`` leaves the padding out. ``mark`` and
    ``dependency`` are what the payload and the dependency descriptor tell, filled in by the core.
    """

    data: bytes
    marker: bool
    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload_offset: int
    payload_end: int
    extension_profile: int = 0
    extension_start: int = 0
    extension_end: int = 0
    mark: PayloadMark | None = None
    dependency: Dependency | None = None


def is_rtcp(data: bytes) -> bool:
    """Whether a packet of a multiplexed port is RTCP, by its second byte (RFC 5761)."""
    return len(data) > 1 and _RTCP_FIRST <= data[1] <= _RTCP_LAST


def parse(data: bytes) -> RtpPacket:
    """The packet in ``data``. Raises ``MalformedPacket`` when a length points outside of it."""
    size = len(data)
    if size < 12:
        raise MalformedPacket("rtp-too-short")
    first, second, sequence_number, timestamp, ssrc = _HEADER.unpack_from(data)
    if first & 0xC0 != 0x80:
        raise MalformedPacket("rtp-version")
    offset = 12 + 4 * (first & 0x0F)
    if offset > size:
        raise MalformedPacket("rtp-csrc-overrun")
    profile = start = end = 0
    if first & 0x10:
        start = offset + 4
        if start > size:
            raise MalformedPacket("rtp-extension-overrun")
        profile, words = _UINT16_PAIR.unpack_from(data, offset)
        offset = end = start + 4 * words
        if end > size:
            raise MalformedPacket("rtp-extension-overrun")
    payload_end = size
    if first & 0x20:
        padding = data[-1]
        payload_end = size - padding
        if not padding or payload_end < offset:
            raise MalformedPacket("rtp-padding")
    return RtpPacket(
        data,
        second > 127,
        second & 0x7F,
        sequence_number,
        timestamp,
        ssrc,
        offset,
        payload_end,
        profile,
        start,
        end,
    )


def write(
    *,
    payload_type: int,
    sequence_number: int,
    timestamp: int,
    ssrc: int,
    payload: bytes,
    marker: bool = False,
    extensions: Mapping[int, bytes] | None = None,
    csrcs: Sequence[int] = (),
    padding: int = 0,
) -> bytes:
    """The bytes of a packet; ``padding`` is the number of bytes to add, at most 255.

    Raises ``ValueError`` when an extension has no form on the wire.
    """
    block = write_extensions(extensions) if extensions else b""
    first = 0x80 | len(csrcs) | (0x10 if block else 0) | (0x20 if padding else 0)
    header = _HEADER.pack(
        first, payload_type | (0x80 if marker else 0), sequence_number, timestamp, ssrc
    )
    sources = struct.pack(f"!{len(csrcs)}I", *csrcs)
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    return header + sources + block + payload + tail
