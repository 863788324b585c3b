"""A simulated browser: speaks the protocol, RTP and RTCP, and remembers what it got."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Nack, Pli
from sfu.rtp.rtcp import (
    ReceiverReport,
    ReportBlock,
    SenderReport,
    ntp_from_unix,
    ntp_middle,
    parse_compound,
)
from sfu.rtp.rtx import unwrap_rtx
from sfu.rtp.sequence import SequenceUnwrapper
from sfu.sdp.parser import parse
from sfu.signaling.session import Session
from tests.simulation.plain_transport import PlainTransport

if TYPE_CHECKING:
    from tests.simulation.simulator import Call

FINGERPRINT = ":".join(["AB"] * 32)
VP8_KEY, VP8_DELTA = 0x00, 0x01


@dataclass
class Received:
    """One stream as a simulated browser sees it."""

    unwrapper: SequenceUnwrapper = field(default_factory=SequenceUnwrapper)
    numbers: dict[int, bytes] = field(default_factory=dict)  # extended number -> payload
    timestamps: dict[int, int] = field(default_factory=dict)
    highest: int = -1
    first_at: float | None = None
    duplicates: int = 0
    last_report: SenderReport | None = None
    last_report_at: float = 0.0

    def missing(self) -> list[int]:
        if not self.numbers:
            return []
        return [n for n in range(min(self.numbers), self.highest) if n not in self.numbers]


class Browser:
    """A client with one audio and one video source and a pool of slots."""

    def __init__(self, call: Call, name: str, slots: int, *, sends: bool = True) -> None:
        self.call, self.name, self.slot_count, self.sends = call, name, slots, sends
        self.messages: list[dict[str, Any]] = []
        self.hung_up = False
        self.received: dict[int, Received] = {}  # by SSRC
        self.repairs: dict[int, tuple[int, int]] = {}  # RTX SSRC -> SSRC, payload type
        self.stream_of: dict[str, int] = {}  # mid -> SSRC
        self.numbers = {"audio": 1000, "video": 65500}
        self.loss_down = self.loss_up = 0.0
        self.keyframes_asked = 0
        self.want_keyframe = True
        self.sent: dict[int, bytes] = {}
        self.muted = False
        self.index = index = len(call.browsers) + 1
        self.ssrc = {"audio": index * 1000, "video": index * 1000 + 1, "rtx": index * 1000 + 2}
        self.level = 127
        self.session = Session(
            rooms=call.rooms, send=self._message, close=self._closed, now=call.now
        )
        call.browsers.append(self)

    def _message(self, data: bytes) -> None:
        message = msgspec.json.decode(data)
        self.messages.append(message)
        if message["type"] == "answer":
            self._answered(message["sdp"])
        elif message["type"] == "need-slots":
            self.slot_count = message["count"]
            self.call.soon(self.offer)

    def _closed(self) -> None:
        self.hung_up = True

    def say(self, **message: Any) -> None:
        self.session.receive(msgspec.json.encode(message), self.call.now)

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    def join(self, room: str) -> None:
        self.say(type="join", room=room, name=self.name)
        if self.of_type("joined"):
            self.offer()

    @property
    def id(self) -> str:
        return str(self.of_type("joined")[-1]["you"])

    @property
    def transport(self) -> PlainTransport:
        participant = self.session._participant
        assert participant is not None
        transport: Any = participant.transport
        return transport

    def offer(self) -> None:
        tracks = (
            [{"mid": "0", "source": "microphone"}, {"mid": "1", "source": "camera"}]
            if self.sends
            else []
        )
        self.say(type="offer", sdp=self._offer_text(), tracks=tracks)

    def _offer_text(self) -> str:
        lines: list[str] = []
        mids: list[str] = []
        for number in range(2 + 2 * self.slot_count):
            kind = "video" if number % 2 else "audio"
            sending = number < 2
            if sending and not self.sends:
                continue
            mids.append(str(number))
            types = "96 97" if kind == "video" else "111"
            lines += [
                f"m={kind} 9 UDP/TLS/RTP/SAVPF {types}",
                "c=IN IP4 0.0.0.0",
                f"a=ice-ufrag:user{self.index}",
                "a=ice-pwd:" + "p" * 24,
                f"a=fingerprint:sha-256 {FINGERPRINT}",
                "a=setup:actpass",
                f"a=mid:{number}",
                "a=sendonly" if sending else "a=recvonly",
                "a=rtcp-mux",
                "a=rtcp-rsize",
                "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
            ]
            if kind == "audio":
                lines += [
                    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
                    "a=rtpmap:111 opus/48000/2",
                ]
                if sending:
                    lines.append(f"a=ssrc:{self.ssrc['audio']} cname:c")
            else:
                lines += [
                    "a=rtpmap:96 VP8/90000",
                    "a=rtcp-fb:96 nack",
                    "a=rtcp-fb:96 nack pli",
                    "a=rtpmap:97 rtx/90000",
                    "a=fmtp:97 apt=96",
                ]
                if sending:
                    lines += [
                        f"a=ssrc-group:FID {self.ssrc['video']} {self.ssrc['rtx']}",
                        f"a=ssrc:{self.ssrc['video']} cname:c",
                        f"a=ssrc:{self.ssrc['rtx']} cname:c",
                    ]
        head = [
            "v=0",
            "o=- 1 2 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=group:BUNDLE " + " ".join(mids),
            "a=extmap-allow-mixed",
        ]
        return "\r\n".join(head + lines) + "\r\n"

    def _answered(self, text: str) -> None:
        for media in parse(text).media:
            if media.direction != "sendonly":
                continue
            groups = {group.ssrcs[0]: group.ssrcs[1] for group in media.ssrc_groups}
            primary = next(iter(groups), None) or next(iter(media.ssrcs))
            self.stream_of[media.mid] = primary
            self.received.setdefault(primary, Received())
            if primary in groups:
                self.repairs[groups[primary]] = (primary, 96)
        if not self.transport.connected:
            self.call.soon(self._connect)

    def _connect(self) -> None:
        self.transport.connected = True
        self.transport.sink.transport_connected(self.call.now)

    # --- media ---

    def send_media(self) -> None:
        """One video frame in two packets and two Opus packets' worth, every 40 ms."""
        now = self.call.now
        level = bytes([self.level])
        self._send("audio", 111, int(now * 48000), b"opus" + self.name.encode(), True, {1: level})
        key = self.want_keyframe
        self.want_keyframe = False
        first = bytes([0x10, VP8_KEY if key else VP8_DELTA]) + self.name.encode()
        self._send("video", 96, int(now * 90000), first, False, {})
        self._send("video", 96, int(now * 90000), bytes([0x00, 0x01]) + b"rest", True, {})

    def _send(
        self, kind: str, payload_type: int, timestamp: int, payload: bytes, marker: bool, ext: Any
    ) -> None:
        self.numbers[kind] += 1
        data = rtp.write(
            payload_type=payload_type,
            sequence_number=self.numbers[kind] & 0xFFFF,
            timestamp=timestamp & 0xFFFFFFFF,
            ssrc=self.ssrc[kind],
            payload=payload,
            marker=marker,
            extensions=ext,
        )
        if kind == "video":
            self.sent[self.numbers[kind] & 0xFFFF] = data
        if self.call.random.random() >= self.loss_up:
            self.transport.sink.rtp_received(data, self.call.now)

    def hear_rtcp(self) -> None:
        """Take the server's RTCP: keyframe wishes, requests to send again, sender reports."""
        sent, self.transport.rtcp_sent = self.transport.rtcp_sent, []
        for compound in sent:
            for packet in parse_compound(compound):
                if isinstance(packet, Pli):
                    self.keyframes_asked += 1
                    self.want_keyframe = True
                elif isinstance(packet, Nack):
                    self._send_again(packet)
                elif isinstance(packet, SenderReport) and packet.ssrc in self.received:
                    stream = self.received[packet.ssrc]
                    stream.last_report, stream.last_report_at = packet, self.call.now

    def _send_again(self, nack: Nack) -> None:
        for number in nack.lost:
            data = self.sent.get(number)
            if data is None or self.call.random.random() < self.loss_up:
                continue
            old = rtp.parse(data)
            self.numbers["rtx"] = self.numbers.get("rtx", 0) + 1
            payload = number.to_bytes(2, "big") + data[old.payload_offset :]
            self.transport.sink.rtp_received(
                rtp.write(
                    payload_type=97,
                    sequence_number=self.numbers["rtx"] & 0xFFFF,
                    timestamp=old.timestamp,
                    ssrc=self.ssrc["rtx"],
                    payload=payload,
                    marker=old.marker,
                ),
                self.call.now,
            )

    def take(self, data: bytes) -> None:
        """A packet of the server arrives."""
        if self.call.random.random() < self.loss_down:
            return
        packet = rtp.parse(data)
        if packet.ssrc in self.repairs:
            packet = unwrap_rtx(packet, *self.repairs[packet.ssrc])
        stream = self.received[packet.ssrc]
        number = stream.unwrapper.unwrap(packet.sequence_number)
        if number in stream.numbers:
            stream.duplicates += 1
            return
        stream.numbers[number] = packet.data[packet.payload_offset : packet.payload_end]
        stream.timestamps[number] = packet.timestamp
        stream.highest = max(stream.highest, number)
        if stream.first_at is None:
            stream.first_at = self.call.now

    def send_feedback(self) -> None:
        """NACK what is missing, report what was received."""
        blocks = []
        for ssrc, stream in self.received.items():
            lost = [number for number in stream.missing() if number > stream.highest - 100]
            if lost:
                numbers = [number & 0xFFFF for number in lost]
                self._rtcp(Nack(1, ssrc, numbers).write())
            report = stream.last_report
            if report is not None:
                delay = int((self.call.now - stream.last_report_at) * 65536)
                blocks.append(
                    ReportBlock(
                        ssrc=ssrc,
                        fraction_lost=0,
                        lost=len(stream.missing()),
                        highest_sequence=stream.highest & 0xFFFFFFFF,
                        jitter=0,
                        last_sr=ntp_middle(report.ntp),
                        delay_since_last_sr=delay,
                    )
                )
        if blocks:
            self._rtcp(ReceiverReport(1, blocks[:31]).write())

    def send_sender_reports(self) -> None:
        now = self.call.now
        for kind, rate in (("audio", 48000), ("video", 90000)):
            self._rtcp(
                SenderReport(
                    ssrc=self.ssrc[kind],
                    ntp=ntp_from_unix(now + 5000.0),  # its clock is not ours
                    rtp_timestamp=int(now * rate) & 0xFFFFFFFF,
                    packet_count=1,
                    octet_count=1,
                    blocks=[],
                ).write()
            )

    def _rtcp(self, data: bytes) -> None:
        if self.call.random.random() >= self.loss_up:
            self.transport.sink.rtcp_received(data, self.call.now)

    # --- what a person would see ---

    def slot_of(self, other: Browser) -> dict[str, Any] | None:
        """The slot that shows ``other`` by the latest message."""
        updates = self.of_type("slots")
        for slot in updates[-1]["slots"] if updates else []:
            if slot["participant"] == other.id:
                return dict(slot)
        return None

    def picture_of(self, other: Browser) -> Received | None:
        slot = self.slot_of(other)
        return self.received.get(self.stream_of[slot["video"]]) if slot else None

    def sound_of(self, other: Browser) -> Received | None:
        slot = self.slot_of(other)
        return self.received.get(self.stream_of[slot["audio"]]) if slot else None
