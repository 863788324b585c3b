"""What clients may say, in which order, and what they are told when they are wrong."""

from __future__ import annotations

import pytest


def errors(browser) -> list[tuple[str, bool]]:
    """What the server said was wrong, once it had time to say so."""
    browser.call.run(0.1)
    return [(message["code"], message["fatal"]) for message in browser.of_type("error")]


def test_an_unknown_room_is_refused_with_a_reason(new_call) -> None:
    call = new_call()
    for room in ("nonsense", "A" * 28, call.room[:-1] + ("A" if call.room[-1] != "A" else "B")):
        call.room = room
        ann = call.browser("ann")
        assert errors(ann) == [("room-not-found", False)]
        assert not ann.hung_up
    assert not call.rooms.rooms


def test_the_seventh_in_a_room_of_six_reads_that_it_is_full(new_call) -> None:
    call = new_call(room_capacity=6)
    people = [call.browser(f"guest{number}") for number in range(7)]
    assert errors(people[6]) == [("room-full", False)]
    assert "6" in people[6].of_type("error")[0]["message"]
    people[0].leave()
    call.run(0.1)
    people[6].join(call.room)
    call.run(0.1)
    assert people[6].of_type("joined")


def test_a_full_server_refuses(new_call) -> None:
    call = new_call(max_participants=2)
    call.browser("ann")
    call.browser("bob")
    assert errors(call.browser("eve")) == [("server-full", False)]


def test_too_many_rooms_are_refused(new_call) -> None:
    call = new_call(max_rooms=1)
    call.browser("ann")
    call.room = call.rooms.create_id()
    assert errors(call.browser("eve")) == [("server-full", False)]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"not json", "bad-message"),
        (b'{"type":"fly"}', "bad-message"),
        (b'{"type":"join"}', "bad-message"),
        (b'{"type":"join","room":7}', "bad-message"),
        (b'{"type":"join","room":"../../etc"}', "bad-message"),
        (b"[" * 50000, "bad-message"),
        (b'{"type":"join","room":"' + b"a" * 100_000 + b'"}', "message-too-large"),
        (b'{"type":"mute","source":"camera","muted":true}', "not-joined"),
        (b'{"type":"offer","sdp":"v=0","tracks":[]}', "not-joined"),
        (b"\xff\xfe", "bad-message"),
    ],
)
def test_what_is_not_the_protocol_ends_the_session_with_a_reason(
    new_call, message: bytes, code: str
) -> None:
    call = new_call()
    ann = call.browser("ann")
    call.room = "none"
    stranger = call.browser("stranger")
    call.run(0.1)
    stranger.messages.clear()
    stranger.session.receive(message, call.now)
    assert errors(stranger) == [(code, True)]
    assert stranger.hung_up
    assert call.counters.signaling_errors[code] == 1
    assert not ann.hung_up


def test_a_second_join_is_refused_and_the_first_stays(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    ann.say(type="join", room=call.room, name="ann")
    assert errors(ann) == [("already-joined", False)]
    assert ann.session.joined


def test_hostile_offers_take_only_their_sender_out(new_call) -> None:
    call = new_call()
    ann, bob, eve = call.browser("ann"), call.browser("bob"), call.browser("eve")
    call.run(1.0)
    eve.say(type="offer", sdp="v=0\r\nm=audio\r\n", tracks=[])
    assert errors(eve) == [("bad-sdp", True)]
    assert eve.hung_up
    before = ann.picture_of(bob).highest
    call.run(1.0)
    assert ann.picture_of(bob).highest > before
    assert ann.of_type("participant-left")[-1]["reason"] == "protocol-error"


def test_an_offer_that_names_what_it_does_not_send_is_refused(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    call.run(0.5)
    text = ann.offer_text()
    ann.say(type="offer", sdp=text, tracks=[{"mid": "2", "source": "camera"}])
    assert errors(ann) == [("bad-sdp", True)]


def test_an_offer_of_another_peer_connection_is_refused(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    call.run(0.5)
    text = ann.offer_text().replace("AB:AB", "CD:CD", 1)
    ann.say(
        type="offer",
        sdp=text.replace("AB:AB:AB", "CD:CD:CD"),
        tracks=[{"mid": "0", "source": "microphone"}],
    )
    assert errors(ann) == [("bad-sdp", False)]
    assert ann.session.joined


def test_muting_what_one_does_not_publish_is_refused(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    ann.say(type="mute", source="screen", muted=True)
    assert errors(ann) == [("no-such-track", False)]


def test_candidates_are_accepted_and_ignored(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    ann.say(type="candidate", candidate="candidate:1 1 udp 1 192.0.2.1 9 typ host")
    assert errors(ann) == []


def test_names_are_text_without_control_characters(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    eve = call.browser("x")
    eve.leave()
    evil = call.browser("<b>evil</b>\u202e\x00  name ")
    call.run(0.1)
    name = ann.of_type("participant-joined")[-1]["participant"]["name"]
    assert name == "<b>evil</b> name"
    assert evil.session.joined


def test_a_screen_is_a_further_slot_and_ends_alone(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(1.0)
    bob.share_screen()
    call.run(1.5)
    assert errors(bob) == []
    slots = [s for s in ann.of_type("slots")[-1]["slots"] if s["participant"] == bob.id]
    assert [slot["source"] for slot in slots] == ["camera", "screen"]
    assert ann.view_of(bob, "screen").height == 1080
    assert ann.view_of(bob).fps >= 5
    bob.stop_screen()
    call.run(0.5)
    slots = [s for s in ann.of_type("slots")[-1]["slots"] if s["participant"] == bob.id]
    assert [slot["source"] for slot in slots] == ["camera"]
    assert ann.of_type("track-unpublished")[-1]["track"] == bob.track("screen")


def test_a_stopping_server_tells_everybody(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    call.run(0.1)
    call.rooms.stop(call.now)
    call.run(0.1)
    assert ann.of_type("closed")[-1]["code"] == "server-stopping"
    assert ann.hung_up
    assert not call.rooms.rooms
