"""Whole calls in virtual time: who sees whom, and what losses and departures leave behind."""

from __future__ import annotations

import itertools

import pytest


def assert_sees(browser, other) -> None:
    """``browser`` gets the picture and the sound of ``other``, and of nobody else in that slot."""
    picture, sound = browser.picture_of(other), browser.sound_of(other)
    assert picture is not None
    assert sound is not None
    last = picture.numbers[picture.highest]
    assert last == b"\x00\x01rest" or last.endswith(other.name.encode())
    names = {n[2:] for n in list(picture.numbers.values())[-6:] if n[:1] == b"\x10"}
    assert names == {other.name.encode()}
    assert sound.numbers[sound.highest] == b"opus" + other.name.encode()


def test_everybody_sees_everybody(new_call) -> None:
    call = new_call()
    people = [call.browser(name, slots=8) for name in ("ann", "bob", "cem", "dora", "emil", "fay")]
    call.run(3.0)
    for person in people:
        for other in people:
            if other is not person:
                assert_sees(person, other)
    assert call.counters.drops["unknown-ssrc"] == 0


def test_the_first_picture_comes_with_the_first_keyframe(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    call.run(2.0)
    bob = call.browser("bob")
    joined_at = call.now
    call.run(1.0)
    picture = bob.picture_of(ann)
    assert picture is not None
    assert picture.first_at is not None
    assert picture.first_at - joined_at < 0.2
    first = picture.numbers[min(picture.numbers)]
    assert first[:2] == b"\x10\x00"  # the first packet is the start of a keyframe


def test_a_crowd_that_joins_at_once_causes_one_keyframe(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", slots=12)
    call.run(2.0)
    before = ann.keyframes_asked
    for number in range(8):
        call.browser(f"guest{number}", slots=12, sends=False)
    call.run(2.0)
    assert 1 <= ann.keyframes_asked - before <= 2


def test_losses_on_both_sides_are_repaired(new_call) -> None:
    call = new_call(seed=7)
    ann = call.browser("ann", loss_up=0.05, loss_down=0.05)
    bob = call.browser("bob", loss_up=0.05, loss_down=0.05)
    call.run(30.0)
    for person, other in ((ann, bob), (bob, ann)):
        picture = person.picture_of(other)
        assert picture is not None
        assert len(picture.numbers) > 1400
        missing = [n for n in picture.missing() if n < picture.highest - 50]
        assert len(missing) <= len(picture.numbers) * 0.001
    assert call.counters.retransmitted_out > 50
    assert call.counters.retransmitted_in > 50


def test_somebody_else_in_the_slot_is_one_continuous_stream(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    seen = None
    for turn in range(5):
        guest = call.browser(f"guest{turn}")
        call.run(1.0)
        assert_sees(ann, guest)
        seen = ann.picture_of(guest)
        guest.say(type="leave")
        call.run(0.5)
    assert seen is not None
    assert seen.missing() == []
    assert seen.duplicates == 0
    order = sorted(seen.timestamps)
    steps = [
        (seen.timestamps[b] - seen.timestamps[a]) & 0xFFFFFFFF for a, b in itertools.pairwise(order)
    ]
    assert all(step < 90000 * 2 for step in steps)


def test_lips_stay_in_sync_with_the_sender_reports(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(5.0)
    picture, sound = ann.picture_of(bob), ann.sound_of(bob)
    assert picture is not None
    assert sound is not None
    assert picture.last_report is not None
    assert sound.last_report is not None

    def instant(stream, rate):
        """Our instant of the newest packet, by the latest sender report."""
        report = stream.last_report
        ticks = (stream.timestamps[stream.highest] - report.rtp_timestamp + 2**31) % 2**32 - 2**31
        return report.ntp / 2**32 + ticks / rate

    assert abs(instant(picture, 90000) - instant(sound, 48000)) < 0.005


def test_rooms_do_not_mix(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.room = call.rooms.create_id()
    eve, fay = call.browser("eve"), call.browser("fay")
    call.run(2.0)
    assert_sees(ann, bob)
    assert_sees(eve, fay)
    for person, other in ((ann, eve), (ann, fay), (eve, ann), (fay, bob)):
        assert person.slot_of(other) is None
        payloads = b"".join(b"".join(s.numbers.values()) for s in person.received.values())
        assert other.name.encode() not in payloads


def test_more_people_than_slots_leads_to_more_slots(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", slots=1)
    others = [call.browser(f"guest{number}", slots=5) for number in range(4)]
    call.run(2.0)
    assert ann.of_type("need-slots")
    for other in others:
        assert_sees(ann, other)


def test_a_receive_only_browser_sees_and_is_not_seen(new_call) -> None:
    call = new_call()
    ann, viewer = call.browser("ann"), call.browser("viewer", sends=False)
    call.run(2.0)
    assert_sees(viewer, ann)
    assert ann.slot_of(viewer) is None
    assert [m["participant"]["name"] for m in ann.of_type("participant-joined")] == ["viewer"]


def test_speakers_are_told_and_a_muted_one_is_not(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(1.0)
    ann.level = 20
    call.run(1.0)
    assert [s["participant"] for s in bob.of_type("speakers")[-1]["speakers"]] == [ann.id]
    ann.say(type="mute", source="microphone", muted=True)
    call.run(1.0)
    assert bob.of_type("speakers")[-1]["speakers"] == []
    assert bob.of_type("track-updated")[-1]["track"]["muted"] is True


def test_joining_and_leaving_leaves_nothing_behind(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    for turn in range(50):
        guest = call.browser(f"guest{turn}")
        call.run(0.3)
        if turn % 2:
            guest.session.disconnected(clean=False, now=call.now)
        else:
            guest.say(type="leave")
            assert guest.of_type("closed")[-1]["code"] == "left"
        call.run(0.1)
    room = call.rooms.rooms[call.room]
    assert len(room.participants) == len(call.table) == 1
    (participant,) = room.participants.values()
    assert all(not track.subscribed for track in participant.tracks)
    assert all(slot.occupant is None for slot in participant.subscriber.slots)
    ann.say(type="leave")
    assert not call.rooms.rooms
    assert len(call.table) == 0
    assert call.counters.joins == sum(call.counters.leaves.values()) == 51


def test_a_lost_transport_takes_its_participant_out_and_tells_it(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(1.0)
    bob_id = bob.id
    bob.transport.sink.transport_closed("consent-lost", call.now)
    assert bob.hung_up
    assert bob.of_type("closed")[-1]["code"] == "media-lost"
    assert ann.of_type("participant-left")[-1] == {
        "type": "participant-left",
        "participant": bob_id,
        "reason": "media-lost",
    }


def test_an_error_in_one_participant_leaves_the_others(new_call) -> None:
    call = new_call()
    ann, bob, eve = call.browser("ann"), call.browser("bob"), call.browser("eve")
    call.run(1.0)

    def broken(now: float) -> None:
        raise RuntimeError("planted")

    eve.session._participant.tick = broken
    call.run(1.0)
    assert eve.of_type("closed")[-1]["code"] == "internal-error"
    assert call.counters.bugs["tick"] == 1
    assert_sees(ann, bob)
    assert_sees(bob, ann)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_seed_gives_the_same_call(new_call, seed: int) -> None:
    def play() -> list[bytes]:
        call = new_call(seed=seed)
        ann = call.browser("ann", loss_down=0.1)
        bob = call.browser("bob", loss_up=0.1)
        call.run(5.0)
        picture = ann.picture_of(bob)
        assert picture is not None
        return [picture.numbers[n] for n in sorted(picture.numbers)]

    assert play() == play()


def test_the_same_ssrcs_of_different_people_do_not_collide(new_call) -> None:
    call = new_call()
    same = {"audio": 7, "video": 8, "rtx": 9}
    people = [call.browser(name, ssrc=dict(same)) for name in ("ann", "bob", "cem")]
    call.run(3.0)
    for person in people:
        for other in people:
            if other is not person:
                assert_sees(person, other)
