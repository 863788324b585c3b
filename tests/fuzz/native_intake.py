"""Feeds the native intake with streams whose memory holds nonsense; see ``native.py``."""

from __future__ import annotations

import contextlib
import math
import time
from random import Random
from types import ModuleType
from typing import Any

from sfu.counters import Counters
from sfu.media.published_track import PublishedTrack
from sfu.media.publisher import Publisher
from sfu.media.source import Source
from sfu.rtp import packet as rtp
from sfu.rtp.extensions import AUDIO_LEVEL, TRANSPORT_CC
from sfu.sdp.answer import NegotiatedCodec, NegotiatedMedia

# What may stand where numbers, lists and objects belong.
NONSENSE: tuple[Any, ...] = (
    *(None, "x", b"", b"x" * 40, 0.5, math.nan, math.inf, [], [1] * 5, (), {}, object(), True),
    *(0, 1, -1, 0xFFFF, 2**31, 2**53, -(2**63), 2**63 - 1, 2**70),
)
TYPES = {"audio": (111, "opus", 48000), "video": (96, "VP8", 90000)}


class IntakeFuzzer:
    """One run: publishers that live for a while, and what is done to them."""

    def __init__(self, native: ModuleType, seed: int) -> None:
        self.native = native
        self.random = Random(seed)
        self.calls = 0
        self.renew()

    def renew(self) -> None:
        """A publisher of a microphone and a camera."""
        counters = Counters()
        self.publisher = Publisher(
            ssrc=1,
            counters=counters,
            send_rtcp=lambda compound: None,
            level=lambda level: None,
            layers_changed=lambda track: None,
            take=self.native.take,
        )
        self.publisher.set_tracks(
            PublishedTrack(
                id=kind,
                participant="p",
                source=source,
                muted=False,
                media=NegotiatedMedia(
                    mid=kind,
                    kind=kind,
                    direction="receive",
                    codecs=(NegotiatedCodec(name, number, rate),),
                    extensions={TRANSPORT_CC: 3, AUDIO_LEVEL: 1},
                    ssrcs=(number,),
                ),
                egress=None,  # type: ignore[arg-type]
                counters=counters,
            )
            for kind, source in (("audio", Source.MICROPHONE), ("video", Source.CAMERA))
            for number, name, rate in (TYPES[kind],)
        )

    def packet(self) -> Any:
        """The next packet of one of the streams, most of the time."""
        random = self.random
        kind = random.choice(["audio", "video"])
        number = self.calls // 2 + random.choice([0] * 20 + [1, -1, 300])
        payload = bytes([0x90, 0xE0, 0x80, number & 0xFF, number & 0xFF, 0x40, 1]) + bytes(20)
        payload = payload[: random.choice([27] * 9 + [random.randrange(28)])]
        data = rtp.write(
            payload_type=TYPES[kind][0],
            sequence_number=number & 0xFFFF,
            timestamp=number * 960 & 0xFFFFFFFF,
            ssrc=TYPES[kind][0],
            payload=payload,
            extensions={3: (self.calls & 0xFFFF).to_bytes(2, "big"), 1: b"\x90"},
        )
        return self.native.parse(rtp.RtpPacket, data)

    def spoil(self, packet: Any) -> None:
        """Puts nonsense into something that the intake looks at."""
        random, thing = self.random, self.publisher
        for _ in range(random.randrange(6)):
            names = [
                name for base in type(thing).__mro__ for name in vars(base).get("__slots__", ())
            ]
            found = getattr(thing, random.choice(names), None) if names else None
            if isinstance(found, dict) and found:
                found = random.choice(list(found.values()))
            if isinstance(found, list) and found:
                if random.random() < 0.3:
                    found[random.randrange(len(found))] = random.choice(NONSENSE)
                found = found[0]
            if getattr(type(found), "__slots__", ()):
                thing = found
        thing = random.choice([thing, packet])
        for name in random.sample(thing.__slots__, 1):
            with contextlib.suppress(AttributeError, TypeError):
                setattr(thing, name, random.choice(NONSENSE))

    def run(self, seconds: float) -> None:
        """Packets for publishers in every state."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.calls += 1
            packet = self.packet()
            if self.random.random() < 0.02:
                self.spoil(packet)
            now = self.calls * 0.005 if self.random.random() < 0.99 else math.nan
            try:
                self.publisher.rtp_received(packet, now)
            except Exception:  # Python's own, of what it does with nonsense
                self.renew()
            if self.random.random() < 0.002:
                self.renew()
            if self.random.random() < 0.01:
                arguments = [self.random.choice(NONSENSE) for _ in range(self.random.randrange(5))]
                with contextlib.suppress(TypeError):
                    self.native.take(*arguments)
