"""A simulated browser that receives tells the server what arrived and what did not."""

from __future__ import annotations

from random import Random

import pytest

from loadtest.link import Link
from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Remb
from sfu.rtp.rtcp import ReceiverReport, parse_compound
from sfu.rtp.transport_cc import TransportFeedback
from tests.simulation.incoming import Incoming
from tests.simulation.plain_transport import PlainTransport
from tests.simulation.receiver import Receiver
from tests.simulation.sender import RTX, TRANSPORT_CC_ID
from tests.simulation.simulator import Call


def test_arrivals_are_reported_once_and_late_ones_again() -> None:
    call = Call()
    receiver = Receiver(call, Link(Random(1)), Link(Random(1)), print, print, Random(1))
    receiver.streams[4] = receiver._repairs[5] = Incoming(4, "2", "video")
    receiver._transport_cc_id = TRANSPORT_CC_ID
    reports: list[TransportFeedback] = []
    transport = PlainTransport(call, None)
    transport.take_rtcp = lambda data: reports.extend(
        packet for packet in parse_compound(data) if isinstance(packet, TransportFeedback)
    )
    receiver.start(transport)
    start = 0xFFFE

    def arrive(number: int) -> None:
        """A packet of padding on the RTX SSRC, as servers send to probe the path."""
        element = {TRANSPORT_CC_ID: (number & 0xFFFF).to_bytes(2, "big")}
        fields = {"payload_type": RTX, "sequence_number": 1, "timestamp": 0, "ssrc": 5}
        receiver.take(rtp.write(**fields, payload=b"", padding=50, extensions=element))

    for number in (0, 1, 3):
        arrive(start + number)
        call.run(0.01)
    call.run(0.2)
    (first,) = reports
    assert first.base_sequence == start
    assert [arrival is not None for arrival in first.arrivals] == [True, True, False, True]
    assert first.arrivals[1] - first.arrivals[0] == pytest.approx(40, abs=1)
    arrive(start + 2)
    arrive(start + 4)
    call.run(0.2)
    _, second = reports
    assert second.base_sequence == (start + 2) & 0xFFFF
    assert None not in second.arrivals
    assert len(second.arrivals) == 3
    assert receiver.padding == 5


def test_receiver_reports_tell_the_losses_of_the_path(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann", down={"loss": 0.2}), call.browser("bob")
    call.run(1.0)
    lost: list[int] = []
    take = ann.transport.take_rtcp

    def record(data: bytes) -> None:
        for packet in parse_compound(data):
            if isinstance(packet, ReceiverReport):
                lost.extend(b.fraction_lost for b in packet.blocks if b.ssrc == picture.ssrc)
        take(data)

    picture = ann.picture_of(bob)
    ann.transport.take_rtcp = record
    call.run(15.0)
    assert sum(lost) / len(lost) / 256 == pytest.approx(0.2, abs=0.04)
    assert len(lost) > 10


def test_a_receiver_with_its_own_estimate_tells_it(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", remb=True, down={"rate": 2_000_000})
    call.browser("bob")
    call.run(1.0)
    told: list[Remb] = []
    ann.transport.take_rtcp = lambda data: told.extend(
        packet for packet in parse_compound(data) if isinstance(packet, Remb)
    )
    call.run(3.0)
    assert ann.receiver._transport_cc_id == 0
    assert {remb.bitrate for remb in told} == {1_800_000 >> 3 << 3}  # an 18-bit mantissa
