"""What a simulated browser does with what it receives: order, repair, pictures, feedback."""

from __future__ import annotations

import struct
from random import Random
from typing import TYPE_CHECKING

from loadtest.link import Link
from sfu.rtp.extensions import TRANSPORT_CC
from sfu.rtp.feedback import Nack, Pli, Remb
from sfu.rtp.rtcp import ReceiverReport, SenderReport
from sfu.rtp.transport_cc import TransportFeedback
from tests.simulation.incoming import Incoming
from tests.simulation.jitter_buffer import JitterBuffer
from tests.simulation.sources import audio_tail

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfu.sdp.description import SessionDescription
    from tests.simulation.decoder import Frame
    from tests.simulation.plain_transport import PlainTransport
    from tests.simulation.simulator import Call

TICK_SECONDS = 0.01
FEEDBACK_SECONDS = 0.1
REPORT_SECONDS = 1.0
# Packets in one message, which must fit a datagram; as many arrivals are remembered, to be
# reported again when an older packet comes late.
MAX_FEEDBACK = 400
MAX_BLOCKS = 31
# What a browser takes to notice a loss and to answer, besides the way there and back.
REACTION_SECONDS = 0.02
# A receiver's own estimate of a path without a limit.
UNLIMITED_REMB = 10_000_000
OWN_SSRC = 1

_HEADER = struct.Struct("!BBHII")
_TICKS_PER_SECOND = 4000  # of transport-cc, 250 microseconds
_REFERENCE_TICKS = 256


class Receiver:
    """``picture`` and ``sound`` are told each frame that is shown and each Opus packet."""

    def __init__(
        self,
        call: Call,
        up: Link,
        down: Link,
        picture: Callable[[Incoming, Frame], None],
        sound: Callable[[Incoming, int, int], None],
        random: Random,
    ) -> None:
        self.call, self.up, self.down = call, up, down
        self.streams: dict[int, Incoming] = {}  # by SSRC
        self.by_mid: dict[str, Incoming] = {}
        self.unknown = 0
        self.padding = 0  # packets
        self.nacked = 0
        self.keyframes_asked = 0
        self.remb = False
        self._picture, self._sound, self._random = picture, sound, random
        self._repairs: dict[int, Incoming] = {}  # by RTX SSRC
        self._transport: PlainTransport | None = None
        self._transport_cc_id = 0
        self._arrivals: dict[int, float] = {}  # extended transport-wide number -> seconds
        self._highest = -1  # of those
        self._next = 0  # the first number of the next feedback
        self._feedback_count = 0

    def negotiated(self, description: SessionDescription) -> None:
        """Take over what the server's answer says of the slots."""
        for media in description.media:
            if media.direction != "sendonly":
                continue
            groups = {group.ssrcs[0]: group.ssrcs[1] for group in media.ssrc_groups}
            ssrc = next(iter(groups), None) or next(iter(media.ssrcs))
            stream = self.streams.get(ssrc)
            if stream is None:
                stream = self.streams[ssrc] = Incoming(ssrc, media.mid, media.kind)
                if media.kind == "video":
                    stream.pictures = JitterBuffer(stream, self._picture)
            self.by_mid[media.mid] = stream
            stream.nack = any("nack" in codec.feedback for codec in media.codecs)
            if ssrc in groups:
                self._repairs[groups[ssrc]] = stream
            for extension in media.extensions:
                if extension.uri == TRANSPORT_CC:
                    self._transport_cc_id = extension.id

    @property
    def rtt(self) -> float:
        """What it assumes, in seconds."""
        return self.up.delay + self.down.delay + REACTION_SECONDS

    def start(self, transport: PlainTransport) -> None:
        """Media can flow."""
        self._transport = transport
        call = self.call
        call.at(call.now + TICK_SECONDS, self._tick, transport)
        call.at(call.now + FEEDBACK_SECONDS, self._send_feedback, transport)
        call.at(call.now + REPORT_SECONDS, self._send_reports, transport)

    def stop(self) -> None:
        """Take and send nothing any more."""
        self._transport = None

    # --- media ---

    def take(self, data: bytes) -> None:
        """A packet of the server arrives."""
        self.call.delivered.update(data)
        if self._transport is None:
            return
        now = self.call.now
        first, second, number, timestamp, ssrc = _HEADER.unpack_from(data)
        begin, end = 12, len(data)
        if first & 0x10:
            begin = 16 + 4 * (data[14] << 8 | data[15])
            if self._transport_cc_id:
                self._note_arrival(data, begin, now)
        if first & 0x20:
            end -= data[-1]
        stream = self.streams.get(ssrc)
        repair = stream is None
        if stream is None:
            stream = self._repairs.get(ssrc)
            if stream is None:
                self.unknown += 1
                return
            if end - begin < 2:  # padding, to probe the path
                self.padding += 1
                return
            number = data[begin] << 8 | data[begin + 1]
            begin += 2
        extended = stream.note(number, timestamp, now, repair=repair)
        if extended is None:
            return
        pictures = stream.pictures
        if pictures is not None:
            if begin >= end:
                self.padding += 1
            pictures.packet(extended, timestamp, second > 127, data, begin, end, now)
        else:
            publisher, count = audio_tail(data, end)
            stream.source = publisher, count
            self._sound(stream, publisher, count)
        if stream.missing and stream.nack:
            self._ask_again(stream, now)

    def take_rtcp(self, report: SenderReport) -> None:
        """A sender report of the server arrives."""
        stream = self.streams.get(report.ssrc)
        if stream is not None:
            stream.report, stream.report_at = report, self.call.now

    def _note_arrival(self, data: bytes, end: int, now: float) -> None:
        """Keep the transport-wide number among the header extensions, if it is there."""
        position, wanted = 16, self._transport_cc_id
        while position < end:
            byte = data[position]
            if byte >> 4 == wanted:
                number = data[position + 1] << 8 | data[position + 2]
                highest = self._highest
                if highest < 0:
                    extended = self._next = number + 0x10000
                else:
                    extended = highest + ((number - highest + 0x8000) & 0xFFFF) - 0x8000
                self._highest = max(extended, highest)
                if extended > highest - MAX_FEEDBACK:
                    # One that comes late is reported with all since: it is lost no more.
                    self._next = min(self._next, extended)
                    self._arrivals.setdefault(extended, now)
                return
            position += (byte & 0x0F) + 2 if byte else 1

    # --- feedback ---

    def _tick(self, transport: PlainTransport) -> None:
        """Ask for what is missing, show what waited long enough, ask for keyframes."""
        if transport is not self._transport or transport.closed:
            return
        now, rtt = self.call.now, self.rtt
        self.call.at(now + TICK_SECONDS, self._tick, transport)
        for stream in self.streams.values():
            if stream.missing:
                self._ask_again(stream, now)
            pictures = stream.pictures
            if pictures is None:
                continue
            pictures.patience = rtt
            if pictures.waiting:
                pictures.release(now)
            if pictures.asks_keyframe(now):
                self.keyframes_asked += 1
                self._rtcp(Pli(OWN_SSRC, stream.ssrc).write())

    def _ask_again(self, stream: Incoming, now: float) -> None:
        numbers = stream.due(now, self.rtt)
        if numbers and stream.nack:
            self.nacked += len(numbers)
            lost = [number & 0xFFFF for number in numbers]
            self._rtcp(Nack(OWN_SSRC, stream.ssrc, lost).write())

    def _send_feedback(self, transport: PlainTransport) -> None:
        if transport is not self._transport or transport.closed:
            return
        now = self.call.now
        self.call.at(now + FEEDBACK_SECONDS, self._send_feedback, transport)
        arrivals = self._arrivals
        while arrivals and self._next <= self._highest:
            end = min(self._highest + 1, self._next + MAX_FEEDBACK)
            times = [arrivals.get(number) for number in range(self._next, end)]
            base, self._next = self._next, end
            earliest = min((time for time in times if time is not None), default=None)
            if earliest is None:
                continue
            reference = int(earliest * _TICKS_PER_SECOND) // _REFERENCE_TICKS
            origin = reference * _REFERENCE_TICKS
            feedback = TransportFeedback(
                sender_ssrc=OWN_SSRC,
                media_ssrc=next(iter(self.streams)),
                base_sequence=base & 0xFFFF,
                feedback_count=self._feedback_count & 0xFF,
                reference_time=reference & 0x7FFFFF,
                arrivals=[
                    None if time is None else int(time * _TICKS_PER_SECOND) - origin
                    for time in times
                ],
            )
            self._feedback_count += 1
            self._rtcp(feedback.write())
        oldest = self._highest - MAX_FEEDBACK
        for number in [number for number in arrivals if number <= oldest]:
            del arrivals[number]

    def _send_reports(self, transport: PlainTransport) -> None:
        if transport is not self._transport or transport.closed:
            return
        now = self.call.now
        # RFC 3550 6.2: at random, or reports of both sides would stay in step.
        wait = REPORT_SECONDS * self._random.uniform(0.5, 1.5)
        self.call.at(now + wait, self._send_reports, transport)
        blocks = [block for each in self.streams.values() if (block := each.report_block(now))]
        for start in range(0, len(blocks), MAX_BLOCKS):
            self._rtcp(ReceiverReport(OWN_SSRC, blocks[start : start + MAX_BLOCKS]).write())
        if self.remb:
            rate = self.down.rate
            estimate = UNLIMITED_REMB if rate is None else int(rate * 0.9)
            self._rtcp(Remb(OWN_SSRC, estimate, list(self.streams)).write())

    def _rtcp(self, data: bytes) -> None:
        if self._transport is not None:
            self.call.carry(self.up, data, self._transport.take_rtcp)
