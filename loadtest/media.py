"""What synthetic clients show: a picture of one colour with a moving bar, and a tone."""

from __future__ import annotations

import array
import asyncio
import fractions
import math
import time

from aiortc import MediaStreamTrack
from av import AudioFrame, VideoFrame

AUDIO_RATE = 48000
AUDIO_SAMPLES = 960  # 20 ms
VIDEO_CLOCK = 90000
_STEPS = 12  # positions of the bar

Colour = tuple[int, int, int]


class ColourTrack(MediaStreamTrack):
    """Video of one colour (red, green, blue: 0 to 255), so that receivers know whom they see."""

    kind = "video"

    def __init__(self, colour: Colour, *, width: int, height: int, fps: int) -> None:
        super().__init__()
        self._fps = fps
        self._frames = [picture(colour, width, height, step) for step in range(_STEPS)]
        self._start: float | None = None
        self._count = 0

    async def recv(self) -> VideoFrame:
        """The next picture, when it is due."""
        self._start = await _wait(self._start, self._count / self._fps)
        frame = self._frames[self._count % _STEPS]
        frame.pts = self._count * VIDEO_CLOCK // self._fps
        frame.time_base = fractions.Fraction(1, VIDEO_CLOCK)
        self._count += 1
        return frame


class ToneTrack(MediaStreamTrack):
    """A sine of ``hertz`` (a multiple of 50, so that 20 ms hold whole periods)."""

    kind = "audio"

    def __init__(self, hertz: int) -> None:
        super().__init__()
        samples = (
            int(8000 * math.sin(2 * math.pi * hertz * n / AUDIO_RATE)) for n in range(AUDIO_SAMPLES)
        )
        self._samples = array.array("h", samples).tobytes()
        self._start: float | None = None
        self._count = 0

    async def recv(self) -> AudioFrame:
        """The next 20 ms, when they are due."""
        self._start = await _wait(self._start, self._count * AUDIO_SAMPLES / AUDIO_RATE)
        frame = AudioFrame(format="s16", layout="mono", samples=AUDIO_SAMPLES)
        frame.planes[0].update(self._samples)
        frame.sample_rate = AUDIO_RATE
        frame.pts = self._count * AUDIO_SAMPLES
        frame.time_base = fractions.Fraction(1, AUDIO_RATE)
        self._count += 1
        return frame


def mean_colour(frame: VideoFrame) -> Colour:
    """The average colour of a picture."""
    tiny = frame.reformat(width=16, height=16, format="rgb24", interpolation="AREA")
    plane = tiny.planes[0]
    data = bytes(plane)
    rows = [data[y * plane.line_size : y * plane.line_size + 48] for y in range(16)]
    sums = [sum(sum(row[channel::3]) for row in rows) for channel in range(3)]
    return sums[0] // 256, sums[1] // 256, sums[2] // 256


def loudness(frame: AudioFrame) -> float:
    """The effective value of a piece of sound, 0 to 1."""
    samples = array.array("h", bytes(frame.planes[0]))
    return math.sqrt(sum(s * s for s in samples) / max(1, len(samples))) / 32768


async def _wait(start: float | None, elapsed: float) -> float:
    now = time.monotonic()
    if start is None:
        return now
    await asyncio.sleep(max(0.0, start + elapsed - now))
    return start


def picture(colour: Colour, width: int, height: int, step: int) -> VideoFrame:
    """One colour, with a bar that moves with ``step`` and begins again at the left."""
    step %= _STEPS
    red, green, blue = colour
    luma = int(16 + 0.257 * red + 0.504 * green + 0.098 * blue)
    chroma_blue = int(128 - 0.148 * red - 0.291 * green + 0.439 * blue)
    chroma_red = int(128 + 0.439 * red - 0.368 * green - 0.071 * blue)
    frame = VideoFrame(width, height, "yuv420p")
    bar = width // _STEPS
    row = bytearray([luma] * width)
    row[step * bar : (step + 1) * bar] = bytes([235 if luma < 128 else 16] * bar)
    _fill(frame, 0, bytes(row), height)
    _fill(frame, 1, bytes([chroma_blue] * (width // 2)), height // 2)
    _fill(frame, 2, bytes([chroma_red] * (width // 2)), height // 2)
    return frame


def _fill(frame: VideoFrame, plane: int, row: bytes, rows: int) -> None:
    padded = row + bytes(frame.planes[plane].line_size - len(row))
    frame.planes[plane].update(padded * rows)
