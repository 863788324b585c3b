"""A synthetic participant that neither encodes nor decodes: hundreds of them fit one process."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiortc import RTCCertificate

from loadtest import stamp
from loadtest.conditions import Conditions
from loadtest.description import Answer, offer
from loadtest.encoded import Recording
from loadtest.incoming import Incoming
from loadtest.link import Link
from loadtest.metronome import Beat, Metronome
from loadtest.refusal import JoinFailed
from loadtest.signaling import Signaling
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

    ``sends`` are the recordings by kind. ``up`` and ``down`` are None for the real network.
    ``repairs`` tells whether clients ask for what is missing.
    """

    url: str
    http: aiohttp.ClientSession
    certificate: RTCCertificate
    metronome: Metronome
    tally: Tally
    sends: dict[str, Recording]
    up: Conditions | None = None
    down: Conditions | None = None
    repairs: bool = True


class LightClient:
    """One participant; ``seed`` decides its SSRCs, its losses, and when exactly it sends."""

    def __init__(
        self, surroundings: Surroundings, room: str, name: str, *, sends: bool = True, seed: int = 0
    ) -> None:
        self.you = ""
        self._around = surroundings
        self._room, self._name, self._sends = room, name, sends
        self._random = random.Random(seed)
        self._signaling = Signaling(surroundings.http, self._told)
        self._wire = Wire(
            surroundings.certificate,
            self._received,
            up=self._link(surroundings.up),
            down=self._link(surroundings.down),
        )
        self._ssrc = self._random.getrandbits(32)  # of our reports
        self._incoming = Incoming(
            self._ssrc,
            surroundings.tally,
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
        joined = await self._signaling.ask("joined", type="join", room=self._room, name=self._name)
        self.you = joined["you"]
        if self._sends:
            self._make_sources()
        await self._wire.connect(await self._negotiate(joined["slots"]))
        self._connected_at = time.monotonic()
        self._around.tally.joining.record(self._connected_at - started)
        self._around.tally.joins += 1
        # Spread, so that not all clients send and report at the same moment.
        every = self._around.metronome.every
        for source in self._sources.values():
            interval = source.recording.interval
            after = self._random.random() * interval
            self._beats.append(every(interval, source.send_frame, after=after))
        after = self._random.random() * _TICK_SECONDS
        self._beats.append(every(_TICK_SECONDS, self._tick, after=after))

    def _make_sources(self) -> None:
        numbers = TransportNumbers()
        for kind, recording in self._around.sends.items():
            ssrc = self._sending[kind] = self._random.getrandbits(32)
            self._sources[ssrc] = Source(
                kind=kind,
                ssrc=ssrc,
                publisher=stamp.name_of(self.you),
                recording=recording,
                wire=self._wire,
                numbers=numbers,
                tally=self._around.tally,
                level=self._random.randrange(_LOUDEST, _QUIETEST),
            )

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
        for beat in self._beats[: len(self._sources)]:
            beat.stop()

    def settle(self) -> None:
        """Count what has not come by now as lost."""
        self._incoming.settle()

    # --- signaling ---

    async def _negotiate(self, slots: int) -> Answer:
        async with self._negotiating:
            self._slots, self._version = max(slots, self._slots), self._version + 1
            sdp = offer(
                ufrag=self._wire.ufrag,
                password=self._wire.password,
                fingerprint=self._wire.fingerprint,
                sending=self._sending,
                slots=self._slots,
                version=self._version,
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
        elif message["type"] == "need-slots":
            task = asyncio.create_task(self._negotiate_again(message["count"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # --- media ---

    def _received(self, data: bytes, rtcp: bool, arrived: float) -> None:
        try:
            if rtcp:
                self._take_rtcp(data, arrived)
            else:
                self._incoming.take_rtp(data, arrived)
        except MalformedPacket:
            self._around.tally.foreign += 1

    def _heard(self) -> None:
        self._around.tally.first_media.record(time.monotonic() - self._connected_at)

    def _take_rtcp(self, data: bytes, arrived: float) -> None:
        for each in parse_compound(data):
            if isinstance(each, SenderReport):
                self._incoming.take_report(each, arrived)
            elif isinstance(each, Nack) and each.media_ssrc in self._sources:
                self._sources[each.media_ssrc].repeat(each.lost)
            elif isinstance(each, Pli) and each.media_ssrc in self._sources:
                self._sources[each.media_ssrc].begin_anew()
            elif isinstance(each, Fir):
                for ssrc, _ in each.entries:
                    if ssrc in self._sources:
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
