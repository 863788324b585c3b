"""Media that is encoded once for all synthetic clients, and stays valid with stamps in it."""

from __future__ import annotations

import array
import fractions
import functools
import math
import re
from itertools import cycle

import av
from av import AudioFrame
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from loadtest import stamp
from loadtest.cache import kept
from loadtest.media import AUDIO_RATE, AUDIO_SAMPLES, VIDEO_CLOCK, Colour, picture
from loadtest.recording import Recording

# After so many pictures the recording begins again, with its keyframe.
LOOP_PICTURES = 60
_LOOP_SOUNDS = 50  # one second
# With every header, SRTP and a tunnel around it a datagram stays within 1,280 bytes.
MAX_PAYLOAD = 1100
# Encodings of simulcast as browsers have them: each twice the size of the one before, with this
# share of the bits.
SIMULCAST = (("q", 160, 90, 0.08), ("h", 320, 180, 0.25), ("f", 640, 360, 0.67))

# RFC 7741 section 4.2: extended, and the start of partition 0; a picture id of 15 bits follows, and
# with temporal layers the index of the last frame of the lowest one, and the layer.
_EXTENDED, _START = 0x80, 0x10
_HAS_PICTURE_ID, _HAS_LAYERS = 0x80, 0x60
PICTURE_ID_AT, LONG_PICTURE_ID = 2, 0x8000
TL0_AT, LAYER_AT = 4, 5
_SWITCHING_POINT = 0x20
# By the number of temporal layers: (layer, whether it refers to the lowest one alone) of each
# frame in turn, and what tells the encoder so (its patterns 2 and 3).
_TEMPORAL: dict[int, tuple[tuple[tuple[int, bool], ...], str]] = {
    1: (((0, False),), ""),
    2: (
        ((0, False), (1, True)),
        "ts_number_layers=2:ts_target_bitrate=60,100:ts_rate_decimator=2,1:ts_periodicity=2:"
        "ts_layer_id=0,1:ts_layering_mode=2",
    ),
    3: (
        ((0, False), (2, True), (1, True), (2, False)),
        "ts_number_layers=3:ts_target_bitrate=40,60,100:ts_rate_decimator=4,2,1:ts_periodicity=4:"
        "ts_layer_id=0,2,1,2:ts_layering_mode=3",
    ),
}
# RFC 6184: an aggregation packet; filler data, which decoders skip; and what is left out.
_STAP_A, _FILLER, _SEI = 0x78, 12, 6
_START_CODE = re.compile(rb"\x00\x00\x00?\x01")
# RFC 6716 section 3.2.5: frames counted in a byte of their own (code 3); one, with padding.
_OPUS_CODE, _OPUS_PADDED_FRAME = 0x03, 0x41


@functools.cache
def simulcast(
    colour: Colour, *, bitrate: int, fps: int, codec: str = "vp8", temporal: int = 3
) -> tuple[Recording, ...]:
    """The encodings of ``SIMULCAST``, the smallest first, that share ``bitrate``."""
    return tuple(
        video(
            colour,
            bitrate=int(share * bitrate),
            fps=fps,
            width=width,
            height=height,
            codec=codec,
            temporal=temporal,
            rid=rid,
        )
        for rid, width, height, share in SIMULCAST
    )


@functools.cache
def video(
    colour: Colour,
    *,
    bitrate: int,
    fps: int,
    width: int = 320,
    height: int = 180,
    codec: str = "vp8",
    temporal: int = 1,
    rid: str = "",
) -> Recording:
    """One colour with a moving bar, at ``bitrate`` bits per second, as ``vp8`` or ``h264``.

    The pictures themselves need little; what is missing follows them as filler, which decoders
    never get to read, so that browsers in the same room see the picture. H.264 has one temporal
    layer, as browsers send it.
    """
    size = bitrate // (8 * fps)
    ticks = VIDEO_CLOCK // fps
    if codec == "h264":
        # The pictures are simple: what a rate control makes of them would vary too much.
        options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
        options["x264-params"] = "keyint=9999:scenecut=0:threads=1:slices=1:bframes=0:qp=40"
        encoded = _pictures("libx264", options, colour, fps, width, height, 100_000)
        frames = tuple(_h264_packets(data, size) for data in encoded)
        return Recording("H264", frames, 1 / fps, ticks, rid)
    pattern, told = _TEMPORAL[temporal]
    options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    options |= {"kf-max-dist": "9999", "error-resilient": "1"}
    if told:
        options["ts-parameters"] = told
    rate = min(bitrate, 100_000)
    encoded = _pictures("libvpx", options, colour, fps, width, height, rate)
    frames = tuple(
        _vp8_packets(data, size, _vp8_descriptor(temporal, *layer))
        for data, layer in zip(encoded, cycle(pattern), strict=False)
    )
    return Recording("VP8", frames, 1 / fps, ticks, rid, temporal)


def _pictures(
    encoder: str,
    options: dict[str, str],
    colour: Colour,
    fps: int,
    width: int,
    height: int,
    bitrate: int,
) -> list[bytes]:
    key = (encoder, sorted(options.items()), colour, fps, width, height, bitrate, LOOP_PICTURES)
    return kept(key, lambda: _encode(encoder, options, colour, fps, width, height, bitrate))


def _encode(
    encoder: str,
    options: dict[str, str],
    colour: Colour,
    fps: int,
    width: int,
    height: int,
    bitrate: int,
) -> list[bytes]:
    codec = av.CodecContext.create(encoder, "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.framerate = fractions.Fraction(fps)
    codec.time_base = fractions.Fraction(1, fps)
    codec.bit_rate = bitrate
    codec.options = options
    encoded = []
    for number in range(LOOP_PICTURES):
        frame = picture(colour, width, height, number)
        frame.pts = number
        encoded += [bytes(packet) for packet in codec.encode(frame)]
    return encoded + [bytes(packet) for packet in codec.encode(None)]


def _vp8_descriptor(temporal: int, layer: int, switching_point: bool) -> bytes:
    if temporal == 1:
        return bytes((_EXTENDED, _HAS_PICTURE_ID, 0x80, 0))
    last = layer << 6 | (_SWITCHING_POINT if switching_point else 0)
    return bytes((_EXTENDED, _HAS_PICTURE_ID | _HAS_LAYERS, 0x80, 0, 0, last))


def _vp8_packets(data: bytes, size: int, descriptor: bytes) -> tuple[bytes, ...]:
    """A picture in the first packet, and filler behind it and in the others."""
    count, room = _shared(size, len(data) + len(descriptor) + stamp.SIZE)
    each = min(max(room - len(descriptor) - stamp.SIZE, 1), MAX_PAYLOAD)
    first = bytes((descriptor[0] | _START,)) + descriptor[1:] + data
    filler = descriptor + bytes(each)
    return (first + bytes(max(each - len(data), 0)), *[filler] * (count - 1))


def _h264_packets(data: bytes, size: int) -> tuple[bytes, ...]:
    """A picture and a filler unit in the first packet, and a filler unit in each other."""
    units = [unit for unit in _START_CODE.split(data) if unit and unit[0] & 0x1F != _SEI]
    aggregate = bytes((_STAP_A,)) + b"".join(len(u).to_bytes(2, "big") + u for u in units)
    count, room = _shared(size, len(aggregate) + 3 + stamp.ESCAPED_SIZE)
    filled = max(room - len(aggregate) - 3 - stamp.ESCAPED_SIZE, 0)
    length = (1 + filled + stamp.ESCAPED_SIZE).to_bytes(2, "big")
    first = aggregate + length + bytes((_FILLER,)) + b"\xff" * filled
    filler = bytes((_FILLER,)) + b"\xff" * max(room - 1 - stamp.ESCAPED_SIZE, 0)
    return (first, *[filler] * (count - 1))


def _shared(size: int, first: int) -> tuple[int, int]:
    """How many packets ``size`` bytes make, and how large each is; ``first`` needs so much.

    Raises ``ValueError`` when a picture needs more: a stamp may not be inside of one.
    """
    if first > MAX_PAYLOAD:
        raise ValueError(f"a picture of {first} bytes does not fit one packet")
    count = max(1, math.ceil(size / MAX_PAYLOAD))
    return count, size // count


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
    return Recording("opus", frames, AUDIO_SAMPLES / AUDIO_RATE, AUDIO_SAMPLES)


def _opus_padded(data: bytes) -> bytes:
    if data[0] & _OPUS_CODE:
        raise ValueError("the encoder put several frames into a packet")
    return bytes([data[0] | _OPUS_CODE, _OPUS_PADDED_FRAME, stamp.SIZE]) + data[1:]
