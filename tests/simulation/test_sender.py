"""A simulated browser that sends does as real ones do: rates, numbers, and answers."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from sfu.rtp import packet as rtp
from sfu.rtp.extensions import parse_extensions
from sfu.rtp.feedback import Nack, Pli
from tests.simulation.sender import (
    MID_ID,
    REPAIRED_RID_ID,
    RID_ID,
    RTX,
    TRANSPORT_CC_ID,
    Sender,
)
from tests.simulation.sources import MAX_PAYLOAD, NOTHING, OPUS_BYTES, SIMULCAST, video_tail


def sending(new_call, *, seconds: float = 3.0, **knobs):
    """A call of two, and all that bob's browser sends meanwhile: (time, packet).

    It sends every encoding, whatever the server's ``layers`` messages say.
    """
    call = new_call()
    call.browser("ann")
    bob = call.browser("bob", **knobs)
    bob.sender.want = lambda source, rids: None
    call.run(0.06)
    sent: list[tuple[float, rtp.RtpPacket]] = []
    take = bob.transport.take_rtp

    def record(data: bytes) -> None:
        sent.append((call.now, rtp.parse(data)))
        take(data)

    bob.transport.take_rtp = record
    call.run(seconds)
    return call, bob, sent


def test_packets_have_one_transport_wide_numbering_and_say_where_they_belong(new_call) -> None:
    _, bob, sent = sending(new_call, simulcast=True)
    numbers = []
    for index, (_, packet) in enumerate(sent):
        elements = parse_extensions(packet)
        numbers.append(int.from_bytes(elements[TRANSPORT_CC_ID], "big"))
        if index < 20:  # until a receiver report acknowledges the SSRC
            assert elements[MID_ID] == (b"0" if packet.payload_type == 111 else b"1")
        outgoing = bob.sender.outgoing[packet.ssrc]
        if index < 20 and outgoing.rid:
            assert elements[RID_ID] == outgoing.rid.encode()
    assert all((b - a) & 0xFFFF == 1 for a, b in itertools.pairwise(numbers))
    assert MID_ID not in parse_extensions(sent[-1][1])


def test_sound_and_three_encodings_have_their_rates(new_call) -> None:
    _, bob, sent = sending(new_call, simulcast=True, seconds=10.0)
    octets: Counter[str] = Counter()
    for _, packet in sent:
        size = packet.payload_end - packet.payload_offset
        assert size <= MAX_PAYLOAD
        octets[bob.sender.outgoing[packet.ssrc].rid] += size
    assert octets[""] == pytest.approx(500 * OPUS_BYTES, rel=0.02)
    for encoding in SIMULCAST:
        assert octets[encoding.rid] * 8 / 10 == pytest.approx(encoding.bitrate, rel=0.1)


def test_the_packets_of_a_frame_are_spread_over_its_time(new_call) -> None:
    _, bob, sent = sending(new_call, simulcast=True)
    (_, highest) = bob.sender.cameras["camera"].encoders[2]
    times: dict[int, list[float]] = {}
    for at, packet in sent:
        if packet.ssrc == highest.ssrc:
            times.setdefault(packet.timestamp, []).append(at)
    frames = list(times.values())[1:-1]
    assert len(frames) > 60
    for frame in frames:
        gaps = [later - earlier for earlier, later in itertools.pairwise(frame)]
        assert min(gaps) > 0.0005
        assert 0.015 < frame[-1] - frame[0] < 0.035


def test_a_picture_loss_makes_a_keyframe_of_that_encoding_only(new_call) -> None:
    call, bob, _ = sending(new_call, simulcast=True)
    encoders = bob.sender.cameras["camera"].encoders
    before = [encoder.keyframes for encoder, _ in encoders]
    call.deliver_rtcp(Pli(1, encoders[1][1].ssrc).write(), bob.user)
    call.run(0.1)
    assert [encoder.keyframes for encoder, _ in encoders] == [before[0], before[1] + 1, before[2]]


def test_what_is_asked_for_again_comes_as_rtx_of_its_encoding(new_call) -> None:
    call, bob, sent = sending(new_call, simulcast=True)
    _, outgoing = bob.sender.cameras["camera"].encoders[1]
    lost = (outgoing.number - 5) & 0xFFFF
    (original,) = [p for _, p in sent if p.ssrc == outgoing.ssrc and p.sequence_number == lost]
    sent.clear()
    call.deliver_rtcp(Nack(1, outgoing.ssrc, [lost]).write(), bob.user)
    call.run(0.1)
    (again,) = [packet for _, packet in sent if packet.ssrc == outgoing.rtx_ssrc]
    assert again.payload_type == RTX
    assert parse_extensions(again)[REPAIRED_RID_ID] == b"h"
    payload = again.data[again.payload_offset :]
    assert payload[:2] == lost.to_bytes(2, "big")
    assert payload[2:] == original.data[original.payload_offset :]


def test_encodings_nobody_watches_stop_and_begin_again_with_a_keyframe(new_call) -> None:
    call, bob, sent = sending(new_call, simulcast=True)
    encoder, highest = bob.sender.cameras["camera"].encoders[2]
    before = encoder.keyframes
    Sender.want(bob.sender, "camera", ["q"])
    call.run(0.1)
    sent.clear()
    call.run(0.4)  # not long enough for the server to miss them
    assert {bob.sender.outgoing[packet.ssrc].rid for _, packet in sent} == {"", "q"}
    Sender.want(bob.sender, "camera", ["q", "f"])
    call.run(0.5)
    first = next(packet for _, packet in sent if packet.ssrc == highest.ssrc)
    assert video_tail(first.data, first.payload_end).refers == NOTHING
    assert encoder.keyframes == before + 1
    assert {bob.sender.outgoing[packet.ssrc].rid for _, packet in sent} == {"", "q", "f"}


def test_the_server_says_which_encodings_are_watched_and_the_browser_does_it(new_call) -> None:
    call = new_call()
    bob = call.browser("bob", simulcast=True)
    call.run(0.5)
    bob._message(b'{"type":"layers","source":"camera","wanted":["h"]}')
    call.run(0.02)
    assert bob.layers == {"camera": ["h"]}
    assert [each.active for each, _ in bob.sender.cameras["camera"].encoders] == [
        False,
        True,
        False,
    ]
