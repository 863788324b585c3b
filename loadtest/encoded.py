"""Media that is encoded once for all synthetic clients, and stays valid with stamps in it."""

from __future__ import annotations

import array
import fractions
import functools
import math
from dataclasses import dataclass

import av
from av import AudioFrame
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from loadtest import stamp
from loadtest.media import AUDIO_RATE, AUDIO_SAMPLES, VIDEO_CLOCK, Colour, picture

# After so many pictures the recording begins again, with its keyframe.
LOOP_PICTURES = 60
_LOOP_SOUNDS = 50  # one second
# With every header, SRTP and a tunnel around it a datagram stays within 1,280 bytes.
MAX_PAYLOAD = 1100

# RFC 7741 section 4.2: extended, and the start of partition 0; a picture id follows, in 15 bits.
_VP8_START, _VP8_CONTINUED = b"\x90\x80\x80\x00", b"\x80\x80\x80\x00"
PICTURE_ID_AT, LONG_PICTURE_ID = 2, 0x8000
_DESCRIPTOR_BYTES = 4
# RFC 6716 section 3.2.5: frames counted in a byte of their own (code 3); one, with padding.
_OPUS_CODE, _OPUS_PADDED_FRAME = 0x03, 0x41


@dataclass(frozen=True)
class Recording:
    """Payloads without their stamps: ``frames[n]`` are the packets of picture or sound n.

    The first frame is a keyframe and the only one. ``interval`` is in seconds, ``ticks`` the same
    in units of the RTP clock.
    """

    frames: tuple[tuple[bytes, ...], ...]
    interval: float
    ticks: int


@functools.cache
def video(
    colour: Colour, *, bitrate: int, fps: int, width: int = 320, height: int = 180
) -> Recording:
    """VP8 of one colour with a moving bar, at ``bitrate`` bits per second.

    The pictures themselves need little; what is missing follows them as filler, which decoders
    never get to read, so that browsers in the same room see the picture.
    """
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.framerate = fractions.Fraction(fps)
    codec.time_base = fractions.Fraction(1, fps)
    codec.bit_rate = min(bitrate, 100_000)
    codec.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    codec.options |= {"kf-max-dist": "9999", "error-resilient": "1"}
    encoded = []
    for number in range(LOOP_PICTURES):
        frame = picture(colour, width, height, number)
        frame.pts = number
        encoded += [bytes(packet) for packet in codec.encode(frame)]
    encoded += [bytes(packet) for packet in codec.encode(None)]
    size = bitrate // (8 * fps)
    return Recording(
        tuple(_vp8_packets(data, size) for data in encoded), 1 / fps, VIDEO_CLOCK // fps
    )


def _vp8_packets(data: bytes, size: int) -> tuple[bytes, ...]:
    room = MAX_PAYLOAD - _DESCRIPTOR_BYTES - stamp.SIZE
    count = max(math.ceil(size / MAX_PAYLOAD), math.ceil(len(data) / room))
    if count > 1 and len(data) > room:
        # A stamp may follow the picture but not be inside of it.
        raise ValueError(f"a picture of {len(data)} bytes does not fit one packet")
    each = min(max(size // count - _DESCRIPTOR_BYTES - stamp.SIZE, 1), room)
    first = _VP8_START + data + bytes(max(each - len(data), 0))
    return (first, *[_VP8_CONTINUED + bytes(each)] * (count - 1))


@functools.cache
def audio(hertz: int = 400) -> Recording:
    """Opus of a tone, 20 ms each, made to end with padding: the stamp's place."""
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, AudioCodecContext)
    codec.sample_rate, codec.format, codec.layout = AUDIO_RATE, "s16", "mono"
    codec.bit_rate = 32_000
    tone = array.array(
        "h",
        (int(8000 * math.sin(2 * math.pi * hertz * n / AUDIO_RATE)) for n in range(AUDIO_SAMPLES)),
    ).tobytes()
    encoded = []
    for number in range(_LOOP_SOUNDS):
        frame = AudioFrame(format="s16", layout="mono", samples=AUDIO_SAMPLES)
        frame.planes[0].update(tone)
        frame.sample_rate, frame.pts = AUDIO_RATE, number * AUDIO_SAMPLES
        encoded += [bytes(packet) for packet in codec.encode(frame)]
    frames = tuple((_opus_padded(data),) for data in encoded)
    return Recording(frames, AUDIO_SAMPLES / AUDIO_RATE, AUDIO_SAMPLES)


def _opus_padded(data: bytes) -> bytes:
    if data[0] & _OPUS_CODE:
        raise ValueError("the encoder put several frames into a packet")
    return bytes([data[0] | _OPUS_CODE, _OPUS_PADDED_FRAME, stamp.SIZE]) + data[1:]
