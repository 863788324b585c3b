"""What a simulated browser sends: sound, pictures, and answers to the server's feedback."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from loadtest.link import Link
from sfu.rtp.feedback import Fir, Nack, Pli
from sfu.rtp.rtcp import ReceiverReport, RtcpPacket, SenderReport, ntp_from_unix
from tests.simulation.sources import Encoding, Vp8Encoder, opus_payload

if TYPE_CHECKING:
    from tests.simulation.plain_transport import PlainTransport
    from tests.simulation.simulator import Call

OPUS, VP8, RTX = 111, 96, 97
AUDIO_LEVEL_ID, ABS_SEND_TIME_ID, TRANSPORT_CC_ID, MID_ID = 1, 2, 3, 4
RID_ID, REPAIRED_RID_ID = 10, 11
OPUS_SECONDS = 0.02
# The packets of a frame are spread over this share of the time to the next one.
SPREAD = 0.8
# Packets kept for retransmission per SSRC: a power of two makes the index a mask.
HISTORY = 1024
# A browser's clock is not ours.
CLOCK_AHEAD = 5000.0

_HEADER = struct.Struct("!BBHIIHH")


@dataclass(eq=False)
class Outgoing:
    """One SSRC with its RTX SSRC (0: none) and what is kept for retransmission."""

    ssrc: int
    rtx_ssrc: int
    payload_type: int
    clock_rate: int
    mid: str
    rid: str
    number: int  # of the latest packet
    timestamp_offset: int
    rtx_number: int = 0
    packets: int = 0
    octets: int = 0
    known: bool = False  # the server reported on it: mid and rid are no longer sent
    history: list[tuple[int, bytes, int, bool] | None] = field(
        default_factory=lambda: [None] * HISTORY
    )

    def timestamp(self, at: float) -> int:
        """The RTP timestamp of the instant ``at``."""
        return (round(at * self.clock_rate) + self.timestamp_offset) & 0xFFFFFFFF


@dataclass(eq=False)
class Camera:
    """A camera or screen with its encoders, each with what it is sent as."""

    source: str
    fps: float
    encoders: list[tuple[Vp8Encoder, Outgoing]]
    muted: bool = False


class Sender:
    """Sends through ``up`` from ``start`` to ``stop``; keeps to its rates whatever the network."""

    def __init__(self, call: Call, publisher: int, up: Link, random: Random) -> None:
        self.call, self.publisher, self.up = call, publisher, up
        self.outgoing: dict[int, Outgoing] = {}  # by SSRC
        self.microphone: Outgoing | None = None
        self.muted = False  # the microphone
        self.level = 127
        self.opus_sent_at: list[float] = []  # by number
        self.cameras: dict[str, Camera] = {}  # by source
        self.keyframes_asked = 0
        self.nacked = 0
        # What a faulty browser makes of each RTP packet that it should send.
        self.spoil: Callable[[bytes], Iterable[bytes]] = lambda data: (data,)
        self._random = random
        self._transport: PlainTransport | None = None
        self._transport_number = 0
        self._transport_cc: set[str] = set()  # mids

    def add_microphone(self, mid: str, ssrc: int) -> None:
        """Publish a microphone in the m-line ``mid``."""
        self.microphone = self._add(mid, "", ssrc, 0, OPUS, 48000)

    def add_camera(
        self, source: str, mid: str, fps: float, encodings: Iterable[Encoding], ssrc: int
    ) -> None:
        """Publish a camera or screen; the SSRCs and RTX SSRCs count up from ``ssrc``."""
        encoders = []
        for index, encoding in enumerate(encodings):
            first = ssrc + 2 * index
            outgoing = self._add(mid, encoding.rid, first, first + 1, VP8, 90000)
            encoder = Vp8Encoder(encoding, self.publisher, fps, self._random)
            encoders.append((encoder, outgoing))
        camera = self.cameras[source] = Camera(source, fps, encoders)
        if self._transport is not None:
            self.call.at(self.call.now, self._capture, (camera, self._transport))

    def _add(
        self, mid: str, rid: str, ssrc: int, rtx_ssrc: int, payload_type: int, clock_rate: int
    ) -> Outgoing:
        number, offset = self._random.getrandbits(16), self._random.getrandbits(32)
        outgoing = Outgoing(ssrc, rtx_ssrc, payload_type, clock_rate, mid, rid, number, offset)
        self.outgoing[ssrc] = outgoing
        return outgoing

    def remove_camera(self, source: str) -> None:
        """Publish it no more."""
        camera = self.cameras.pop(source)
        for _, outgoing in camera.encoders:
            del self.outgoing[outgoing.ssrc]

    def negotiated(self, transport_cc: set[str]) -> None:
        """The m-lines (mids) whose packets carry transport-wide sequence numbers."""
        self._transport_cc = transport_cc

    def start(self, transport: PlainTransport) -> None:
        """Media can flow: begin, each source at a moment of its own."""
        self._transport = transport
        call, random = self.call, self._random
        if self.microphone is not None:
            call.at(call.now + random.random() * OPUS_SECONDS, self._speak, transport)
        for camera in self.cameras.values():
            call.at(call.now + random.random() / camera.fps, self._capture, (camera, transport))
        call.at(call.now + random.random(), self._report, transport)

    def stop(self) -> None:
        """Send nothing any more."""
        self._transport = None

    # --- sound and pictures ---

    def _speak(self, transport: PlainTransport) -> None:
        outgoing, now = self.microphone, self.call.now
        if transport is not self._transport or transport.closed or outgoing is None:
            return
        self.call.at(now + OPUS_SECONDS, self._speak, transport)
        if self.muted:
            return
        payload = opus_payload(self.publisher, len(self.opus_sent_at))
        self.opus_sent_at.append(now)
        self._emit((outgoing, payload, outgoing.timestamp(now), False))

    def _capture(self, source: tuple[Camera, PlainTransport]) -> None:
        """Encode one picture in every encoding, and spread its packets over the frame's time."""
        camera, transport = source
        if transport is not self._transport or transport.closed:
            return
        if self.cameras.get(camera.source) is not camera:
            return
        now, at = self.call.now, self.call.at
        interval = 1 / camera.fps
        at(now + interval, self._capture, source)
        if camera.muted:
            return
        for encoder, outgoing in camera.encoders:
            if not encoder.active:
                continue
            payloads = encoder.encode(now)
            timestamp = outgoing.timestamp(now)
            step = SPREAD * interval / len(payloads)
            last = len(payloads) - 1
            for index, payload in enumerate(payloads):
                packet = (outgoing, payload, timestamp, index == last)
                at(now + index * step, self._emit, packet)

    def _emit(self, packet: tuple[Outgoing, bytes, int, bool]) -> None:
        outgoing, payload, timestamp, marker = packet
        outgoing.number = number = (outgoing.number + 1) & 0xFFFF
        outgoing.packets += 1
        outgoing.octets += len(payload)
        outgoing.history[number % HISTORY] = (number, payload, timestamp, marker)
        self._send(outgoing, outgoing.ssrc, outgoing.payload_type, number, packet)

    def _send(
        self,
        outgoing: Outgoing,
        ssrc: int,
        payload_type: int,
        number: int,
        packet: tuple[Outgoing, bytes, int, bool],
    ) -> None:
        transport = self._transport
        if transport is None:
            return
        _, payload, timestamp, marker = packet
        extensions = self._extensions(outgoing, repair=ssrc != outgoing.ssrc)
        header = _HEADER.pack(
            0x90,
            payload_type | 0x80 if marker else payload_type,
            number,
            timestamp,
            ssrc,
            0xBEDE,
            len(extensions) // 4,
        )
        for data in self.spoil(header + extensions + payload):
            self.call.carry(self.up, data, transport.take_rtp)

    def _extensions(self, outgoing: Outgoing, *, repair: bool) -> bytes:
        """The elements of one packet (RFC 8285), the transport-wide number first."""
        block = b""
        if outgoing.mid in self._transport_cc:
            self._transport_number = (self._transport_number + 1) & 0xFFFF
            block = _element(TRANSPORT_CC_ID, self._transport_number.to_bytes(2, "big"))
        if outgoing is self.microphone:
            block += _element(AUDIO_LEVEL_ID, bytes([self.level & 0x7F]))
        if not outgoing.known or repair:
            block += _element(MID_ID, outgoing.mid.encode())
            if outgoing.rid:
                number = REPAIRED_RID_ID if repair else RID_ID
                block += _element(number, outgoing.rid.encode())
        return block + bytes(-len(block) % 4)

    # --- what the server asks for ---

    def feedback(self, packet: RtcpPacket) -> None:
        """Take one RTCP packet of the server."""
        match packet:
            case Nack():
                self._send_again(packet)
            case Pli():
                self._refresh(packet.media_ssrc)
            case Fir():
                for ssrc, _ in packet.entries:
                    self._refresh(ssrc)
            case ReceiverReport():
                for block in packet.blocks:
                    outgoing = self.outgoing.get(block.ssrc)
                    if outgoing is not None:
                        outgoing.known = True

    def _send_again(self, nack: Nack) -> None:
        outgoing = self.outgoing.get(nack.media_ssrc)
        if outgoing is None:
            return
        self.nacked += len(nack.lost)
        for number in nack.lost:
            kept = outgoing.history[number % HISTORY]
            if kept is None or kept[0] != number:
                continue
            _, payload, timestamp, marker = kept
            if outgoing.rtx_ssrc:
                outgoing.rtx_number = (outgoing.rtx_number + 1) & 0xFFFF
                again = (outgoing, number.to_bytes(2, "big") + payload, timestamp, marker)
                self._send(outgoing, outgoing.rtx_ssrc, RTX, outgoing.rtx_number, again)
            else:
                again = (outgoing, payload, timestamp, marker)
                self._send(outgoing, outgoing.ssrc, outgoing.payload_type, number, again)

    def _refresh(self, ssrc: int) -> None:
        for camera in self.cameras.values():
            for encoder, outgoing in camera.encoders:
                if outgoing.ssrc == ssrc:
                    self.keyframes_asked += 1
                    encoder.want_keyframe = True

    def want(self, source: str, rids: list[str]) -> None:
        """The server's ``layers`` message: send these encodings of a simulcast source only."""
        camera = self.cameras.get(source)
        for encoder, _ in camera.encoders if camera is not None else ():
            active = encoder.encoding.rid in rids
            if active and not encoder.active:
                encoder.want_keyframe = True
            encoder.active = active

    # --- reports ---

    def _report(self, transport: PlainTransport) -> None:
        """A sender report for every SSRC that has sent; once a second."""
        if transport is not self._transport or transport.closed:
            return
        now = self.call.now
        self.call.at(now + 1.0, self._report, transport)
        for outgoing in self.outgoing.values():
            if outgoing.packets:
                report = SenderReport(
                    ssrc=outgoing.ssrc,
                    ntp=ntp_from_unix(now + CLOCK_AHEAD),
                    rtp_timestamp=outgoing.timestamp(now),
                    packet_count=outgoing.packets,
                    octet_count=outgoing.octets,
                    blocks=[],
                )
                self.call.carry(self.up, report.write(), transport.take_rtcp)


def _element(number: int, value: bytes) -> bytes:
    return bytes([number << 4 | len(value) - 1]) + value
