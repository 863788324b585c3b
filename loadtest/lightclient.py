"""A synthetic participant that neither encodes nor decodes: hundreds of them fit one process."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiortc import RTCCertificate

from loadtest import stamp
from loadtest.conditions import Conditions, Network
from loadtest.description import Answer, offer
from loadtest.incoming import Incoming
from loadtest.link import Link
from loadtest.metronome import Beat, Metronome
from loadtest.recording import Recording
from loadtest.refusal import JoinFailed
from loadtest.signaling import Signaling
from loadtest.sockets import Sockets
from loadtest.source import Source, TransportNumbers
from loadtest.tally import Tally
from loadtest.wire import Wire
from sfu.errors import MalformedPacket
from sfu.rtp.feedback import Fir, Nack, Pli
from sfu.rtp.rtcp import (
    ReceiverReport,
    RtcpPacket,
    Sdes,
    SenderReport,
    parse_compound,
    write_compound,
)

# Browsers tell every 50 to 100 ms what arrived, and report every second.
_TICK_SECONDS, _TICKS_PER_REPORT = 0.1, 10
# RFC 3550 section 6.4.1: the count of blocks has five bits.
_MAX_BLOCKS = 31
# Voices of different loudness, in -dBov, so that the server has speakers to tell apart.
_LOUDEST, _QUIETEST = 20, 60
_SOURCES = {"audio": "microphone", "video": "camera"}


@dataclass
class Surroundings:
    """What the clients of one process share; ``tally`` may be exchanged at any time.

    ``sends`` are the recordings by kind, several of video for simulcast. ``token`` is what all
    join with. ``network`` is None for the real one.
    ``repairs`` tells whether clients ask for what is missing, ``sample`` of how many packets they
    look into one.
    """

    url: str
    http: aiohttp.ClientSession
    certificate: RTCCertificate
    sockets: Sockets
    metronome: Metronome
    tally: Tally
    sends: dict[str, tuple[Recording, ...]]
    network: Network | None = None
    repairs: bool = True
    sample: int = 1
    tcp: bool = False
    token: str = ""


class LightClient:
    """One participant; ``seed`` decides its SSRCs, its losses, and when exactly it sends.

    ``network`` is its own, None for that of all.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        room: str,
        name: str,
        *,
        sends: bool = True,
        seed: int = 0,
        network: Network | None = None,
    ) -> None:
        self.you = ""
        self._around = surroundings
        self._room, self._name, self._sends = room, name, sends
        self._random = random.Random(seed)
        up, down = network or surroundings.network or (None, None)
        self._signaling = Signaling(surroundings.http, self._told)
        self._wire = Wire(
            surroundings.certificate,
            surroundings.sockets,
            media=self._take_rtp,
            reports=self._take_rtcp,
            sample=surroundings.sample,
            tcp=surroundings.tcp,
            up=self._link(up),
            down=self._link(down),
        )
        self._ssrc = self._random.getrandbits(32)  # of our reports
        self._incoming = Incoming(
            self._ssrc,
            surroundings.tally,
            self._wire.unprotect,
            self._wire.send_rtcp,
            self._heard,
            repairs=surroundings.repairs,
        )
        self._sources: dict[int, Source] = {}
        self._sending: dict[str, int] = {}  # SSRCs by kind
        self._beats: list[Beat] = []
        self._slots = self._version = self._ticks = 0
        self._negotiating = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connected_at = 0.0

    def _link(self, conditions: Conditions | None) -> Link | None:
        if conditions is None:
            return None
        link = Link(random.Random(self._random.random()))
        conditions.apply(link)
        return link

    @property
    def closed(self) -> str:
        """Why it is out; empty while it is in."""
        return self._signaling.closed or ("media-lost" if self._wire.gone else "")

    @property
    def hears(self) -> int:
        """How many others something came of."""
        return len({publisher for publisher, _ in self._incoming.hears})

    async def join(self) -> None:
        """Enter the room, connect and send. Raises ``JoinFailed``."""
        started = time.monotonic()
        await self._signaling.connect(self._around.url)
        who = {"room": self._room, "name": self._name}
        if self._around.token:
            who["token"] = self._around.token
        joined = await self._signaling.ask("joined", type="join", **who)
        self.you = joined["you"]
        if self._sends:
            self._make_sources()
        await self._wire.connect(await self._negotiate(joined["slots"]))
        self._connected_at = time.monotonic()
        self._around.tally.joining.record(self._connected_at - started)
        self._around.tally.joins += 1
        # Spread, so that not all clients send and report at the same moment.
        every = self._around.metronome.every
        for kind, recordings in self._around.sends.items() if self._sends else ():
            interval = recordings[0].interval
            send = functools.partial(self._send_frames, kind)
            self._beats.append(every(interval, send, after=self._random.random() * interval))
        after = self._random.random() * _TICK_SECONDS
        self._beats.append(every(_TICK_SECONDS, self._tick, after=after))

    def _make_sources(self) -> None:
        numbers = TransportNumbers()
        for mid, (kind, recordings) in enumerate(self._around.sends.items()):
            for encoding, recording in enumerate(recordings):
                ssrc = self._random.getrandbits(32)
                self._sending.setdefault(kind, ssrc)
                self._sources[ssrc] = Source(
                    ssrc=ssrc,
                    publisher=stamp.name_of(self.you),
                    recording=recording,
                    wire=self._wire,
                    numbers=numbers,
                    tally=self._around.tally,
                    level=self._random.randrange(_LOUDEST, _QUIETEST),
                    mid=str(mid),
                    encoding=encoding,
                )

    def _send_frames(self, kind: str) -> None:
        for source in self._sources.values():
            if (kind == "audio") is (source.recording.codec == "opus"):
                source.send_frame()

    async def leave(self, *, politely: bool = True) -> None:
        """Leave; not ``politely``: vanish, as a crashed browser does."""
        for beat in self._beats:
            beat.stop()
        for task in self._tasks:
            task.cancel()
        self._incoming.close()
        await self._signaling.close(politely=politely)
        self._around.tally.not_sent += self._wire.refused
        await self._wire.close(politely=politely)

    def begin(self) -> None:
        """Count into the present tally from now on."""
        tally = self._around.tally
        self._incoming.begin(tally)
        for source in self._sources.values():
            source.tally = tally

    def mute(self) -> None:
        """Send no more media, so that what is under way arrives before the end."""
        for beat in self._beats[: len(self._sending)]:
            beat.stop()

    def settle(self) -> None:
        """Count what has not come by now as lost."""
        self._incoming.settle()

    # --- signaling ---

    async def _negotiate(self, slots: int) -> Answer:
        async with self._negotiating:
            self._slots, self._version = max(slots, self._slots), self._version + 1
            video = self._around.sends.get("video", ())
            sdp = offer(
                ufrag=self._wire.ufrag,
                password=self._wire.password,
                fingerprint=self._wire.fingerprint,
                sending=self._sending,
                slots=self._slots,
                version=self._version,
                codec=video[0].codec if video else "VP8",
                rids=tuple(each.rid for each in video if each.rid),
            )
            tracks = [
                {"mid": str(mid), "source": _SOURCES[kind]}
                for mid, kind in enumerate(self._sending)
            ]
            reply = await self._signaling.ask("answer", type="offer", sdp=sdp, tracks=tracks)
            answer = Answer.parse(reply["sdp"])
            self._incoming.take_answer(answer)
            return answer

    async def _negotiate_again(self, slots: int) -> None:
        with contextlib.suppress(JoinFailed):  # a server that hung up is noticed as such
            await self._negotiate(slots)

    def _told(self, message: dict[str, Any]) -> None:
        if message["type"] == "slots":
            self._incoming.take_slots(message["slots"])
        elif message["type"] == "layers":
            for source in self._sources.values():
                if source.recording.rid:
                    source.pause(source.recording.rid not in message["wanted"])
        elif message["type"] == "need-slots":
            task = asyncio.create_task(self._negotiate_again(message["count"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # --- media ---

    def _take_rtp(self, data: bytes, arrived: float, sampled: bool) -> None:
        try:
            self._incoming.take_rtp(data, arrived, sampled)
        except MalformedPacket:
            self._around.tally.foreign += 1

    def _heard(self) -> None:
        self._around.tally.first_media.record(time.monotonic() - self._connected_at)

    def _take_rtcp(self, data: bytes, arrived: float) -> None:
        try:
            packets = parse_compound(data)
        except MalformedPacket:
            self._around.tally.foreign += 1
            return
        for each in packets:
            if isinstance(each, SenderReport):
                self._incoming.take_report(each, arrived)
            elif isinstance(each, ReceiverReport):
                for block in each.blocks:
                    if block.ssrc in self._sources:
                        self._sources[block.ssrc].named = False  # the server knows its name
            elif isinstance(each, Nack) and each.media_ssrc in self._sources:
                self._sources[each.media_ssrc].repeat(each.lost)
            elif isinstance(each, Pli) and each.media_ssrc in self._sources:
                self._sources[each.media_ssrc].begin_anew()
            elif isinstance(each, Fir):
                for ssrc in self._sources.keys() & {ssrc for ssrc, _ in each.entries}:
                    self._sources[ssrc].begin_anew()

    def _tick(self) -> None:
        now = time.time()
        self._incoming.tick(now)
        self._ticks += 1
        if self._ticks % _TICKS_PER_REPORT == 0:
            self._report(now)

    def _report(self, now: float) -> None:
        blocks = self._incoming.report_blocks(now)
        first: list[RtcpPacket] = [
            *(source.report() for source in self._sources.values()),
            ReceiverReport(self._ssrc, blocks[:_MAX_BLOCKS]),
            Sdes([(self._ssrc, self._wire.ufrag)]),
        ]
        self._wire.send_rtcp(write_compound(first))
        for start in range(_MAX_BLOCKS, len(blocks), _MAX_BLOCKS):
            more = ReceiverReport(self._ssrc, blocks[start : start + _MAX_BLOCKS])
            self._wire.send_rtcp(more.write())
