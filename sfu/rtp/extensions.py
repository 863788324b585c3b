"""RTP header extensions (RFC 8285): their names, and their elements on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sfu.errors import MalformedPacket

if TYPE_CHECKING:
    from sfu.rtp.packet import RtpPacket

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
VIDEO_ORIENTATION = "urn:3gpp:video-orientation"
PLAYOUT_DELAY = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
CONTENT_TYPE = "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type"
VIDEO_TIMING = "http://www.webrtc.org/experiments/rtp-hdrext/video-timing"
COLOR_SPACE = "http://www.webrtc.org/experiments/rtp-hdrext/color-space"
DEPENDENCY_DESCRIPTOR = (
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)

ONE_BYTE = 0xBEDE
TWO_BYTE = 0x1000  # the low four bits are for the application
_TWO_BYTE_MASK = 0xFFF0


def parse_extensions(packet: RtpPacket) -> dict[int, bytes]:
    """All elements by id; a later one of the same id wins.

    Empty for profiles other than the two of RFC 8285. Raises ``MalformedPacket``.
    """
    elements: dict[int, bytes] = {}
    data, position, end = packet.data, packet.extension_start, packet.extension_end
    profile = packet.extension_profile
    if profile == ONE_BYTE:
        while position < end:
            byte = data[position]
            position += 1
            if byte == 0:
                continue
            number = byte >> 4
            if number == 15:
                break  # RFC 8285 section 4.2: reserved, stop here
            after = position + (byte & 0x0F) + 1
            if after > end:
                raise MalformedPacket("rtp-extension-malformed")
            if number:
                elements[number] = data[position:after]
            position = after
    elif profile & _TWO_BYTE_MASK == TWO_BYTE:
        while position < end:
            number = data[position]
            position += 1
            if number == 0:
                continue
            if position >= end:
                raise MalformedPacket("rtp-extension-malformed")
            after = position + 1 + data[position]
            if after > end:
                raise MalformedPacket("rtp-extension-malformed")
            elements[number] = data[position + 1 : after]
            position = after
    return elements


def find_extension(packet: RtpPacket, number: int) -> bytes | None:
    """The element with that id, without looking at those after it; None when it is not there."""
    if packet.extension_profile != ONE_BYTE:
        return parse_extensions(packet).get(number) if packet.extension_profile else None
    data, position, end = packet.data, packet.extension_start, packet.extension_end
    while position < end:
        byte = data[position]
        position += 1
        if byte == 0:
            continue
        found = byte >> 4
        if found == 15:
            return None
        after = position + (byte & 0x0F) + 1
        if after > end:
            raise MalformedPacket("rtp-extension-malformed")
        if found == number:
            return data[position:after]
        position = after
    return None


def write_extensions(elements: Mapping[int, bytes]) -> bytes:
    """The whole block with its four-byte header, padded; empty for no elements.

    Takes the one-byte form when every element fits it. Raises ``ValueError`` for an id outside
    1 to 255 or a value over 255 bytes.
    """
    if not elements:
        return b""
    short = all(1 <= number <= 14 and 1 <= len(value) <= 16 for number, value in elements.items())
    body = bytearray()
    for number, value in elements.items():
        if not 1 <= number <= 255 or len(value) > 255:
            raise ValueError(f"header extension {number} of {len(value)} bytes has no form")
        body += bytes([number << 4 | len(value) - 1] if short else [number, len(value)])
        body += value
    body += bytes(-len(body) % 4)
    profile = ONE_BYTE if short else TWO_BYTE
    return profile.to_bytes(2, "big") + (len(body) // 4).to_bytes(2, "big") + bytes(body)
