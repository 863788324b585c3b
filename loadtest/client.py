"""One synthetic participant: joins a room over WebSocket, sends and receives through aiortc."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import aioice.ice
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame, VideoFrame

from loadtest.media import Colour, ColourTrack, ToneTrack, loudness, mean_colour
from loadtest.refusal import JoinFailed

# A server that has not answered by then is not there, or overloaded.
ANSWER_SECONDS = 10.0
# Looking at every picture would cost more than decoding it.
_COLOUR_EVERY = 5


@dataclass
class Seen:
    """What one client got of one participant."""

    pictures: int = 0
    first_picture_at: float | None = None
    colour: Colour | None = None
    sounds: int = 0
    loudest: float = 0.0


@dataclass
class Client:
    """``colour`` and ``tone`` say what to send; None sends none. ``url`` is the server's."""

    url: str
    room: str
    name: str
    colour: Colour | None = (200, 40, 40)
    tone: int | None = 400
    width: int = 160
    height: int = 120
    fps: int = 10
    ipv6: bool = False
    you: str = ""
    joined_at: float = 0.0
    participants: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: str = ""

    def __post_init__(self) -> None:
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._consumed: list[asyncio.Task[None]] = []  # one per transceiver of a slot
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._owner: dict[str, str] = {}  # mid -> participant
        self._slots: list[RTCRtpTransceiver] = []
        self._sources: list[tuple[RTCRtpTransceiver, str]] = []
        self._negotiating = asyncio.Lock()
        self.connection: RTCPeerConnection | None = None

    async def join(self) -> None:
        """Enter the room and connect; raises ``JoinFailed``."""
        self._http = aiohttp.ClientSession()
        try:
            self._socket = await self._http.ws_connect(f"{self.url.rstrip('/')}/ws")
        except (aiohttp.ClientError, OSError) as error:
            await self._http.close()
            raise JoinFailed("unreachable", f"{self.url} does not answer: {error}") from None
        self._tasks.append(asyncio.create_task(self._read()))
        joined = await self._ask({"type": "join", "room": self.room, "name": self.name}, "joined")
        self.you = joined["you"]
        self.joined_at = time.monotonic()
        self.participants = {each["id"]: each for each in joined["participants"]}
        _use_loopback("::1" if self.ipv6 else "127.0.0.1")
        self.connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        if self.tone is not None:
            self._publish(ToneTrack(self.tone), "microphone")
        if self.colour is not None:
            picture = ColourTrack(self.colour, width=self.width, height=self.height, fps=self.fps)
            self._publish(picture, "camera")
        await self._negotiate(joined["slots"])

    def _publish(self, track: MediaStreamTrack, source: str) -> None:
        assert self.connection is not None
        transceiver = self.connection.addTransceiver(track, direction="sendonly")
        self._sources.append((transceiver, source))

    async def _negotiate(self, slots: int) -> None:
        async with self._negotiating:
            connection = self.connection
            assert connection is not None
            while len(self._slots) < 2 * slots:
                for kind in ("audio", "video"):
                    transceiver = connection.addTransceiver(kind, direction="recvonly")
                    self._slots.append(transceiver)
            await connection.setLocalDescription(await connection.createOffer())
            tracks = [
                {"mid": transceiver.mid, "source": source} for transceiver, source in self._sources
            ]
            sdp = connection.localDescription.sdp
            answer = await self._ask({"type": "offer", "sdp": sdp, "tracks": tracks}, "answer")
            await connection.setRemoteDescription(
                RTCSessionDescription(sdp=answer["sdp"], type="answer")
            )
            await _add_candidates(connection, answer["sdp"], ipv6=self.ipv6)
            for transceiver in self._slots[len(self._consumed) :]:
                self._consumed.append(asyncio.create_task(self._consume(transceiver)))

    async def say(self, **message: Any) -> None:
        """Send any message."""
        assert self._socket is not None
        await self._socket.send_str(json.dumps(message))

    async def leave(self) -> None:
        """Leave as a person would, and clean up."""
        if self._socket is not None and not self._socket.closed:
            with contextlib.suppress(JoinFailed, ConnectionError):
                await self._ask({"type": "leave"}, "closed")
        await self._stop()

    async def die(self) -> None:
        """Vanish without a word, as a crashed browser does."""
        if self._socket is not None:
            response = self._socket._response
            if response.connection is not None and response.connection.transport is not None:
                response.connection.transport.abort()
        await self._stop()

    async def _stop(self) -> None:
        tasks = [*self._tasks, *self._consumed]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.connection is not None:
            await self.connection.close()
        if self._http is not None:
            await self._http.close()

    async def _ask(self, message: dict[str, Any], reply: str) -> dict[str, Any]:
        future = self._replies[reply] = asyncio.get_running_loop().create_future()
        await self.say(**message)
        try:
            return await asyncio.wait_for(future, ANSWER_SECONDS)
        except TimeoutError:
            raise JoinFailed("no-answer", f"no {reply} within {ANSWER_SECONDS:.0f} s") from None
        finally:
            self._replies.pop(reply, None)

    async def _read(self) -> None:
        assert self._socket is not None
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._received(json.loads(message.data))
        self._fail("disconnected", "the server hung up")

    def _received(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        kind = message["type"]
        future = self._replies.get(kind)
        if future is not None and not future.done():
            future.set_result(message)
        if kind == "error":
            self._fail(message["code"], message["message"])
        elif kind == "closed":
            self.closed = message["code"]
        elif kind == "slots":
            self._owner = {
                mid: slot["participant"]
                for slot in message["slots"]
                if slot["participant"] is not None
                for mid in (slot["audio"], slot["video"])
            }
        elif kind == "need-slots":
            self._tasks.append(asyncio.create_task(self._negotiate(message["count"])))
        elif kind == "participant-joined":
            self.participants[message["participant"]["id"]] = message["participant"]
        elif kind == "participant-left":
            self.participants.pop(message["participant"], None)

    def _fail(self, code: str, text: str) -> None:
        for future in self._replies.values():
            if not future.done():
                future.set_exception(JoinFailed(code, text))

    async def _consume(self, transceiver: RTCRtpTransceiver) -> None:
        track = transceiver.receiver.track
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            owner = self._owner.get(transceiver.mid or "")
            if owner is None:
                continue
            seen = self.seen.setdefault(owner, Seen())
            if isinstance(frame, VideoFrame):
                seen.pictures += 1
                seen.first_picture_at = seen.first_picture_at or time.monotonic()
                if seen.pictures % _COLOUR_EVERY == 1:
                    seen.colour = mean_colour(frame)
            elif isinstance(frame, AudioFrame):
                seen.sounds += 1
                if seen.sounds % 10 == 0:
                    seen.loudest = max(seen.loudest, loudness(frame))


async def _add_candidates(connection: RTCPeerConnection, answer: str, *, ipv6: bool) -> None:
    """Give aiortc the candidates of the first m-line; of a bundle it reads only the last one's."""
    for line in answer.splitlines():
        if line.startswith("a=candidate:") and (":" in line.split()[4]) is ipv6:
            candidate = candidate_from_sdp(line.removeprefix("a=candidate:"))
            candidate.sdpMLineIndex = 0
            await connection.addIceCandidate(candidate)


def _use_loopback(address: str) -> None:
    """Let aioice use loopback, which it leaves out, for servers on this machine."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [address]
