"""A bad network between one page and the server, and what that page still sees and hears."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from page import CallPage

# The server names its addresses in its answers: the page is told the relay's instead of them.
_THROUGH_RELAY = """
(() => {
  const wrapped = RTCPeerConnection.prototype.setRemoteDescription;
  const candidate = /^(a=candidate:\\S+ 1 udp \\d+) \\S+ \\d+/i;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    let left = 1;
    const lines = description.sdp.split('\\r\\n').flatMap((line) => {
      if (!line.startsWith('a=candidate:')) return [line];
      if (!candidate.test(line) || left-- < 1) return [];
      return [line.replace(candidate, '$1 HOST PORT')];
    });
    return wrapped.call(this, { type: description.type, sdp: lines.join('\\r\\n') });
  };
})();
"""

# Streams are found by the tracks of the tile, whichever slot they came in.
_SIGHT = """async () => {
  const tile = [...document.querySelector('sfu-call').shadowRoot.querySelectorAll('article.tile')]
    .find((each) => each.dataset.name === NAME);
  const stream = tile?.querySelector('video').srcObject;
  const connection = window.parley?.call?.peer?.connection;
  if (!stream || !connection) return {};
  const ids = stream.getTracks().map((track) => track.id);
  const found = {};
  (await connection.getStats()).forEach((report) => {
    if (report.type === 'inbound-rtp' && ids.includes(report.trackIdentifier)) {
      found[report.kind] = report;
    }
  });
  return found;
}"""

# When each frame was shown, and when the window had another size (ms); kept for some minutes at
# thirty a second.
_WATCH_FRAMES = """() => {
  const video = [...document.querySelector('sfu-call').shadowRoot.querySelectorAll('article.tile')]
    .find((each) => each.dataset.name === NAME).querySelector('video');
  const shown = (window.framesShown ??= {})[NAME] = [];
  const seen = (now, frame) => {
    if (shown.length < 10000) shown.push([frame.presentationTime, frame.width, frame.height]);
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
  window.onresize = () => { window.resizedAt = performance.now(); };
}"""


class BadNetwork:
    """The relay, in a process of its own: a busy test must not delay packets."""

    def __init__(self, udp_port: int) -> None:
        self._udp_port = udp_port
        self._process: asyncio.subprocess.Process | None = None
        self._address = ("", "")

    async def start(self) -> None:
        """Start the relay; the network is a good one until ``become``."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "loadtest.relay", "--to", f"127.0.0.1:{self._udp_port}"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        host, _, port = (await self._line()).rpartition(":")
        self._address = (host, port)

    @property
    def init(self) -> str:
        """A script that leads a page through the relay: ``await chromium(url, init=...)``."""
        host, port = self._address
        return _THROUGH_RELAY.replace("HOST", host).replace("PORT", port)

    async def become(self, options: str) -> None:
        """Change what ``options`` of the relay tell, such as ``--down-rate 400k``."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(options.encode() + b"\n")
        answer = await self._line()
        assert not answer.startswith("error"), answer

    async def stop(self) -> None:
        """End the relay."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def _line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the relay ended"
        return line.decode().strip()


@dataclass(frozen=True)
class Sight:
    """What a page got of one participant so far, out of getStats()."""

    height: int
    frames: int
    frames_per_second: float
    freezes: int
    frozen_seconds: float
    video_packets: int
    video_lost: int
    nacks: int
    plis: int
    samples: int
    concealed: int
    audio_packets: int
    audio_lost: int

    def concealed_since(self, before: Sight) -> float:
        """The share of sound since ``before`` that was made up because it did not arrive."""
        samples = self.samples - before.samples
        return (self.concealed - before.concealed) / samples if samples else 1.0


async def sees(page: CallPage, name: str) -> Sight:
    """What ``page`` gets of the participant called ``name``; zeros before anything came."""
    found = await page.evaluate(_SIGHT.replace("NAME", json.dumps(name)))
    video: dict[str, Any] = found.get("video", {})
    audio: dict[str, Any] = found.get("audio", {})
    return Sight(
        height=video.get("frameHeight", 0),
        frames=video.get("framesDecoded", 0),
        frames_per_second=video.get("framesPerSecond", 0.0),
        freezes=video.get("freezeCount", 0),
        frozen_seconds=video.get("totalFreezesDuration", 0.0),
        video_packets=video.get("packetsReceived", 0),
        video_lost=video.get("packetsLost", 0),
        nacks=video.get("nackCount", 0),
        plis=video.get("pliCount", 0),
        samples=audio.get("totalSamplesReceived", 0),
        # Samples made up while nobody spoke are no fault.
        concealed=audio.get("concealedSamples", 0) - audio.get("silentConcealedSamples", 0),
        audio_packets=audio.get("packetsReceived", 0),
        audio_lost=audio.get("packetsLost", 0),
    )


async def watch_frames(page: CallPage, name: str) -> None:
    """Write down from now on when each frame of ``name`` is shown."""
    await page.evaluate(_WATCH_FRAMES.replace("NAME", json.dumps(name)))


async def frames_shown(page: CallPage, name: str) -> list[tuple[float, int, int]]:
    """Time (s), width and height of each frame of ``name`` since ``watch_frames``."""
    shown = await page.evaluate(f"() => window.framesShown[{json.dumps(name)}]")
    return [(time / 1000, width, height) for time, width, height in shown]


async def switched_after(page: CallPage, name: str, heights: range) -> float | None:
    """Seconds from the last resize of the window to the first picture with one of ``heights``.

    The page's own clock tells; None while there is no such picture.
    """
    resized = await page.evaluate("() => window.resizedAt") / 1000
    for time, _, height in await frames_shown(page, name):
        if time > resized and height in heights:
            return time - resized
    return None


async def sent(page: CallPage) -> dict[str, dict[str, Any]]:
    """The outbound-rtp report of each layer of the camera, by rid."""
    reports = await page.stats("outbound-rtp")
    return {r["rid"]: r for r in reports if r["kind"] == "video" and "rid" in r}


def longest_gap(shown: list[tuple[float, int, int]]) -> float:
    """The longest time (s) for which one picture stood still."""
    times = [time for time, _, _ in shown]
    return max(later - earlier for earlier, later in itertools.pairwise(times))


def write_busy_camera(path: Path, width: int, height: int) -> None:
    """A second of video that costs bits: coloured squares that move at different speeds."""
    random_ = random.Random(7)
    frames, square = 15, height // 24
    columns, rows = width // square, height // square
    texture = [bytes(random_.randrange(40, 220) for _ in range(columns)) for _ in range(rows)]
    speeds = [random_.choice([1, 2, 3]) for _ in range(rows)]
    chroma = bytes(random_.randrange(96, 160) for _ in range(width // 2)) * (height // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{frames}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in range(frames):
            file.write(b"FRAME\n")
            for row, speed in zip(texture, speeds, strict=True):
                line = b"".join(bytes([luma]) * square for luma in row)
                shift = frame * speed * square % width
                line = (line + bytes(width - len(line)))[:width]
                file.write((line[shift:] + line[:shift]) * square)
            file.write(bytes(width) * (height - rows * square))
            file.write(chroma * 2)
