"""Whole calls in virtual time: who sees whom, and what losses and departures leave behind."""

from __future__ import annotations


def assert_sees(browser, other) -> None:
    """``browser`` has a moving picture and the sound of ``other`` in the slot that says so.

    That nobody else ever appears there is asserted with every frame that is shown.
    """
    picture, sound = browser.picture_of(other), browser.sound_of(other)
    assert picture is not None
    assert sound is not None
    assert picture.source[0] == sound.source[0] == other.index
    assert browser.view_of(other).fps >= 5  # the base layer alone has six
    assert browser.call.now - other.sender.opus_sent_at[sound.source[1]] < 0.2


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
    call.run(1.0)
    view = bob.view_of(ann)
    assert view.time_to_first_picture is not None
    # Two round trips of signaling, three of the handshake, one for the keyframe, and two frames.
    assert view.time_to_first_picture < 0.25
    assert bob.picture_of(ann).pictures.undecodable == 0
    assert bob.receiver.keyframes_asked == 0  # nothing came before the keyframe


def test_a_crowd_that_joins_at_once_causes_one_keyframe(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", slots=12)
    call.run(2.0)
    before = ann.sender.keyframes_asked
    for number in range(8):
        call.browser(f"guest{number}", slots=12, sends=False)
    call.run(2.0)
    assert 1 <= ann.sender.keyframes_asked - before <= 2


def test_losses_on_both_sides_are_repaired(new_call) -> None:
    call = new_call(seed=7)
    lossy = {"loss": 0.05}
    ann = call.browser("ann", up=lossy, down=lossy)
    bob = call.browser("bob", up=lossy, down=lossy)
    call.run(30.0)
    for person, other in ((ann, bob), (bob, ann)):
        view = person.view_of(other)
        assert view.frames > 29.5 * 25 * 0.95
        assert view.longest_freeze < 0.5
        assert view.frozen_share < 0.015
    assert call.counters.retransmitted_out > 50
    assert call.counters.retransmitted_in > 50


def test_somebody_else_in_the_slot_is_one_continuous_stream(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    streams = set()
    for turn in range(5):
        guest = call.browser(f"guest{turn}")
        call.run(1.0)
        assert_sees(ann, guest)
        streams.add(ann.picture_of(guest))
        guest.leave()
        call.run(0.5)
    (seen,) = streams
    assert (len(seen.missing), seen.given_up, seen.duplicates) == (0, 0, 0)
    assert seen.pictures.undecodable == 0
    assert seen.largest_step < 90000 * 2


def test_lips_stay_in_sync_with_the_sender_reports(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(5.0)

    def delay(stream, captured_at, rate):
        """From the capture of the newest packet to its instant by the latest sender report."""
        report = stream.report
        ticks = (stream.timestamp - report.rtp_timestamp + 2**31) % 2**32 - 2**31
        return report.ntp / 2**32 + ticks / rate - captured_at[stream.source[1]]

    ((encoder, _),) = bob.sender.cameras["camera"].encoders
    picture = delay(ann.picture_of(bob), encoder.captured_at, 90000)
    sound = delay(ann.sound_of(bob), bob.sender.opus_sent_at, 48000)
    assert abs(picture - sound) < 0.005


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
        assert (other.index, "camera") not in person.watcher.views
        assert other.index not in person.watcher.listeners


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
    ann.sender.level = 20
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
            guest.session.disconnected(clean=True, now=call.now)
        else:
            guest.leave()
        call.run(0.1)
        if not turn % 2:
            assert guest.of_type("closed")[-1]["code"] == "left"
    room = call.rooms.rooms[call.room]
    assert len(room.participants) == len(call.table) == 1
    (participant,) = room.participants.values()
    assert all(not track.subscribed for track in participant.tracks)
    assert all(slot.occupant is None for slot in participant.subscriber.slots)
    ann.leave()
    call.run(0.1)
    assert not call.rooms.rooms
    assert len(call.table) == 0
    assert call.counters.joins == sum(call.counters.leaves.values()) == 51


def test_a_lost_transport_takes_its_participant_out_and_tells_it(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(1.0)
    bob_id = bob.id
    bob.transport.sink.transport_closed("consent-lost", call.now)
    call.run(0.1)
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


def test_the_same_ssrcs_of_different_people_do_not_collide(new_call) -> None:
    call = new_call()
    people = [call.browser(name, base_ssrc=7) for name in ("ann", "bob", "cem")]
    call.run(3.0)
    for person in people:
        for other in people:
            if other is not person:
                assert_sees(person, other)
