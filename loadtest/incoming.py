"""Everything a synthetic client receives: counted, asked for where it is missing, reported."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loadtest import stamp
from loadtest.description import TRANSPORT_CC_ID, Answer
from loadtest.reception import NACK_SECONDS, Reception, Verdict
from loadtest.tally import Tally
from loadtest.wire import Unprotectable
from sfu.congestion.arrival_recorder import ArrivalRecorder
from sfu.rtp import packet as rtp
from sfu.rtp.extensions import find_extension
from sfu.rtp.feedback import Nack
from sfu.rtp.rtcp import ReportBlock, SenderReport, ntp_middle

# Media may be on its way while a slot changes hands.
_HANDOVER_SECONDS = 1.0
# RFC 3550 section 5.1: number and SSRC. SRTP leaves the header and its extensions readable.
_HEADER = struct.Struct("!xxHxxxxI")
_FIXED_BYTES = 12
# RFC 8285 section 4.2: the element of one-byte extensions that has the transport-wide number.
_NUMBER_ELEMENT = TRANSPORT_CC_ID << 4 | 1
# What one NACK may list and still fit a datagram.
_MAX_NACKED = 200


@dataclass(slots=True)
class _Span:
    """The numbers that came of one publisher's source since counting began."""

    first: int
    last: int
    received: int


@dataclass(slots=True)
class _Stream:
    """One SSRC of a slot; ``owner`` is the name of who should be in it, ``since`` when.

    ``number_at`` is where its packets last had their transport-wide number, ``span`` whose
    packets they last were: None when the next one has to tell.
    """

    ssrc: int
    mid: str
    kind: str
    reception: Reception
    owner: int = 0
    since: float = 0.0
    report_ntp: int = 0
    reported_at: float = 0.0
    number_at: int = 0
    span: _Span | None = None


class Incoming:
    """``send_rtcp`` takes our feedback under ``ssrc``; ``heard`` is called by the first packet.

    ``hears`` has a pair of publisher and kind for each source of which something came. Every
    packet is counted by its header; those of a sample are unprotected and looked into as well, and
    the first of a stream after its slot changed hands.
    """

    def __init__(
        self,
        ssrc: int,
        tally: Tally,
        unprotect: Callable[[bytes], bytes],
        send_rtcp: Callable[[bytes], None],
        heard: Callable[[], None],
        *,
        repairs: bool,
    ) -> None:
        self.tally = tally
        self.hears: set[tuple[int, str]] = set()
        self._ssrc = ssrc
        self._unprotect = unprotect
        self._send_rtcp = send_rtcp
        self._heard = heard
        self._asks = repairs
        self._streams: dict[int, _Stream] = {}
        self._repairs: dict[int, int] = {}
        self._owners: dict[str, tuple[int, float]] = {}  # by mid
        # By publisher, kind and encoding.
        self._spans: dict[tuple[int, str, int], _Span] = {}
        self._lost = 0
        self._arrivals = ArrivalRecorder()
        self._asking: asyncio.TimerHandle | None = None

    def take_answer(self, answer: Answer) -> None:
        """Learn which streams may come."""
        self._repairs = answer.repairs
        for ssrc, (mid, kind) in answer.streams.items():
            if ssrc not in answer.repairs and ssrc not in self._streams:
                owner, since = self._owners.get(mid, (0, 0.0))
                self._streams[ssrc] = _Stream(ssrc, mid, kind, Reception(), owner, since)

    def take_slots(self, slots: list[dict[str, Any]]) -> None:
        """Learn who should be in which slot."""
        now = time.time()
        for slot in slots:
            owner = stamp.name_of(slot["participant"]) if slot["participant"] else 0
            for mid in (slot["audio"], slot["video"]):
                if self._owners.get(mid, (0, 0.0))[0] != owner:
                    self._owners[mid] = (owner, now)
        for stream in self._streams.values():
            owner, since = self._owners.get(stream.mid, (0, now))
            if owner != stream.owner:
                stream.owner, stream.since, stream.span = owner, since, None

    def take_rtp(self, data: bytes, arrived: float, sampled: bool) -> None:
        """Count one packet, still protected; only if ``sampled`` it tells of the latency.

        Raises ``MalformedPacket``.
        """
        number, ssrc = _HEADER.unpack_from(data)
        stream = self._streams.get(ssrc)
        if stream is None:
            self._take_repair(ssrc, data, arrived)
            return
        if data[0] & 0x10:
            at = stream.number_at
            # Else it is somewhere else than in the packet before, or missing.
            if not at or at + 3 > len(data) or data[at] != _NUMBER_ELEMENT:
                at = stream.number_at = _number_at(data)
            if at:
                self._arrivals.record(data[at + 1] << 8 | data[at + 2], ssrc, arrived)
        verdict, lost = stream.reception.receive(number, arrived)
        if lost:
            self._lose(lost)
        if verdict is Verdict.DUPLICATE:
            self.tally.duplicates += 1
            return
        found: stamp.Stamp | None = None
        if sampled or stream.span is None:
            try:
                found = stamp.read(self._unprotect(data))
            except Unprotectable:
                self.tally.broken += 1
                return
            if found is None:
                self.tally.foreign += 1
            else:
                self._look_into(stream, found, arrived, sampled)
        self._count(stream, verdict, len(data))
        if stream.reception.missing:
            self._ask_soon()

    def _take_repair(self, ssrc: int, data: bytes, arrived: float) -> None:
        """A packet of an RTX stream (RFC 4588), or of one that nobody told of."""
        try:
            packet = rtp.parse(self._unprotect(data))
        except Unprotectable:
            self.tally.broken += 1
            return
        transport = find_extension(packet, TRANSPORT_CC_ID)
        if transport is not None:
            self._arrivals.record(int.from_bytes(transport, "big"), ssrc, arrived)
        stream = self._streams.get(self._repairs.get(ssrc, -1))
        if stream is None:
            self.tally.foreign += 1
            return
        payload = packet.data[packet.payload_offset : packet.payload_end]
        if len(payload) < 2:
            return  # padding, to measure the path
        number = int.from_bytes(payload[:2], "big")
        verdict, lost = stream.reception.receive(number, arrived, repair=True)
        if lost:
            self._lose(lost)
        if verdict is Verdict.UNNEEDED:
            self.tally.unneeded += 1
            return
        found = stamp.read(payload)
        if found is not None:
            self._look_into(stream, found, arrived, True)
        self._count(stream, verdict, len(data))
        if stream.reception.missing:
            self._ask_soon()

    def _count(self, stream: _Stream, verdict: Verdict, size: int) -> None:
        tally = self.tally
        tally.received += 1
        tally.received_bytes += size
        if verdict is not Verdict.FRESH:
            if verdict is Verdict.REPAIRED:
                tally.repaired += 1
            else:
                tally.reordered += 1
        if stream.span is not None:
            stream.span.received += 1

    def _look_into(
        self, stream: _Stream, found: stamp.Stamp, arrived: float, sampled: bool
    ) -> None:
        if sampled:
            self.tally.latency.record(arrived - found.sent)
        if found.publisher != stream.owner and arrived - stream.since > _HANDOVER_SECONDS:
            self.tally.mixed_up += 1
        key = (found.publisher, stream.kind, found.number >> stamp.ENCODING_BIT)
        span = self._spans.get(key)
        if span is None:
            span = self._spans[key] = _Span(found.number, found.number, 0)
            if not self.hears:
                self._heard()
            self.hears.add(key[:2])
        stream.span = span
        span.first, span.last = min(span.first, found.number), max(span.last, found.number)

    def take_report(self, report: SenderReport, arrived: float) -> None:
        """Note the server's report, which ours refer to."""
        stream = self._streams.get(report.ssrc)
        if stream is not None:
            stream.report_ntp, stream.reported_at = ntp_middle(report.ntp), arrived

    def tick(self, now: float) -> None:
        """Tell what arrived, ask for what did not. Every 0.1 s."""
        feedback = self._arrivals.take_feedback(self._ssrc, now)
        if feedback is not None:
            self._send_rtcp(feedback.write())
        self._ask(now)

    def _ask_soon(self) -> None:
        if self._asks and self._asking is None:
            loop = asyncio.get_running_loop()
            self._asking = loop.call_later(NACK_SECONDS, self._ask_again)

    def _ask_again(self) -> None:
        self._asking = None
        self._ask(time.time())

    def _ask(self, now: float) -> None:
        for stream in self._streams.values():
            if not stream.reception.missing:
                continue
            numbers, lost = stream.reception.due(now, ask=self._asks)
            self._lose(lost)
            if numbers:
                self.tally.nacked += len(numbers)
                self._send_rtcp(Nack(self._ssrc, stream.ssrc, numbers[:_MAX_NACKED]).write())

    def _lose(self, count: int) -> None:
        self._lost += count
        self.tally.lost += count

    def report_blocks(self, now: float) -> list[ReportBlock]:
        """What our next report says of each stream that the server has reported on."""
        blocks = []
        for stream in self._streams.values():
            if stream.reception.highest < 0 or not stream.report_ntp:
                continue
            share, lost = stream.reception.losses()
            blocks.append(
                ReportBlock(
                    ssrc=stream.ssrc,
                    fraction_lost=share,
                    lost=lost,
                    highest_sequence=stream.reception.highest & 0xFFFFFFFF,
                    jitter=0,
                    last_sr=stream.report_ntp,
                    delay_since_last_sr=int((now - stream.reported_at) * 65536) & 0xFFFFFFFF,
                )
            )
        return blocks

    def begin(self, tally: Tally) -> None:
        """Count into ``tally`` from now on; what came before does not matter."""
        self.tally = tally
        self._spans.clear()
        for stream in self._streams.values():
            stream.span = None
        self._lost = 0

    def settle(self) -> None:
        """Count what is missing now as lost, and what was left out: nothing more will come."""
        for stream in self._streams.values():
            self._lose(stream.reception.missing)
        published = sum(span.last - span.first + 1 for span in self._spans.values())
        received = sum(span.received for span in self._spans.values())
        self.tally.left_out += max(0, published - received - self._lost)

    def close(self) -> None:
        """Ask for nothing any more."""
        if self._asking is not None:
            self._asking.cancel()


def _number_at(data: bytes) -> int:
    """Where the element with the transport-wide number begins; 0 when there is none."""
    at = _FIXED_BYTES + 4 * (data[0] & 0x0F)
    if len(data) < at + 4 or data[at : at + 2] != b"\xbe\xde":
        return 0
    end = min(at + 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big"), len(data) - 2)
    at += 4
    while at < end:
        if data[at] == _NUMBER_ELEMENT:
            return at
        at += 2 + (data[at] & 0x0F) if data[at] else 1
    return 0
