"""``python -m loadtest.bench``: what each step of the forwarding path costs, in microseconds."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from sfu.congestion import measures
from sfu.counters import Counters
from sfu.media.published_track import PublishedTrack
from sfu.media.receive_stream import ReceiveStream
from sfu.media.send_stream import SendStream
from sfu.media.sender_clock import SenderClock
from sfu.media.source import Source
from sfu.media.subscribed_track import SubscribedTrack
from sfu.rtp import packet as rtp
from sfu.rtp.codecs import vp8
from sfu.rtp.extensions import TRANSPORT_CC
from sfu.rtp.rewrite import ExtensionPlan, Rewrite, extension_block, rewritten
from sfu.sdp.answer import NegotiatedCodec, NegotiatedMedia
from sfu.transport.dtls import SrtpKeys
from sfu.transport.egress import NO_SOCKET, PythonEgress
from sfu.transport.native_egress import AVAILABLE, NativeEgress, native_sender
from sfu.transport.srtp import Srtp

PACKETS = 4000
PAYLOAD = 1000


class Port:
    """An IPv4 socket like the server's, and one that nobody reads to send to."""

    def __init__(self) -> None:
        self._unread = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._unread.bind(("127.0.0.1", 0))
        self.address = self._unread.getsockname()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.setblocking(False)

    def send(self, data: bytes, address: Any) -> bool:
        """Send one datagram."""
        self._udp.sendto(data, address)
        return True

    def descriptors(self) -> tuple[int, int]:
        """For native code."""
        return self._udp.fileno(), NO_SOCKET

    def close(self) -> None:
        """Close both sockets."""
        self._udp.close()
        self._unread.close()


class NullTransport:
    """Protects for real, with libsrtp or native code."""

    def __init__(self, remote_address: Any, *, native: bool) -> None:
        self.remote_address = remote_address
        keys = SrtpKeys("SRTP_AEAD_AES_128_GCM", os.urandom(28), os.urandom(28))
        self.sender = native_sender(keys) if native else None
        self.protect = Srtp(keys, self.sender).protect


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


@contextlib.contextmanager
def opened_egress(
    counters: Counters, *, native: bool, wired: bool
) -> Iterator[tuple[PythonEgress, Any]]:
    """An egress and the address to send to; not ``wired``, it does all but the system call."""
    with contextlib.closing(Port()) as port:
        send = port.send if wired else lambda data, address: True
        descriptors = port.descriptors if wired else lambda: (NO_SOCKET, NO_SOCKET)
        if native:
            yield NativeEgress(send, counters, descriptors), port.address
        else:
            yield PythonEgress(send, counters), port.address


def fan_out(subscribers: int, *, native: bool, wired: bool) -> float:
    """Microseconds per copy through the real track, forwarders and egress."""
    media = NegotiatedMedia(
        "1",
        "video",
        "receive",
        (NegotiatedCodec("VP8", 96, 90000, rtx_payload_type=97),),
        {TRANSPORT_CC: 3},
    )
    best = float("inf")
    for _ in range(3):
        counters = Counters()
        with opened_egress(counters, native=native, wired=wired) as (egress, address):
            track = PublishedTrack(
                id="t",
                participant="p",
                source=Source.CAMERA,
                muted=False,
                media=media,
                egress=egress,
                counters=counters,
            )
            history = (measures.native() if native else measures.PYTHON).history
            stream = ReceiveStream(ssrc=1, rid="", clock_rate=90000, clock=SenderClock())
            for number in range(subscribers):
                send = SendStream(
                    mid=str(number),
                    kind="video",
                    ssrc=1000 + number,
                    rtx_ssrc=5000 + number,
                    clock_rate=90000,
                    first_sequence=1,
                    transport=NullTransport(address, native=native),
                    history=history(),
                )
                SubscribedTrack(track, send, media)
            track.add_stream(stream)
            packets = video_packets()[: max(200, PACKETS // subscribers)]
            start = time.process_time()
            for n, data in enumerate(packets):
                track.receive(stream, rtp.parse(data), n * 0.01)
            best = min(best, (time.process_time() - start) / (len(packets) * subscribers))
            emitted = counters.video.packets_out + counters.drops["no-such-family"]
            assert emitted == len(packets) * subscribers
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
    for native in (False, True)[: 1 + AVAILABLE]:
        protected = NullTransport(None, native=native).protect
        start = time.process_time()
        for data in raw:
            protected(data)
        took = (time.process_time() - start) / PACKETS * 1e6
        table.add_row(f"protect (AES-128-GCM){', native' if native else ''}", f"{took:.2f}")
    copies = Table("one copy at fan-out", title="µs, with transport-wide numbers")
    kinds = [
        (native, wired) for native in (False, True)[: 1 + AVAILABLE] for wired in (False, True)
    ]
    for native, wired in kinds:
        copies.add_column(f"{'native' if native else 'python'}{'' if wired else ', no socket'}")
    for subscribers in (1, 10, 50):
        costs = [fan_out(subscribers, native=native, wired=wired) for native, wired in kinds]
        copies.add_row(str(subscribers), *(f"{cost:.2f}" for cost in costs))
    if not AVAILABLE:
        copies.caption = "The native egress is not built here."
    Console().print(table)
    Console().print(copies)
    return 0


if __name__ == "__main__":
    sys.exit(main())
