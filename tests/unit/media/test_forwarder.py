"""Whatever a send stream is fed with, what goes out is one continuous stream."""

from __future__ import annotations

from sfu.media.drop_reason import DropReason
from sfu.media.forwarder import Forwarder
from sfu.media.receive_stream import ReceiveStream
from sfu.rtp.packet import RtpPacket
from sfu.rtp.rewrite import NO_EXTENSIONS

TYPES = {96: 120}


def forwarder() -> Forwarder:
    return Forwarder(ssrc=42, clock_rate=90000, first_sequence=500)


def feed(
    to: Forwarder, stream: ReceiveStream, packet: RtpPacket, now: float
) -> DropReason | tuple[int, int]:
    """The outgoing sequence number and timestamp, or why there is none."""
    mark = packet.mark
    if mark is not None and mark.picture_id >= 0:
        mark.picture_id = stream.extended_picture_id(mark.picture_id, long=True)
    sequence = stream.receive(packet, now)
    if isinstance(sequence, DropReason):
        return sequence
    reason = to.decide(stream, packet, sequence, now)
    return reason if reason else (to.rewrite.sequence_number, to.rewrite.timestamp)


def test_nothing_goes_out_before_a_keyframe(make_packet, make_stream) -> None:
    out, stream = forwarder(), make_stream()
    out.aim(stream, TYPES, NO_EXTENSIONS)
    assert feed(out, stream, make_packet(1, 0), 0.0) is DropReason.AWAITING_KEYFRAME
    assert out.switching
    assert feed(out, stream, make_packet(2, 3000, key=True), 0.03) == (500, 3000)
    assert not out.switching
    assert feed(out, stream, make_packet(3, 6000), 0.06) == (501, 6000)
    assert out.rewrite.payload_type == 120
    assert out.rewrite.ssrc == 42


def test_a_stream_that_is_not_aimed_at_is_not_selected(make_packet, make_stream) -> None:
    out, stream, other = forwarder(), make_stream(), make_stream(2000)
    out.aim(stream, TYPES, NO_EXTENSIONS)
    assert feed(out, other, make_packet(1, 0, key=True), 0.0) is DropReason.NOT_SELECTED


def test_a_codec_the_receiver_has_not_does_not_go_out(make_packet, make_stream) -> None:
    out, stream = forwarder(), make_stream()
    out.aim(stream, TYPES, NO_EXTENSIONS)
    packet = make_packet(1, 0, key=True, payload_type=102)
    assert feed(out, stream, packet, 0.0) is DropReason.CODEC_NOT_NEGOTIATED


def test_an_upstream_gap_stays_a_gap_and_its_recovery_fills_it(make_packet, make_stream) -> None:
    out, stream = forwarder(), make_stream()
    out.aim(stream, TYPES, NO_EXTENSIONS)
    feed(out, stream, make_packet(10, 0, key=True), 0.0)
    assert feed(out, stream, make_packet(12, 6000), 0.06) == (502, 6000)
    assert feed(out, stream, make_packet(11, 3000), 0.08) == (501, 3000)
    assert feed(out, stream, make_packet(11, 3000), 0.09) is DropReason.DUPLICATE


def test_a_packet_from_before_the_switch_is_dropped(make_packet, make_stream) -> None:
    out, stream = forwarder(), make_stream()
    out.aim(stream, TYPES, NO_EXTENSIONS)
    feed(out, stream, make_packet(10, 0), 0.0)
    feed(out, stream, make_packet(12, 6000, key=True), 0.06)
    assert feed(out, stream, make_packet(11, 3000), 0.08) is DropReason.BEFORE_SWITCH


def test_another_source_continues_numbers_and_time(make_packet, make_stream) -> None:
    out, first, second = forwarder(), make_stream(), make_stream(2000)
    out.aim(first, TYPES, NO_EXTENSIONS)
    feed(out, first, make_packet(65535, 1_000_000, key=True, picture_id=7, tl0picidx=3), 1.0)
    assert (out.rewrite.picture_id, out.rewrite.tl0picidx) == (7, 3)
    out.release()
    assert feed(out, first, make_packet(0, 1_003_000), 1.03) is DropReason.NOT_SELECTED
    out.aim(second, TYPES, NO_EXTENSIONS)
    packet = make_packet(30000, 77, key=True, picture_id=32767, tl0picidx=255, ssrc=2000)
    assert feed(out, second, packet, 1.5) == (501, 1_000_000 + 45000)
    assert (out.rewrite.picture_id, out.rewrite.tl0picidx) == (8, 4)
    packet = make_packet(30001, 3077, picture_id=0, tl0picidx=0, ssrc=2000)
    assert feed(out, second, packet, 1.53) == (502, 1_048_000)
    assert (out.rewrite.picture_id, out.rewrite.tl0picidx) == (9, 5)
    assert out.switches == 2


def test_the_current_stream_goes_on_until_the_target_has_a_keyframe(
    make_packet, make_stream
) -> None:
    out, low, high = forwarder(), make_stream(), make_stream(2000)
    out.aim(low, TYPES, NO_EXTENSIONS)
    feed(out, low, make_packet(1, 0, key=True), 0.0)
    out.aim(high, TYPES, NO_EXTENSIONS)
    assert feed(out, high, make_packet(9, 3000, ssrc=2000), 0.03) is DropReason.AWAITING_KEYFRAME
    assert feed(out, low, make_packet(2, 3000), 0.03) == (501, 3000)
    assert feed(out, high, make_packet(10, 6000, key=True, ssrc=2000), 0.06) == (502, 5700)
    assert feed(out, low, make_packet(3, 6000), 0.06) is DropReason.NOT_SELECTED


def test_a_sent_packet_can_be_found_again_as_it_was(make_packet, make_stream) -> None:
    out, stream = forwarder(), make_stream()
    out.aim(stream, TYPES, NO_EXTENSIONS)
    for step in range(5):
        feed(out, stream, make_packet(10 + step, 3000 * step, key=step == 0), step * 0.03)
    found = out.again(502, 0.2)
    assert not isinstance(found, DropReason)
    assert found.sequence_number == 12
    assert (out.rewrite.sequence_number, out.rewrite.timestamp) == (502, 6000)


def test_what_was_never_sent_or_is_too_old_is_not_found(make_packet, make_stream) -> None:
    out, stream = forwarder(), make_stream()
    assert out.again(500, 0.0) is DropReason.NOT_IN_CACHE
    out.aim(stream, TYPES, NO_EXTENSIONS)
    feed(out, stream, make_packet(10, 0), 0.0)
    feed(out, stream, make_packet(11, 0, key=True), 0.0)
    assert out.again(499, 0.1) is DropReason.NOT_IN_CACHE
    assert out.again(501, 0.1) is DropReason.NOT_IN_CACHE
    assert out.again(500, 1.5) is DropReason.NOT_IN_CACHE
    assert not isinstance(out.again(500, 0.9), DropReason)
