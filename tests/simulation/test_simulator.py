"""The simulator itself: the same call each time, a path with knobs, browsers like real ones."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections import Counter

import msgspec
import pytest

from sfu.rtp import packet as rtp
from sfu.rtp.extensions import parse_extensions
from sfu.rtp.feedback import Nack, Pli
from sfu.rtp.rtcp import ReceiverReport, parse_compound
from sfu.rtp.transport_cc import TransportFeedback
from tests.simulation.sender import MID_ID, REPAIRED_RID_ID, RID_ID, RTX, TRANSPORT_CC_ID
from tests.simulation.simulator import Call
from tests.simulation.sources import MAX_PAYLOAD, OPUS_BYTES, SIMULCAST, video_tail


def lossy_call(seed: int) -> Call:
    call = Call(seed=seed)
    bad = {"loss": 0.05, "burst": 3.0, "jitter": 0.01}
    for name in ("ann", "bob", "cem"):
        call.browser(name, simulcast=True, up=bad, down=bad)
    call.run(5.0)
    return call


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_bytes(seed: int) -> None:
    assert lossy_call(seed).delivered.digest() == lossy_call(seed).delivered.digest()


def test_another_seed_gives_other_bytes() -> None:
    assert lossy_call(1).delivered.digest() != lossy_call(2).delivered.digest()


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "from tests.simulation.test_simulator import lossy_call;"
        "print(lossy_call(3).delivered.hexdigest())"
    )
    digest = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert digest == lossy_call(3).delivered.hexdigest()


def test_one_more_browser_does_not_change_what_others_lose() -> None:
    def play(others: int) -> list[object]:
        call = Call(seed=5)
        people = [call.browser(name, up={"loss": 0.1}, down={"loss": 0.1}) for name in "ab"]
        call.room = call.rooms.create_id()
        for number in range(others):
            call.browser(f"other{number}", up={"loss": 0.1})
        call.run(3.0)
        return [(each.up.lost, each.down.lost, each.receiver.nacked) for each in people]

    assert play(0) == play(3)


def test_a_full_call_of_ten_with_simulcast(new_call) -> None:
    call = new_call()
    people = [call.browser(f"guest{number}", simulcast=True) for number in range(10)]
    call.run(3.0)
    for person, other in itertools.permutations(people, 2):
        view = person.view_of(other)
        assert view.fps >= 5
        assert view.misattributed == 0
        assert view.freezes == []
        assert person.listening_to(other).residual_loss == 0.0
    table = call.report().splitlines()
    assert len(table) == 11
    assert "first picture s" in table[0]
    assert table[1].split()[:2] == ["guest0", "9"]
    assert call.counters.drops["unknown-ssrc"] == 0
    assert not call.counters.bugs


def test_signaling_takes_a_moment_and_keeps_its_order(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    assert ann.messages == []
    call.run(0.009)
    assert ann.messages == []
    call.run(0.002)
    assert [message["type"] for message in ann.messages] == ["joined"]
    ann.say(type="mute", source="screen", muted=True)
    ann.leave()
    call.run(0.02)
    assert [message["type"] for message in ann.messages[-2:]] == ["error", "closed"]


def test_the_delay_of_the_path_is_the_round_trip_that_the_server_measures(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", up={"delay": 0.06}, down={"delay": 0.09})
    call.browser("bob")
    call.run(6.0)
    assert ann.session._participant.subscriber.rtt == pytest.approx(0.15, abs=0.005)


def test_reordered_and_doubled_packets_make_the_same_pictures(new_call) -> None:
    call = new_call()
    mad = {"jitter": 0.015, "reorders": True, "duplicates": 0.2}
    ann, bob = call.browser("ann", up=mad, down=mad), call.browser("bob", up=mad, down=mad)
    call.run(6.0)
    assert ann.picture_of(bob).duplicates > 30
    assert ann.view_of(bob).frames > 130
    assert ann.view_of(bob).freezes == []
    assert ann.listening_to(bob).residual_loss == 0.0


def test_a_path_may_change_during_the_call_and_the_person_notices(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(5.0)
    assert ann.view_of(bob).freezes == []
    broken = call.now
    ann.down.loss = 1.0
    call.run(3.0)
    ann.down.loss = 0.0
    call.run(5.0)
    view = ann.view_of(bob)
    assert 3.0 <= view.recovered_after(broken) <= 5.0
    assert view.longest_freeze == pytest.approx(view.recovered_after(broken), abs=0.1)
    assert view.fps >= 5
    assert ann.listening_to(bob).residual_loss == pytest.approx(3.0 / 12.8, abs=0.05)
    assert bob.view_of(ann).freezes == []


def test_a_path_too_narrow_even_for_sound_is_heard(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann", down={"rate": 20_000}), call.browser("bob")
    call.run(10.0)
    assert ann.down.overflowed > 100
    assert ann.listening_to(bob).residual_loss > 0.3
    assert bob.listening_to(ann).residual_loss == 0.0


def test_a_muted_camera_is_no_freeze_and_comes_back(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(3.0)
    bob.mute("camera")
    bob.mute("microphone")
    call.run(4.0)
    view = ann.view_of(bob)
    assert view.excused
    assert view.fps == 0
    bob.mute("camera", False)
    bob.mute("microphone", False)
    call.run(3.0)
    assert view.freezes == []
    assert view.fps >= 5
    assert ann.listening_to(bob).residual_loss == 0.0


def test_somebody_in_the_slot_of_somebody_else_ends_the_test(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(2.0)
    slot = ann.slot_of(bob)
    ann.watcher.slots_sent([slot | {"participant": None}])
    call.run(1.5)  # what was under way may still come
    with pytest.raises(AssertionError, match="ann gets camera of browser 2"):
        call.run(1.5)


# --- a browser that sends ---


def sending(new_call, *, seconds: float = 3.0, **knobs):
    """A call of two, and all that bob's browser sends meanwhile: (time, packet)."""
    call = new_call()
    call.browser("ann")
    bob = call.browser("bob", **knobs)
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
    _, highest = bob.sender.cameras["camera"].encoders[2]
    for wanted in (["q"], ["q", "f"]):
        bob._message(msgspec.json.encode({"type": "layers", "source": "camera", "wanted": wanted}))
        call.run(0.1)
        sent.clear()
        if wanted == ["q"]:
            call.run(1.0)
            assert {bob.sender.outgoing[p.ssrc].rid for _, p in sent} == {"", "q"}
    bob.sender.cameras["camera"].encoders[2][0].want_keyframe = False
    assert bob.layers == {"camera": ["q", "f"]}
    call.run(0.5)
    packets = [packet for _, packet in sent if packet.ssrc == highest.ssrc]
    tails = [video_tail(packet.data, packet.payload_end) for packet in packets]
    assert {tail.frame for tail in tails}
    (encoder, _) = bob.sender.cameras["camera"].encoders[2]
    assert encoder.keyframes == 2


# --- a browser that receives ---


def test_arrivals_are_reported_once_and_late_ones_again(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    call.browser("bob")
    call.run(2.0)
    ann.receiver._transport_cc_id = TRANSPORT_CC_ID
    reports: list[TransportFeedback] = []
    ann.transport.take_rtcp = lambda data: reports.extend(
        packet for packet in parse_compound(data) if isinstance(packet, TransportFeedback)
    )
    repair = next(iter(ann.receiver._repairs))
    start = 0xFFFE

    def arrive(number: int) -> None:
        element = {TRANSPORT_CC_ID: (number & 0xFFFF).to_bytes(2, "big")}
        fields = {"payload_type": RTX, "sequence_number": 1, "timestamp": 0, "ssrc": repair}
        ann.receiver.take(rtp.write(**fields, payload=b"", padding=50, extensions=element))

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
    assert ann.receiver.padding == 5


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
    call.run(3.0)
    assert "transport-cc" in ann.offer_text()  # for what it sends
    assert ann.receiver._transport_cc_id == 0
    assert ann.session._participant.subscriber.remb == pytest.approx(1_800_000, rel=0.01)
