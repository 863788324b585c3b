"""Hosts, hands, reactions, and what hosts may do to a whole room."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from tests.simulation.test_call import assert_sees
from tests.simulation.test_signaling import errors


def role(browser, other=None) -> str:
    """The role of ``other`` (or its own) by all that ``browser`` was told."""
    who = (other or browser).id
    found = ""
    for message in browser.messages:
        if message["type"] == "joined":
            people = [{"id": message["you"], "role": message["role"]}, *message["participants"]]
        elif message["type"] in ("participant-joined", "participant-updated"):
            people = [message["participant"]]
        else:
            continue
        found = next((each["role"] for each in people if each["id"] == who), found)
    return found


def room_of(call):
    return call.rooms.rooms[call.room]


# --- who is host ---


def test_the_first_in_a_room_is_its_host_and_the_next_are_not(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(0.1)
    assert role(ann) == role(bob, ann) == "host"
    assert role(bob) == role(ann, bob) == "member"


def test_the_token_makes_a_second_host(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    bob = call.browser("bob", token=call.rooms.host_token(call.room))
    call.run(0.1)
    assert role(bob) == role(ann, bob) == role(ann) == "host"


@pytest.mark.parametrize("token", ["wrong", "ü", "A" * 24, "A" * 4096])
def test_a_wrong_token_is_refused_and_joining_without_it_is_not(new_call, token) -> None:
    call = new_call()
    call.browser("ann")
    eve = call.browser("eve", token=token)
    assert errors(eve) == [("bad-token", False)]
    assert not eve.session.joined
    assert call.counters.signaling_errors["bad-token"] == 1
    eve.token = ""
    eve.join(call.room)
    call.run(0.1)
    assert role(eve) == "member"


def test_the_token_of_another_room_is_refused(new_call) -> None:
    call = new_call()
    assert errors(call.browser("eve", token=call.rooms.host_token(call.rooms.create_id()))) == [
        ("bad-token", False)
    ]
    assert not call.rooms.rooms


def test_when_the_last_host_leaves_the_eldest_follows_and_all_are_told(new_call) -> None:
    call = new_call()
    names = ("ann", "bob", "cem", "dora")
    people = [call.browser(name) for name in names]
    call.run(1.0)
    for left, (gone, heir) in enumerate(pairwise(people)):
        if left % 2:
            gone.session.disconnected(clean=True, now=call.now)
        else:
            gone.leave()
        call.run(0.2)
        present = people[left + 1 :]
        assert [role(each, heir) for each in present] == ["host"] * len(present)
        for each in present:
            assert [role(each, other) for other in present].count("host") == 1
    slots = people[-1].of_type("slots")[-1]["slots"]
    assert all(slot["participant"] is None for slot in slots)


def test_nobody_follows_while_a_host_is_left(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    cem = call.browser("cem", token=call.rooms.host_token(call.room))
    call.run(0.1)
    ann.leave()
    call.run(0.1)
    assert (role(cem, bob), role(cem)) == ("member", "host")
    assert not cem.of_type("participant-updated")


# --- hands and reactions ---


def test_hands_are_seen_by_everybody_in_their_order_and_by_who_comes_later(new_call) -> None:
    call = new_call()
    ann, bob, cem = call.browser("ann"), call.browser("bob"), call.browser("cem")
    call.run(0.1)
    for person in (bob, ann):
        person.say(type="hand", raised=True)
        call.run(0.1)
    bob.say(type="hand", raised=True)  # again: keeps its place
    dora = call.browser("dora")
    call.run(0.1)
    hands = {each["name"]: each["hand"] for each in dora.of_type("joined")[0]["participants"]}
    assert 0 == hands["cem"] < hands["bob"] < hands["ann"]
    for each in (ann, bob, cem):
        told = [m["participant"] for m in each.of_type("participant-updated")]
        assert [one["id"] for one in told] == [bob.id, ann.id]
    bob.say(type="hand", raised=False)
    call.run(0.1)
    assert cem.of_type("participant-updated")[-1]["participant"]["hand"] == 0


def test_a_hand_is_down_after_leaving_and_coming_back(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    bob.say(type="hand", raised=True)
    call.run(0.1)
    bob.session.disconnected(clean=True, now=call.now)
    bob = call.browser("bob")
    call.run(0.1)
    assert ann.of_type("participant-joined")[-1]["participant"]["hand"] == 0


def test_reactions_reach_everybody_and_too_many_are_refused(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(0.1)
    for _ in range(6):
        bob.say(type="react", reaction="party")
    assert errors(bob) == [("too-fast", False)]
    told = {"type": "reacted", "participant": bob.id, "reaction": "party"}
    assert ann.of_type("reacted") == bob.of_type("reacted") == [told] * 5
    call.run(3.0)
    bob.say(type="react", reaction="heart")
    call.run(0.1)
    assert ann.of_type("reacted")[-1]["reaction"] == "heart"


def test_an_unknown_reaction_is_not_the_protocol(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    ann.say(type="react", reaction="<img>")
    assert errors(ann) == [("bad-message", True)]


# --- who may do what ---

MODERATION = [
    {"type": "mute-other", "source": "microphone"},
    {"type": "remove"},
    {"type": "lock", "locked": True},
    {"type": "end"},
]


@pytest.mark.parametrize("message", MODERATION, ids=lambda message: message["type"])
def test_a_member_may_do_nothing_of_that(new_call, message) -> None:
    call = new_call()
    ann, bob, cem = call.browser("ann"), call.browser("bob"), call.browser("cem")
    call.run(1.0)
    if message["type"] in ("mute-other", "remove"):
        message = message | {"participant": cem.id}
    bob.say(**message)
    assert errors(bob) == [("not-allowed", False)]
    assert not room_of(call).locked
    for each in (ann, bob, cem):
        assert each.session.joined
        for kind in ("muted", "track-updated", "room-updated", "participant-left"):
            assert each.of_type(kind) == []


@pytest.mark.parametrize("message", MODERATION, ids=lambda message: message["type"])
def test_before_joining_nobody_may(new_call, message) -> None:
    call = new_call()
    ann = call.browser("ann")
    call.run(0.1)
    call.room = "none"
    eve = call.browser("eve")
    call.run(0.1)
    eve.messages.clear()
    if message["type"] in ("mute-other", "remove"):
        message = message | {"participant": ann.id}
    eve.say(**message)
    assert errors(eve) == [("not-joined", True)]
    assert ann.session.joined


@pytest.mark.parametrize("message", MODERATION[:2], ids=lambda message: message["type"])
def test_who_is_not_there_cannot_be_muted_or_removed(new_call, message) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(0.1)
    gone = bob.id
    bob.leave()
    call.room = call.rooms.create_id()
    eve = call.browser("eve")
    call.run(0.1)
    for target in (gone, eve.id, "nobody"):
        ann.messages.clear()
        ann.say(**message, participant=target)
        assert errors(ann) == [("no-such-participant", False)]
    assert eve.session.joined


def test_what_somebody_does_not_publish_cannot_be_muted(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob", sends=False)
    call.run(0.5)
    for source in ("microphone", "camera", "screen", "screen-audio"):
        ann.messages.clear()
        ann.say(type="mute-other", participant=bob.id, source=source)
        assert errors(ann) == [("no-such-track", False)]
    assert not bob.of_type("muted")


# --- muting ---


def test_a_client_that_goes_on_sending_is_silent_until_it_unmutes_itself(new_call) -> None:
    """Simulated browsers do not care for ``muted``: they send on, which is the worst case."""
    call = new_call()
    ann, bob, cem = call.browser("ann"), call.browser("bob"), call.browser("cem")
    call.run(2.0)
    for source in ("microphone", "camera"):
        ann.say(type="mute-other", participant=bob.id, source=source)
    call.run(0.2)
    assert bob.of_type("muted") == [
        {"type": "muted", "source": source, "by": ann.id} for source in ("microphone", "camera")
    ]
    for viewer in (ann, cem):
        told = [(m["participant"], m["track"]["muted"]) for m in viewer.of_type("track-updated")]
        assert told == [(bob.id, True)] * 2
    pictures, sounds = cem.picture_of(bob), cem.sound_of(bob)
    before = pictures.highest, sounds.highest
    asked = bob.sender.keyframes_asked
    bob.sender.level = 20
    call.run(3.0)
    assert (pictures.highest, sounds.highest) == before
    assert bob.sender.keyframes_asked == asked
    assert call.counters.drops["silenced"] > 100
    for viewer in (ann, cem):
        assert not viewer.of_type("speakers") or viewer.of_type("speakers")[-1]["speakers"] == []
    dora = call.browser("dora")  # who comes later gets nothing of it either
    bob.offer()  # nor does another offer of the same tracks change it
    call.run(1.0)
    assert dora.picture_of(bob) is None or dora.picture_of(bob).highest < 0
    assert dora.sound_of(bob) is None or dora.sound_of(bob).highest < 0
    bob.say(type="mute", source="camera", muted=True)  # that is not switching it on
    call.run(0.5)
    assert pictures.highest == before[0]
    for source in ("microphone", "camera"):
        bob.mute(source, False)
    call.run(1.5)
    for viewer in (ann, cem, dora):
        assert_sees(viewer, bob)
        assert viewer.view_of(bob).longest_freeze < 0.3
    for person, other in ((ann, cem), (cem, ann), (dora, ann)):
        assert_sees(person, other)
    assert not call.counters.bugs


def test_silences_leave_no_gap_in_what_others_receive(new_call) -> None:
    call = new_call(seed=5)
    random = Random(5)
    ann, bob = call.browser("ann"), call.browser("bob", simulcast=True)
    call.run(2.0)
    for _ in range(15):
        source = random.choice(("camera", "microphone"))
        ann.say(type="mute-other", participant=bob.id, source=source)
        call.run(random.random() * 2)
        bob.mute(source, False)
        call.run(random.random())
    call.run(3.0)
    assert_sees(ann, bob)
    picture, sound = ann.picture_of(bob), ann.sound_of(bob)
    for stream in (picture, sound):
        assert (len(stream.missing), stream.given_up) == (0, 0)
        assert stream.largest_step < 90000 * 4
    assert picture.pictures.undecodable == 0
    assert ann.view_of(bob).rid == "f"
    assert ann.view_of(bob).longest_freeze < 0.5


def test_with_losses_nothing_silenced_comes_as_a_retransmission(new_call) -> None:
    call = new_call(seed=3)
    lossy = {"loss": 0.05}
    ann, bob = call.browser("ann", down=lossy), call.browser("bob", up=lossy)
    call.run(3.0)
    ann.say(type="mute-other", participant=bob.id, source="camera")
    call.run(0.1)
    newest = ann.picture_of(bob).highest
    view = ann.view_of(bob)
    call.run(2.0)
    assert ann.picture_of(bob).highest == newest
    bob.mute("camera", False)
    call.run(2.0)
    assert_sees(ann, bob)
    assert view.longest_freeze < 0.5


def test_what_is_muted_already_is_muted_by_the_host_without_a_word(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(1.0)
    bob.say(type="mute", source="camera", muted=True)  # and goes on sending
    call.run(0.5)
    assert ann.picture_of(bob).highest >= 0
    ann.say(type="mute-other", participant=bob.id, source="camera")
    call.run(0.2)
    assert (errors(ann), bob.of_type("muted"), len(ann.of_type("track-updated"))) == ([], [], 1)
    before = ann.picture_of(bob).highest
    call.run(1.0)
    assert ann.picture_of(bob).highest == before


def test_hosts_may_mute_hosts_and_nobody_else_can_unmute(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    bob = call.browser("bob", token=call.rooms.host_token(call.room))
    call.run(1.0)
    bob.say(type="mute-other", participant=ann.id, source="microphone")
    call.run(0.1)
    bob.say(type="mute", source="microphone", muted=False)  # its own
    call.run(0.1)
    (ears,) = [bob.sound_of(ann)]
    before = ears.highest
    call.run(1.0)
    assert ears.highest == before
    ann.mute("microphone", False)
    call.run(0.5)
    assert ears.highest > before


def test_a_screen_that_is_shared_again_is_seen_again(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(1.0)
    bob.share_screen()
    call.run(1.0)
    ann.say(type="mute-other", participant=bob.id, source="screen")
    call.run(0.5)
    frames = ann.view_of(bob, "screen").frames
    assert frames > 0
    call.run(0.5)
    assert ann.view_of(bob, "screen").frames == frames
    bob.stop_screen()
    call.run(0.2)
    bob.share_screen()
    call.run(2.0)
    assert ann.view_of(bob, "screen").frames > frames + 5


def test_the_bandwidth_of_a_silenced_camera_is_left_to_others(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", down={"rate": 600_000.0})
    bob, cem = call.browser("bob", simulcast=True), call.browser("cem", simulcast=True)
    call.run(12.0)
    assert ann.view_of(cem).height == 180
    ann.say(type="mute-other", participant=bob.id, source="camera")
    call.run(12.0)
    assert ann.view_of(cem).height == 360


def test_what_the_path_does_not_carry_stays_paused_when_it_is_unmuted(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", down={"rate": 120_000.0})
    bob = call.browser("bob")
    call.run(12.0)
    paused = {"score": 0, "reason": "downlink", "paused": True}
    assert paused.items() <= ann.quality[bob.id, "camera"].items()
    ann.say(type="mute-other", participant=bob.id, source="camera")
    call.run(2.0)
    before = ann.picture_of(bob).highest
    bob.mute("camera", False)
    call.run(1.0)
    assert ann.picture_of(bob).highest == before


# --- removing, locking, ending ---


def test_who_is_removed_is_told_why_and_so_are_the_others(new_call) -> None:
    call = new_call()
    ann, bob, cem = call.browser("ann"), call.browser("bob"), call.browser("cem")
    call.run(1.0)
    gone = bob.id
    ann.say(type="remove", participant=gone)
    call.run(0.2)
    assert bob.of_type("closed")[-1]["code"] == "removed"
    assert bob.hung_up
    for each in (ann, cem):
        left = each.of_type("participant-left")
        assert left == [{"type": "participant-left", "participant": gone, "reason": "removed"}]
    call.run(0.5)
    assert_sees(ann, cem)
    assert_sees(cem, ann)
    assert call.counters.leaves["removed"] == 1
    assert len(call.table) == 2
    again = call.browser("bob")  # the link still opens the room
    call.run(0.1)
    assert role(again) == "member"


def test_a_host_cannot_remove_itself_but_another_host(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    bob = call.browser("bob", token=call.rooms.host_token(call.room))
    call.run(0.1)
    ann.say(type="remove", participant=ann.id)
    assert errors(ann) == [("not-allowed", False)]
    ann.say(type="remove", participant=bob.id)
    call.run(0.2)
    assert bob.of_type("closed")[-1]["code"] == "removed"
    assert ann.session.joined


def test_a_locked_room_opens_only_to_hosts(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(0.1)
    for _ in range(2):  # locking twice says nothing new
        ann.say(type="lock", locked=True)
        call.run(0.1)
    for each in (ann, bob):
        assert each.of_type("room-updated") == [
            {"type": "room-updated", "locked": True, "lobby": False}
        ]
    eve = call.browser("eve")
    assert errors(eve) == [("room-locked", False)]
    assert not eve.session.joined
    assert not ann.of_type("participant-joined")[1:]
    cem = call.browser("cem", token=call.rooms.host_token(call.room))
    call.run(0.1)
    assert cem.of_type("joined")[0]["locked"] is True
    cem.say(type="lock", locked=False)
    call.run(0.1)
    assert bob.of_type("room-updated")[-1]["locked"] is False
    eve.join(call.room)
    call.run(0.1)
    assert eve.of_type("joined")[0]["locked"] is False


def test_the_next_host_can_open_the_room_and_the_lock_ends_with_it(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(0.1)
    ann.say(type="lock", locked=True)
    call.run(0.1)
    ann.session.disconnected(clean=True, now=call.now)
    assert errors(call.browser("ann")) == [("room-locked", False)]
    assert role(bob) == "host"
    bob.leave()
    call.run(0.1)
    assert not call.rooms.rooms
    cem = call.browser("cem")
    call.run(0.1)
    assert (role(cem), cem.of_type("joined")[0]["locked"]) == ("host", False)


def test_the_end_is_the_end_for_everybody_and_the_link_lives(new_call) -> None:
    call = new_call()
    people = [call.browser(name) for name in ("ann", "bob", "cem")]
    ann, bob, _ = people
    call.run(1.0)
    ann.say(type="lock", locked=True)
    ann.say(type="end")
    call.run(0.2)
    for each in people:
        assert [message["code"] for message in each.of_type("closed")] == ["ended"]
        assert each.messages[-1]["type"] == "closed"
        assert each.hung_up
        assert not each.of_type("participant-left")
    assert bob.of_type("closed")[0]["message"]
    assert not call.rooms.rooms
    assert len(call.table) == 0
    assert call.counters.leaves == {"ended": 3}
    assert call.observed[-1] == ("room-closed", {"room": call.room})
    dora = call.browser("dora")
    call.run(0.1)
    assert (role(dora), dora.of_type("joined")[0]["locked"]) == ("host", False)
    assert not call.counters.bugs


def test_the_tables_for_debugging_show_roles_and_no_names(new_call) -> None:
    call = new_call()
    call.browser("annabella")
    call.browser("bartholomew")
    call.run(0.5)
    room_of(call).locked = True
    tables = room_of(call).describe()
    assert tables["locked"] is True
    assert [each["role"] for each in tables["participants"]] == ["host", "member"]
    assert "annabella" not in str(tables)
    assert "bartholomew" not in str(tables)
