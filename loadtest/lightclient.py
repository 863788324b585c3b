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
from loadtest.description import TRANSPORT_CC_ID, Answer, offer
from loadtest.encoded import Recording
from loadtest.link import Link
from loadtest.metronome import Beat, Metronome
from loadtest.reception import NACK_SECONDS, Reception, Verdict
from loadtest.refusal import JoinFailed
from loadtest.signaling import Signaling
from loadtest.source import Source, TransportNumbers
from loadtest.tally import Tally
from loadtest.wire import Wire
from sfu.congestion.arrival_recorder import ArrivalRecorder
from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp
from sfu.rtp.extensions import find_extension
from sfu.rtp.feedback import Fir, Nack, Pli
from sfu.rtp.rtcp import (
    ReceiverReport,
    ReportBlock,
    Sdes,
    SenderReport,
    ntp_middle,
    parse_compound,
    write_compound,
)

# Browsers tell every 50 to 100 ms what arrived, and report every second.
_TICK_SECONDS, _TICKS_PER_REPORT = 0.1, 10
# RFC 3550 section 6.4.1: the count of blocks has five bits.
_MAX_BLOCKS = 31
# Media may be on its way while a slot changes hands.
_HANDOVER_SECONDS = 1.0


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


@dataclass(slots=True)
class _Stream:
    """One SSRC of a slot; ``owner`` is the name of who should be in it, ``since`` when."""

    mid: str
    kind: str
    reception: Reception
    owner: int = 0
    since: float = 0.0
    report_ntp: int = 0
    reported_at: float = 0.0


class LightClient:
    """One participant; ``closed`` is the code with which the server ended it, if it did."""

    def __init__(
        self, surroundings: Surroundings, room: str, name: str, *, sends: bool = True, seed: int = 0
    ) -> None:
        self.you = ""
        self.hears: set[tuple[int, str]] = set()  # whom, and which kind
        self._around = surroundings
        self._room, self._name, self._sends = room, name, sends
        self._random = random.Random(seed)
        self._signaling = Signaling(surroundings.http, self._told)
        self._wire: Wire | None = None
        self._sources: dict[int, Source] = {}
        self._beats: list[Beat] = []
        self._ssrc = self._random.getrandbits(32)  # of our reports
        self._streams: dict[int, _Stream] = {}
        self._repairs: dict[int, int] = {}
        self._owners: dict[str, tuple[int, float]] = {}  # by mid
        self._spans: dict[tuple[int, str], list[int]] = {}  # first, last, received
        self._lost = 0
        self._arrivals = ArrivalRecorder()
        self._slots = self._version = 0
        self._negotiating = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking: asyncio.TimerHandle | None = None
        self._ticks = 0
        self._connected_at = 0.0

    @property
    def closed(self) -> str:
        """Why it is out; empty while it is in."""
        if self._signaling.closed:
            return self._signaling.closed
        return "media-lost" if self._wire is not None and self._wire.gone else ""

    async def join(self) -> None:
        """Enter the room, connect and send. Raises ``JoinFailed``."""
        started = time.monotonic()
        await self._signaling.connect(self._around.url)
        joined = await self._signaling.ask("joined", type="join", room=self._room, name=self._name)
        self.you = joined["you"]
        self._wire = Wire(
            self._around.certificate,
            self._received,
            up=self._link(self._around.up),
            down=self._link(self._around.down),
        )
        sources = self._around.sends if self._sends else {}
        ssrcs = {kind: self._random.getrandbits(32) for kind in sources}
        numbers = TransportNumbers()
        for kind, ssrc in ssrcs.items():
            self._sources[ssrc] = Source(
                kind=kind,
                ssrc=ssrc,
                publisher=stamp.name_of(self.you),
                recording=sources[kind],
                wire=self._wire,
                numbers=numbers,
                tally=self._around.tally,
                level=20 + self._random.randrange(40),
            )
        await self._wire.connect(await self._negotiate(joined["slots"]))
        self._connected_at = time.monotonic()
        tally, every = self._around.tally, self._around.metronome.every
        tally.joining.record(self._connected_at - started)
        tally.joins += 1
        # Spread, so that not all clients send and report at the same moment.
        for source in self._sources.values():
            interval = source.recording.interval
            after = self._random.random() * interval
            self._beats.append(every(interval, source.send_frame, after=after))
        after = self._random.random() * _TICK_SECONDS
        self._beats.append(every(_TICK_SECONDS, self._tick, after=after))

    def _link(self, conditions: Conditions | None) -> Link | None:
        if conditions is None:
            return None
        link = Link(random.Random(self._random.random()))
        conditions.apply(link)
        return link

    async def leave(self, *, politely: bool = True) -> None:
        """Leave; not ``politely``: vanish, as a crashed browser does."""
        for beat in self._beats:
            beat.stop()
        if self._asking is not None:
            self._asking.cancel()
        for task in self._tasks:
            task.cancel()
        await self._signaling.close(politely=politely)
        if self._wire is not None:
            self._around.tally.not_sent += self._wire.refused
            await self._wire.close()

    def settle(self) -> None:
        """Count what is missing now as lost, and what was left out; begins to count anew."""
        tally = self._around.tally
        for source in self._sources.values():
            source.tally = tally
        for stream in self._streams.values():
            self._lost += stream.reception.missing
            tally.lost += stream.reception.missing
        published = sum(last - first + 1 for first, last, _ in self._spans.values())
        received = sum(count for _, _, count in self._spans.values())
        tally.left_out += max(0, published - received - self._lost)
        self._spans.clear()
        self._lost = 0

    def begin(self) -> None:
        """Count into the present tally from now on; what came before does not matter."""
        for source in self._sources.values():
            source.tally = self._around.tally
        self._spans.clear()
        self._lost = 0

    def mute(self) -> None:
        """Send no more media, so that what is under way arrives before the end."""
        for beat in self._beats[: len(self._sources)]:
            beat.stop()

    # --- signaling ---

    async def _negotiate(self, slots: int) -> Answer:
        async with self._negotiating:
            wire = self._wire
            assert wire is not None
            self._slots, self._version = max(slots, self._slots), self._version + 1
            sending = dict(zip(self._around.sends, self._sources, strict=False))
            sdp = offer(
                ufrag=wire.ufrag,
                password=wire.password,
                fingerprint=wire.fingerprint,
                sending=sending,
                slots=self._slots,
                version=self._version,
            )
            names = {"audio": "microphone", "video": "camera"}
            tracks = [{"mid": str(mid), "source": names[kind]} for mid, kind in enumerate(sending)]
            reply = await self._signaling.ask("answer", type="offer", sdp=sdp, tracks=tracks)
            answer = Answer.parse(reply["sdp"])
            for ssrc, (mid, kind) in answer.streams.items():
                if ssrc not in answer.repairs and ssrc not in self._streams:
                    stream = self._streams[ssrc] = _Stream(mid, kind, Reception())
                    stream.owner, stream.since = self._owners.get(mid, (0, 0.0))
            self._repairs = answer.repairs
            return answer

    async def _negotiate_again(self, slots: int) -> None:
        with contextlib.suppress(JoinFailed):  # a server that hung up is noticed as such
            await self._negotiate(slots)

    def _told(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "slots":
            self._take_slots(message["slots"])
        elif kind == "need-slots":
            task = asyncio.create_task(self._negotiate_again(message["count"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _take_slots(self, slots: list[dict[str, Any]]) -> None:
        now = time.time()
        for slot in slots:
            owner = stamp.name_of(slot["participant"]) if slot["participant"] else 0
            for mid in (slot["audio"], slot["video"]):
                if self._owners.get(mid, (0, 0.0))[0] != owner:
                    self._owners[mid] = (owner, now)
        for stream in self._streams.values():
            stream.owner, stream.since = self._owners.get(stream.mid, (0, now))

    # --- media ---

    def _received(self, data: bytes, rtcp: bool, arrived: float) -> None:
        try:
            if rtcp:
                self._take_rtcp(data, arrived)
            else:
                self._take_rtp(data, arrived)
        except MalformedPacket:
            self._around.tally.foreign += 1

    def _take_rtp(self, data: bytes, arrived: float) -> None:
        packet = rtp.parse(data)
        ssrc, number = packet.ssrc, packet.sequence_number
        if packet.extension_profile:
            transport = find_extension(packet, TRANSPORT_CC_ID)
            if transport is not None:
                self._arrivals.record(int.from_bytes(transport, "big"), ssrc, arrived)
        primary = self._repairs.get(ssrc)
        payload = data[packet.payload_offset : packet.payload_end]
        if primary is not None:
            if len(payload) < 2:
                return  # padding, to measure the path
            number = int.from_bytes(payload[:2], "big")
        stream = self._streams.get(primary or ssrc)
        tally = self._around.tally
        if stream is None:
            tally.foreign += 1
            return
        verdict, lost = stream.reception.receive(number, arrived, repair=primary is not None)
        if lost:
            self._lost += lost
            tally.lost += lost
        self._count(stream, verdict, stamp.read(payload), arrived, len(data))
        if self._around.repairs and stream.reception.missing and self._asking is None:
            loop = asyncio.get_running_loop()
            self._asking = loop.call_later(NACK_SECONDS, self._ask_again)

    def _count(
        self,
        stream: _Stream,
        verdict: Verdict,
        found: stamp.Stamp | None,
        arrived: float,
        size: int,
    ) -> None:
        tally = self._around.tally
        if verdict is Verdict.DUPLICATE:
            tally.duplicates += 1
            return
        if verdict is Verdict.UNNEEDED:
            tally.unneeded += 1
            return
        tally.received += 1
        tally.received_bytes += size
        if verdict is Verdict.REPAIRED:
            tally.repaired += 1
        elif verdict is Verdict.REORDERED:
            tally.reordered += 1
        if found is None:
            tally.foreign += 1
            return
        tally.latency.record(arrived - found.sent)
        if found.publisher != stream.owner and arrived - stream.since > _HANDOVER_SECONDS:
            tally.mixed_up += 1
        key = (found.publisher, stream.kind)
        span = self._spans.get(key)
        if span is None:
            if key not in self.hears:
                if not self.hears:
                    tally.first_media.record(time.monotonic() - self._connected_at)
                self.hears.add(key)
            self._spans[key] = [found.number, found.number, 1]
            return
        span[0] = min(span[0], found.number)
        span[1] = max(span[1], found.number)
        span[2] += 1

    def _take_rtcp(self, data: bytes, arrived: float) -> None:
        for each in parse_compound(data):
            if isinstance(each, Nack):
                source = self._sources.get(each.media_ssrc)
                if source is not None:
                    source.repeat(each.lost)
            elif isinstance(each, Pli):
                source = self._sources.get(each.media_ssrc)
                if source is not None:
                    source.begin_anew()
            elif isinstance(each, Fir):
                for ssrc, _ in each.entries:
                    if ssrc in self._sources:
                        self._sources[ssrc].begin_anew()
            elif isinstance(each, SenderReport):
                stream = self._streams.get(each.ssrc)
                if stream is not None:
                    stream.report_ntp, stream.reported_at = ntp_middle(each.ntp), arrived

    def _tick(self) -> None:
        wire = self._wire
        assert wire is not None
        now = time.time()
        feedback = self._arrivals.take_feedback(self._ssrc, now)
        if feedback is not None:
            wire.send_rtcp(feedback.write())
        self._ask(now)
        self._ticks += 1
        if self._ticks % _TICKS_PER_REPORT == 0:
            self._report(now)

    def _ask_again(self) -> None:
        self._asking = None
        self._ask(time.time())

    def _ask(self, now: float) -> None:
        """Ask for what is missing, and give up what is too old."""
        tally, wire = self._around.tally, self._wire
        for ssrc, stream in self._streams.items():
            if not stream.reception.missing:
                continue
            numbers, lost = stream.reception.due(now, ask=self._around.repairs)
            self._lost += lost
            tally.lost += lost
            if numbers and wire is not None:
                tally.nacked += len(numbers)
                wire.send_rtcp(Nack(self._ssrc, ssrc, numbers[:200]).write())

    def _report(self, now: float) -> None:
        assert self._wire is not None
        losses = {ssrc: stream.reception.losses() for ssrc, stream in self._streams.items()}
        blocks = [
            ReportBlock(
                ssrc=ssrc,
                fraction_lost=losses[ssrc][0],
                lost=losses[ssrc][1],
                highest_sequence=stream.reception.highest & 0xFFFFFFFF,
                jitter=0,
                last_sr=stream.report_ntp,
                delay_since_last_sr=int((now - stream.reported_at) * 65536) & 0xFFFFFFFF,
            )
            for ssrc, stream in self._streams.items()
            if stream.reception.highest >= 0 and stream.report_ntp
        ]
        reports = [source.report() for source in self._sources.values()]
        # All but the first reports would be alone in their packets; receivers take them so.
        self._wire.send_rtcp(
            write_compound(
                [
                    *reports,
                    ReceiverReport(self._ssrc, blocks[:_MAX_BLOCKS]),
                    Sdes([(self._ssrc, self._wire.ufrag)]),
                ]
            )
        )
        for start in range(_MAX_BLOCKS, len(blocks), _MAX_BLOCKS):
            more = ReceiverReport(self._ssrc, blocks[start : start + _MAX_BLOCKS])
            self._wire.send_rtcp(more.write())
