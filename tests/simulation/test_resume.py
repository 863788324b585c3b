"""Losing the WebSocket never touches the media: who comes back finds everything as it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.simulator import Call


def two(call, **knobs):
    knobs = {"camera": False} | knobs
    ann, bob = call.browser("ann", **knobs), call.browser("bob", **knobs)
    call.run(1.0)
    return ann, bob


def heard(listener, other) -> int:
    """How much of the other's sound came, in packets."""
    return listener.sound_of(other).highest


def away(viewer, other) -> list[bool]:
    return [
        message["participant"]["away"]
        for message in viewer.of_type("participant-updated")
        if message["participant"]["id"] == other.id
    ]


def left(viewer) -> list[str]:
    return [message["reason"] for message in viewer.of_type("participant-left")]


def last_joined(browser):
    return browser.of_type("joined")[-1]


def test_a_short_cut_is_noticed_by_nobody_and_media_flow_in_both_directions(new_call) -> None:
    call = new_call()
    ann, bob = two(call, camera=True)
    call.run(1.0)
    transport, before = ann.transport, len(bob.messages)
    ann.lose_signaling()
    for _ in range(3):
        seen = heard(bob, ann), heard(ann, bob)
        call.run(1.0)
        assert heard(bob, ann) > seen[0]
        assert heard(ann, bob) > seen[1]
    ann.resume()
    call.run(0.5)
    joined = last_joined(ann)
    assert joined["resumed"] is True
    assert joined["you"] == ann.ids[0]
    assert ann.transport is transport
    assert [each["name"] for each in joined["participants"]] == ["bob"]
    assert {message["type"] for message in bob.messages[before:]} <= {"quality", "layers"}
    assert len(call.table) == 2
    assert bob.view_of(ann).freezes == ann.view_of(bob).freezes == []


def test_after_five_seconds_the_others_see_that_somebody_is_away_until_they_are_back(
    new_call,
) -> None:
    call = new_call()
    ann, bob = two(call)
    ann.lose_signaling()
    call.run(4.9)
    assert away(bob, ann) == []
    call.run(0.3)
    assert away(bob, ann) == [True]
    cem = call.browser("cem")
    call.run(0.1)
    shown = {each["name"]: each["away"] for each in last_joined(cem)["participants"]}
    assert shown == {"ann": True, "bob": False}
    ann.resume()
    call.run(0.1)
    assert away(bob, ann) == [True, False]


def test_who_is_away_with_living_media_is_seen_for_a_minute(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    ann.lose_signaling()
    call.run(20.0)
    seen = heard(bob, ann)
    call.run(1.0)
    assert heard(bob, ann) > seen
    call.run(38.5)
    assert left(bob) == []
    call.run(1.0)
    assert left(bob) == ["disconnected"]
    ann.resume()
    call.run(0.2)
    assert last_joined(ann)["you"] != ann.ids[0]


def test_who_is_away_without_media_is_gone_after_fifteen_seconds(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    ann.lose_media()
    ann.lose_signaling()
    call.run(14.9)
    assert left(bob) == []
    call.run(0.3)
    assert left(bob) == ["disconnected"]
    assert len(call.table) == 1


def test_who_loses_the_media_while_away_is_gone_ten_seconds_later(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    ann.lose_signaling()
    call.run(20.0)
    ann.lose_media()
    call.run(9.5)
    assert left(bob) == []
    call.run(1.0)
    assert left(bob) == ["disconnected"]


def test_who_never_was_connected_is_gone_after_fifteen_seconds(new_call) -> None:
    call = new_call()
    _, bob = two(call)
    eve = call.browser("eve")
    call.run(0.006)  # joined, but the offer has not arrived yet
    eve.lose_signaling()
    call.run(15.2)
    assert left(bob) == ["disconnected"]


def test_the_seat_of_a_ghost_is_kept_with_its_id_role_and_hand(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    cem = call.browser("cem")
    for who in (cem, ann):
        who.say(type="hand", raised=True)
        call.run(0.1)
    ann.lose_media()
    ann.lose_signaling()
    call.run(20.0)
    assert left(bob) == ["disconnected"]
    assert last_joined(bob)["role"] == "member"
    ann.resume(media=False)
    call.run(2.0)
    joined = last_joined(ann)
    assert joined["resumed"] is False
    assert joined["you"] == ann.ids[0]
    assert joined["role"] == "host"
    assert joined["hand"] == 2
    back = bob.of_type("participant-joined")[-1]["participant"]
    assert (back["id"], back["role"], back["hand"]) == (ann.id, "host", 2)
    seen = heard(bob, ann), heard(ann, bob)
    call.run(1.0)
    assert (heard(bob, ann), heard(ann, bob)) > seen


def test_a_client_that_believes_in_lost_media_is_told_that_they_are_new(new_call) -> None:
    call = new_call()
    ann, _ = two(call)
    ann.lose_media()
    ann.lose_signaling()
    call.run(20.0)
    ann.resume(media=True)
    call.run(0.2)
    assert last_joined(ann)["resumed"] is False
    assert ann.ids[0] == ann.ids[1]


def test_a_new_peer_connection_keeps_the_place_of_who_is_still_there(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    first = ann.session
    ann.lose_media()
    ann.resume(media=False)
    call.run(2.0)
    assert last_joined(ann)["resumed"] is False
    assert ann.ids[0] == ann.ids[1]
    assert last_joined(ann)["role"] == "host"
    assert first.closed
    assert left(bob) == ["disconnected"]
    assert len(call.table) == 2
    seen = heard(bob, ann)
    call.run(1.0)
    assert heard(bob, ann) > seen


def test_somebody_alone_with_a_new_peer_connection_stays_in_the_same_room(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    call.run(1.0)
    room = call.rooms.rooms[call.room]
    ann.lose_media()
    ann.lose_signaling()
    ann.resume(media=False)
    call.run(1.0)
    assert call.rooms.rooms[call.room] is room
    assert ann.ids[0] == ann.ids[1]
    assert last_joined(ann)["role"] == "host"


def test_an_unanswered_offer_is_answered_when_it_is_sent_again(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    call.run(1.0)
    bob = call.browser("bob")
    call.run(0.0101)  # joined; the offer is on its way
    assert bob.of_type("joined")
    call.run(0.0051)  # it has arrived, its answer has not
    assert not bob.of_type("answer")
    transports = len(call.table)
    bob.lose_signaling()
    bob.messages = [each for each in bob.messages if each["type"] == "joined"]
    bob.resume()
    call.run(0.1)
    assert last_joined(bob)["resumed"] is True
    bob.offer()
    call.run(1.0)
    assert bob.of_type("answer")
    assert len(call.table) == transports == 2
    assert heard(bob, ann) > 0
    assert heard(ann, bob) > 0


def test_what_changed_meanwhile_is_told_at_once(new_call) -> None:
    call = new_call(room_capacity=12)
    ann, bob = call.browser("ann", simulcast=True), call.browser("bob")
    call.run(3.0)
    ann.lose_signaling()
    call.run(0.1)
    cem = call.browser("cem")
    call.run(1.0)
    bob.leave()
    cem.say(type="mute", source="camera", muted=True)
    cem.sender.level = 20
    call.run(3.0)
    before = len(ann.messages)
    ann.resume()
    call.run(0.1)
    told = ann.messages[before:]
    assert [message["type"] for message in told][:2] == ["joined", "slots"]
    assert {"speakers", "layers"} <= {message["type"] for message in told}
    (only,) = last_joined(ann)["participants"]
    assert only["name"] == "cem"
    assert [track["muted"] for track in only["tracks"]] == [False, True]
    assert [slot["participant"] for slot in ann.of_type("slots")[-1]["slots"]].count(cem.id) == 1
    assert [who["participant"] for who in ann.of_type("speakers")[-1]["speakers"]] == [cem.id]


def test_slots_that_were_asked_for_meanwhile_are_asked_for_again(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", slots=1)
    call.browser("bob")
    call.run(1.0)
    ann.lose_signaling()
    call.run(0.1)
    ann.messages = ann.of_type("joined")
    call.browser("cem")
    call.run(1.0)
    assert not ann.of_type("need-slots")
    ann.resume()
    call.run(1.0)
    assert ann.of_type("need-slots")
    shown = {slot["participant"] for slot in ann.of_type("slots")[-1]["slots"]}
    assert len(shown - {None}) == 2


def test_a_host_who_mutes_somebody_away_is_obeyed_when_they_come_back(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    bob.lose_signaling()
    ann.say(type="mute-other", participant=bob.id, source="microphone")
    call.run(0.1)
    bob.resume()
    call.run(0.1)
    assert last_joined(bob)["silenced"] == [{"source": "microphone", "by": ann.id}]
    bob.mute("microphone", False)
    call.run(0.1)
    bob.lose_signaling()
    bob.resume()
    call.run(0.1)
    assert last_joined(bob)["silenced"] == []


# --- tokens ---


def test_a_second_session_with_the_token_takes_over_and_the_first_is_told(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    first = ann.session
    ann.resume()
    call.run(0.2)
    assert first.closed
    assert ann.of_type("closed")[-1]["code"] == "replaced"
    assert last_joined(ann)["resumed"] is True
    first.disconnected(clean=True, now=call.now)  # its socket ends later
    call.run(0.2)
    assert left(bob) == []
    assert ann.session.joined


def test_a_used_token_is_worth_nothing(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    old = last_joined(ann)["resume"]
    ann.lose_signaling()
    ann.resume()
    call.run(0.1)
    ann.say(type="candidate", candidate="")
    call.run(0.1)
    ann.lose_signaling()
    ann.resume(old)
    call.run(0.1)
    assert last_joined(ann)["resumed"] is False
    assert ann.ids[0] != ann.ids[1] or len(set(ann.ids)) == 2
    assert len(bob.of_type("participant-joined")) == 1
    assert not ann.of_type("error")


def test_a_token_lives_until_the_next_one_has_arrived(new_call) -> None:
    call = new_call()
    ann, _ = two(call)
    old = last_joined(ann)["resume"]
    for _ in range(3):  # each time the answer is lost
        ann.lose_signaling()
        ann.resume(old)
        call.run(0.1)
        assert last_joined(ann)["resumed"] is True
    assert len({message["resume"] for message in ann.of_type("joined")}) == 4


@pytest.mark.parametrize("token", ["x", "\udcff", "0" * 24])
def test_a_token_of_nobody_is_no_error(new_call, token: str) -> None:
    call = new_call()
    two(call)
    stranger = call.browser("stranger")
    stranger.leave()
    call.run(0.1)
    stranger._connect_signaling()
    session = stranger.session
    session._handle(_join(call.room, token), call.now)
    call.run(0.1)
    assert last_joined(stranger)["resumed"] is False


def _join(room: str, token: str):
    from sfu.signaling.client_messages import Join

    return Join(room=room, name="x", resume=token)


def test_a_token_of_another_room_opens_nothing(new_call) -> None:
    call = new_call()
    ann, _ = two(call)
    token = last_joined(ann)["resume"]
    call.room = call.rooms.create_id()
    eve = call.browser("eve")
    call.run(0.1)
    eve.lose_signaling()
    eve.resume(token)
    call.run(0.1)
    assert last_joined(eve)["resumed"] is False
    assert last_joined(eve)["you"] != ann.id


# --- the door ---


def test_neither_a_lock_nor_a_full_room_keeps_anybody_from_coming_back(new_call) -> None:
    call = new_call(room_capacity=2, max_participants=2)
    ann, bob = two(call)
    ann.say(type="lock", locked=True)
    bob.lose_signaling()
    call.run(10.0)
    bob.resume()
    call.run(0.1)
    assert last_joined(bob)["resumed"] is True
    bob.lose_media()
    bob.lose_signaling()
    bob.resume(media=False)
    call.run(0.1)
    assert last_joined(bob)["resumed"] is False
    assert not bob.of_type("error")
    bob.lose_signaling()
    bob.lose_media()
    call.run(20.0)
    assert "disconnected" in left(ann)
    bob.resume(media=False)
    call.run(0.1)
    assert last_joined(bob)["you"] == bob.ids[0]
    assert not bob.of_type("error")


def test_a_place_that_was_taken_meanwhile_is_taken(new_call) -> None:
    call = new_call(room_capacity=2)
    ann, _ = two(call)
    ann.lose_media()
    ann.lose_signaling()
    call.run(20.0)
    call.browser("cem")
    call.run(0.1)
    ann.resume(media=False)
    call.run(0.1)
    assert ann.of_type("error")[-1]["code"] == "room-full"


def test_who_was_removed_while_away_has_no_seat(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    bob.lose_signaling()
    call.run(1.0)
    ann.say(type="remove", participant=bob.id)
    ann.say(type="lock", locked=True)
    call.run(0.1)
    bob.resume()
    call.run(0.1)
    assert bob.of_type("error")[-1]["code"] == "room-locked"


def test_who_left_has_no_seat(new_call) -> None:
    call = new_call()
    _, bob = two(call)
    bob.leave()
    call.run(0.1)
    bob.resume()
    call.run(0.1)
    assert bob.ids[0] != bob.ids[1]


def test_a_wrong_token_of_the_room_does_not_matter_to_who_comes_back(new_call) -> None:
    call = new_call()
    _, bob = two(call)
    bob.token = "expired"
    for media in (True, False):
        bob.lose_signaling()
        bob.resume(media=media)
        call.run(0.1)
        assert not bob.of_type("error")
        assert bob.ids[-1] == bob.ids[0]


def test_a_lost_transport_keeps_the_seat(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    ann.session._participant.transport_closed("consent-lost", call.now)
    call.run(0.1)
    assert left(bob) == ["media-lost"]
    ann.resume(media=False)
    call.run(0.1)
    assert ann.ids[0] == ann.ids[1]
    assert last_joined(ann)["role"] == "host"


def test_empty_seats_are_bounded(new_call) -> None:
    call = new_call(room_capacity=3)
    call.browser("ann")
    call.run(0.1)
    for number in range(8):
        guest = call.browser(f"guest{number}", sends=False)
        call.run(0.05)
        guest.session._participant.transport_closed("consent-lost", call.now)
    assert len(call.rooms.rooms[call.room].seats) == 1 + 3


# --- every order of things ---

_STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(
            ["cut", "cut", "resume", "resume", "rejoin", "old", "leave", "clean", "silent", "tick"]
        ),
    ),
    max_size=14,
)


@settings(max_examples=25)
@given(_STEPS)
def test_whatever_the_order_nothing_is_left_behind_in_the_end(steps) -> None:
    call = Call()
    people = [call.browser(name, camera=False) for name in ("ann", "bob", "cem")]
    call.run(0.2)
    sessions = [person.session for person in people]
    for number, step in steps:
        person = people[number]
        match step:
            case "cut":
                person.lose_signaling()
            case "resume":
                person.resume()
            case "rejoin":
                person.lose_media()
                person.resume(media=False)
            case "old":
                person.resume(person.of_type("joined")[0]["resume"])
            case "leave":
                person.leave()
            case "clean":
                person.session.disconnected(clean=True, now=call.now)
            case "silent":
                person.lose_media()
            case "tick":
                call.run(3.0)
        sessions.append(person.session)
        call.run(0.06)
        room = call.rooms.rooms.get(call.room)
        if room is not None:
            everybody = room.participants
            assert len(call.table) <= len(everybody)
            assert all(
                slot.occupant is None or slot.occupant.participant in everybody
                for each in everybody.values()
                for slot in each.subscriber.slots
            )
            assert any(each.role == "host" for each in everybody.values())
    for session in sessions:
        session.disconnected(clean=False, now=call.now)
    for person in people:
        person.lose_media()
    for _ in range(4):
        call.rooms.tick(call.now)
        call.now += 16.0
    call.rooms.tick(call.now)
    assert not call.rooms.rooms
    assert len(call.table) == 0
    assert call.rooms.participants == 0
    assert call.counters.joins == sum(call.counters.leaves.values())
    assert not call.counters.bugs


def test_each_way_of_coming_back_is_counted(new_call) -> None:
    call = new_call()
    ann, bob = two(call)
    ann.lose_signaling()
    ann.resume()
    call.run(0.2)
    assert call.counters.resumes == {"resumed": 1}
    bob.lose_media()
    bob.resume(media=False)
    call.run(0.2)
    assert call.counters.resumes == {"resumed": 1, "replaced": 1}
    ann.lose_signaling()
    ann.resume("x" * 24)
    call.run(0.2)
    assert call.counters.resumes == {"resumed": 1, "replaced": 1, "refused": 1}
