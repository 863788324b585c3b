"""``python -m loadtest.bench``: what each step of the forwarding path costs, in microseconds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from pylibsrtp import Policy, Session
from rich.console import Console
from rich.table import Table

from sfu.congestion.send_history import SendHistory
from sfu.counters import Counters
from sfu.media.published_track import PublishedTrack
from sfu.media.receive_stream import ReceiveStream
from sfu.media.send_stream import SendStream
from sfu.media.sender_clock import SenderClock
from sfu.media.source import Source
from sfu.media.subscribed_track import SubscribedTrack
from sfu.rtp import packet as rtp
from sfu.rtp.codecs import vp8
from sfu.rtp.rewrite import ExtensionPlan, Rewrite, extension_block, rewritten
from sfu.sdp.answer import NegotiatedCodec, NegotiatedMedia
from sfu.transport.egress import PythonEgress

PACKETS = 4000
PAYLOAD = 1000


class NullTransport:
    """Protects for real and sends nowhere."""

    remote_address = ("127.0.0.1", 1)

    def __init__(self) -> None:
        policy = Policy(
            key=os.urandom(28),
            ssrc_type=Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
        )
        self.protect = Session(policy).protect


def video_packets() -> list[bytes]:
    """A VP8 stream as a browser sends it, the first packet a keyframe."""
    return [
        rtp.write(
            payload_type=96,
            sequence_number=n & 0xFFFF,
            timestamp=n * 3000,
            ssrc=1,
            payload=bytes([0x90, 0xE0, 0x80 | (n >> 8 & 0x7F), n & 0xFF, n & 0xFF, 0])
            + bytes([1 if n else 0])
            + bytes(PAYLOAD),
            extensions={3: n.to_bytes(2, "big"), 4: b"1"},
        )
        for n in range(PACKETS)
    ]


def measure(step: Callable[[int], Any]) -> float:
    """Microseconds per call of ``step(n)``, the best of three rounds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for n in range(PACKETS):
            step(n)
        best = min(best, time.process_time() - start)
    return best / PACKETS * 1e6


def fan_out(subscribers: int) -> float:
    """Microseconds per copy through the real track, forwarders and egress, without the socket."""
    media = NegotiatedMedia(
        "1", "video", "receive", (NegotiatedCodec("VP8", 96, 90000, rtx_payload_type=97),), {}
    )
    best = float("inf")
    for _ in range(3):
        counters = Counters()
        egress = PythonEgress(lambda data, address: True, counters)
        track = PublishedTrack(
            id="t",
            participant="p",
            source=Source.CAMERA,
            muted=False,
            media=media,
            egress=egress,
            counters=counters,
        )
        stream = ReceiveStream(ssrc=1, rid="", clock_rate=90000, clock=SenderClock())
        for number in range(subscribers):
            send = SendStream(
                mid=str(number),
                kind="video",
                ssrc=1000 + number,
                rtx_ssrc=5000 + number,
                clock_rate=90000,
                first_sequence=1,
                transport=NullTransport(),
                history=SendHistory(),
            )
            SubscribedTrack(track, send, media)
        track.add_stream(stream)
        packets = video_packets()[: max(200, PACKETS // subscribers)]
        start = time.process_time()
        for n, data in enumerate(packets):
            track.receive(stream, rtp.parse(data), n * 0.01)
        best = min(best, (time.process_time() - start) / (len(packets) * subscribers))
        assert counters.video.packets_out == len(packets) * subscribers
    return best * 1e6


def main() -> int:
    """Measure and print."""
    raw = video_packets()
    parsed = [rtp.parse(data) for data in raw]
    for packet in parsed:
        packet.mark = vp8.mark(packet)
    rewrite = Rewrite(9, 120, 7, 8, ExtensionPlan(((4, 5),)), 100, 50)
    table = Table("step", "µs", title=f"{PAYLOAD}-byte VP8 payloads, one core, CPU time")
    rows: list[tuple[str, Callable[[int], Any]]] = [
        ("parse the header", lambda n: rtp.parse(raw[n])),
        ("mark the payload (VP8)", lambda n: vp8.mark(parsed[n])),
        ("extension block", lambda n: extension_block(parsed[n], rewrite.extensions)),
        ("rewrite one copy", lambda n: rewritten(parsed[n], rewrite, b"")),
    ]
    for name, step in rows:
        table.add_row(name, f"{measure(step):.2f}")
    protected = NullTransport().protect
    start = time.process_time()
    for data in raw:
        protected(data)
    table.add_row("protect (AES-128-GCM)", f"{(time.process_time() - start) / PACKETS * 1e6:.2f}")
    for subscribers in (1, 10, 50):
        table.add_row(
            f"one copy at fan-out {subscribers}, without the socket", f"{fan_out(subscribers):.2f}"
        )
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
