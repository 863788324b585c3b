"""Lies and floods in RTCP are bounded, counted, and change nobody else's call."""

from __future__ import annotations

from sfu.rtp.feedback import Fir, Nack, Pli, Remb
from sfu.rtp.rtcp import ReceiverReport, ReportBlock


def two(new_call):
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(2.0)
    return call, ann, bob


def test_a_flood_of_keyframe_requests_is_merged(new_call) -> None:
    call, ann, bob = two(new_call)
    ssrc = ann.picture_of(bob).ssrc
    before = bob.sender.keyframes_asked
    for _ in range(50):
        for _ in range(20):
            ann.transport.sink.rtcp_received(Pli(1, ssrc).write(), call.now)
            ann.transport.sink.rtcp_received(Fir(1, [(ssrc, 1)]).write(), call.now)
        call.run(0.02)
    assert bob.sender.keyframes_asked - before <= 3
    assert call.counters.keyframe_requests["pli"] == 1000


def test_a_flood_of_nacks_is_bounded(new_call) -> None:
    call, ann, bob = two(new_call)
    picture = ann.picture_of(bob)
    ssrc, highest = picture.ssrc, picture.highest
    numbers = [(highest - n) & 0xFFFF for n in range(100)]
    before = call.counters.retransmitted_out
    for _ in range(50):
        ann.transport.sink.rtcp_received(Nack(1, ssrc, numbers).write(), call.now)
        call.run(0.02)
    assert call.counters.retransmitted_out - before <= 700
    limits = ("resent-just-now", "resend-limit", "resend-congested")
    assert sum(call.counters.drops[limit] for limit in limits) > 0


def test_feedback_about_strangers_streams_changes_nothing(new_call) -> None:
    call, ann, bob = two(new_call)
    bobs = bob.picture_of(ann).ssrc
    asked = ann.sender.keyframes_asked
    ann.transport.sink.rtcp_received(Pli(1, bobs).write(), call.now)
    ann.transport.sink.rtcp_received(Nack(1, 0xDEAD, [1, 2, 3]).write(), call.now)
    call.run(1.0)
    assert ann.sender.keyframes_asked == asked
    assert call.counters.drops["feedback-unknown-ssrc"] == 2
    assert call.counters.retransmitted_out == 0


def test_lies_about_losses_are_not_counted(new_call) -> None:
    call, ann, bob = two(new_call)
    ssrc = ann.picture_of(bob).ssrc
    block = ReportBlock(ssrc, 255, 0x7FFFFF, 0, 0, 0, 0)
    ann.transport.sink.rtcp_received(ReceiverReport(1, [block]).write(), call.now)
    assert call.counters.video.lost_out == 0


def test_garbage_is_counted_and_dropped(new_call) -> None:
    call, ann, bob = two(new_call)
    sink = ann.transport.sink
    for data in (b"", b"\x80", b"\x80\xc8\xff\xff", b"\x00" * 40, bytes(range(200))):
        sink.rtcp_received(data, call.now)
        sink.rtp_received(data, call.now)
    sink.rtcp_received(Remb(1, 1_000_000, [1]).write(), call.now)
    assert sum(call.counters.drops.values()) >= 5
    before = bob.picture_of(ann).highest
    call.run(0.5)
    assert bob.picture_of(ann).highest > before


def test_a_restarted_sender_is_picked_up_again(new_call) -> None:
    call, ann, bob = two(new_call)
    picture = ann.picture_of(bob)
    ((_, outgoing),) = bob.sender.cameras["camera"].encoders
    outgoing.number += 20000
    call.run(1.0)
    last = picture.highest
    call.run(1.0)
    assert picture.highest >= last + 40
    assert not picture.missing
    assert ann.view_of(bob).fps >= 20


def test_a_publisher_with_endless_ssrcs_is_bounded(new_call) -> None:
    call, _ann, bob = two(new_call)
    from sfu.rtp import packet as rtp

    for ssrc in range(5000, 5200):
        data = rtp.write(
            payload_type=111,
            sequence_number=1,
            timestamp=1,
            ssrc=ssrc,
            payload=b"x",
            extensions={4: b"0"},
        )
        bob.transport.sink.rtp_received(data, call.now)
    participant = bob.session._participant
    assert len(participant.publisher.routes) <= 32
    assert call.counters.drops["too-many-streams"] > 0
