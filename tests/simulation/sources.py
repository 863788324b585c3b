"""What a simulated browser captures: VP8 frames and Opus packets that say where they come from."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from random import Random

# What real browsers put into a packet: 1,200 bytes less header, extensions and SRTP tag.
MAX_PAYLOAD = 1150
KEYFRAME_FACTOR = 5  # a keyframe is that many times the size of the mean frame
OPUS_BYTES = 90  # 32 kbit/s and a little, at 20 ms
# L1T3: which temporal layer each of four frames is in, and which frame before it it refers to.
TEMPORAL_PATTERN = ((0, 4), (2, 1), (1, 2), (2, 1))
# T0, T1 and T2 carry 40, 20 and 40 % of the rate in one, one and two of four frames.
TEMPORAL_SIZE = {0: 1.6, 1: 0.8, 2: 0.8}
SIZE_SPREAD = 0.15  # frames are that much larger or smaller, evenly
# Refers to nothing: a keyframe.
NOTHING = 0xFFFFFFFF

_DESCRIPTOR = struct.Struct("!BBHBB")
_KEYFRAME_HEADER = struct.Struct("<3s3sHH")
_START_CODE = b"\x9d\x01\x2a"
_VIDEO_MAGIC, _AUDIO_MAGIC = 0xA7, 0xA6
_VIDEO_TAIL = struct.Struct("!BBHIIHH")
_AUDIO_TAIL = struct.Struct("!BBHI")
_ROOM = MAX_PAYLOAD - _DESCRIPTOR.size - _KEYFRAME_HEADER.size - _VIDEO_TAIL.size
_FILLER = bytes(range(256)) * 5


@dataclass(frozen=True)
class Encoding:
    """One encoding of a camera or screen; ``number`` stands for it in every packet."""

    number: int
    rid: str
    width: int
    height: int
    bitrate: int


SIMULCAST = (
    Encoding(0, "q", 320, 180, 120_000),
    Encoding(1, "h", 640, 360, 400_000),
    Encoding(2, "f", 1280, 720, 1_500_000),
)
SINGLE = (Encoding(3, "", 640, 360, 400_000),)
SCREEN = (Encoding(4, "", 1920, 1080, 1_000_000),)
RID_OF = {each.number: each.rid for each in (*SIMULCAST, *SINGLE, *SCREEN)}


@dataclass(slots=True)
class VideoTail:
    """The end of every video payload: which part of which frame of whom it is."""

    encoding: int
    publisher: int
    frame: int
    refers: int  # the frame it is decoded from; ``NOTHING`` for a keyframe
    part: int
    parts: int


def video_tail(data: bytes, end: int) -> VideoTail:
    """The tail of the payload that ends at ``end``."""
    magic, *fields = _VIDEO_TAIL.unpack_from(data, end - _VIDEO_TAIL.size)
    assert magic == _VIDEO_MAGIC, "this payload is not what a publisher wrote"
    return VideoTail(*fields)


def audio_tail(data: bytes, end: int) -> tuple[int, int]:
    """Who said the Opus packet that ends at ``end``, and its number since the first one."""
    magic, _, publisher, number = _AUDIO_TAIL.unpack_from(data, end - _AUDIO_TAIL.size)
    assert magic == _AUDIO_MAGIC, "this payload is not what a publisher wrote"
    return publisher, number


def opus_payload(publisher: int, number: int) -> bytes:
    """One Opus packet."""
    tail = _AUDIO_TAIL.pack(_AUDIO_MAGIC, 0, publisher, number)
    return _FILLER[: OPUS_BYTES - len(tail)] + tail


class Vp8Encoder:
    """One VP8 encoder with three temporal layers, at a steady rate; its first frame is a keyframe.

    The payload descriptor is Chromium's (RFC 7741 section 4.2): 15-bit picture id, TL0PICIDX,
    temporal id with the layer sync bit. ``active`` is False while nobody watches the encoding.
    """

    def __init__(self, encoding: Encoding, publisher: int, fps: float, random: Random) -> None:
        self.encoding = encoding
        self.publisher = publisher
        self.active = True
        self.want_keyframe = True
        self.keyframes = 0
        self.captured_at: list[float] = []  # by frame number
        self._mean_bytes = encoding.bitrate / fps / 8
        self._random = random
        self._position = 0
        self._picture_id = random.randrange(1 << 15)
        self._tl0picidx = random.randrange(256)

    def encode(self, now: float) -> list[bytes]:
        """The payloads of the frame captured at ``now``."""
        number = len(self.captured_at)
        self.captured_at.append(now)
        keyframe, self.want_keyframe = self.want_keyframe, False
        if keyframe:
            self._position = 0
            self.keyframes += 1
        position = self._position
        self._position = (position + 1) % len(TEMPORAL_PATTERN)
        temporal_id, distance = TEMPORAL_PATTERN[position]
        if temporal_id == 0:
            self._tl0picidx = (self._tl0picidx + 1) & 0xFF
        size = self._mean_bytes * (KEYFRAME_FACTOR if keyframe else TEMPORAL_SIZE[temporal_id])
        size *= self._random.uniform(1 - SIZE_SPREAD, 1 + SIZE_SPREAD)
        refers = NOTHING if keyframe else number - distance
        # Only T0 is below the first T2 and T1 of four: decoders may start with them.
        sync = position in (1, 2)
        payloads = self._packetize(max(1, int(size)), keyframe, temporal_id, sync, number, refers)
        self._picture_id = (self._picture_id + 1) & 0x7FFF
        return payloads

    def _packetize(
        self, size: int, keyframe: bool, temporal_id: int, sync: bool, number: int, refers: int
    ) -> list[bytes]:
        parts = -(-size // _ROOM)
        body = _FILLER[: min(-(-size // parts), _ROOM)]
        descriptor = _DESCRIPTOR.pack(
            0x80, 0xE0, 0x8000 | self._picture_id, self._tl0picidx, temporal_id << 6 | sync << 5
        )
        encoding = self.encoding
        payloads = []
        for part in range(parts):
            tail = _VIDEO_TAIL.pack(
                _VIDEO_MAGIC, encoding.number, self.publisher, number, refers, part, parts
            )
            payloads.append(descriptor + body + tail)
        # The first one starts the frame: its S bit, and the VP8 frame header (RFC 6386 9.1).
        tag = (size << 5 & 0xFFFFFF | 0x10 | (not keyframe)).to_bytes(3, "little")
        if keyframe:
            tag = _KEYFRAME_HEADER.pack(tag, _START_CODE, encoding.width, encoding.height)
        first = payloads[0]
        payloads[0] = b"\x90" + first[1 : _DESCRIPTOR.size] + tag + first[_DESCRIPTOR.size :]
        return payloads
