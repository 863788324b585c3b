"""Packets and streams as the forwarding core sees them, without sockets or encryption."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sfu.media.receive_stream import ReceiveStream
from sfu.media.sender_clock import SenderClock
from sfu.rtp import packet as rtp
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.packet import RtpPacket

MakePacket = Callable[..., RtpPacket]
MakeStream = Callable[..., ReceiveStream]


@pytest.fixture
def make_packet() -> MakePacket:
    """Makes a marked video packet; ``key`` when it starts a keyframe."""

    def make(
        number: int,
        timestamp: int,
        *,
        key: bool = False,
        start: bool = True,
        picture_id: int = -1,
        tl0picidx: int = -1,
        ssrc: int = 1000,
        payload_type: int = 96,
    ) -> RtpPacket:
        packet = rtp.parse(
            rtp.write(
                payload_type=payload_type,
                sequence_number=number & 0xFFFF,
                timestamp=timestamp & 0xFFFFFFFF,
                ssrc=ssrc,
                payload=bytes(20),
            )
        )
        packet.mark = PayloadMark(
            keyframe=key, start_of_frame=start, picture_id=picture_id, tl0picidx=tl0picidx
        )
        return packet

    return make


@pytest.fixture
def make_stream() -> MakeStream:
    """Makes a received stream of 90 kHz video."""

    def make(ssrc: int = 1000) -> ReceiveStream:
        return ReceiveStream(ssrc=ssrc, rid="", clock_rate=90000, clock=SenderClock())

    return make
