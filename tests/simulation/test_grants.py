"""Calls where signed tokens say who may do what, from the first message to the last."""

from __future__ import annotations

import pytest

from sfu.room.token_admission import sign
from tests.simulation.data_line import DataLine
from tests.simulation.simulator import Call
from tests.simulation.test_call import assert_sees
from tests.simulation.test_moderation import role
from tests.simulation.test_signaling import errors

KEY = ("k1", "s" * 32)
NOT_ALLOWED = [("not-allowed", False)]


class Guarded:
    """A call that asks for tokens, and what makes them."""

    def __init__(self, **settings) -> None:
        self.call = Call(auth="token", api_keys=(":".join(KEY),), **settings)

    def token(self, identity, *, seconds=3600.0, room=None, name="", **grants):
        return sign(
            KEY,
            self.call.room if room is None else room,
            identity=identity,
            name=name,
            now=self.call.now,
            seconds=seconds,
            grants=grants,
        )

    def enter(self, identity, *, knobs=None, **grants):
        shown = self.token(identity, **grants)
        return self.call.browser(identity, token=shown, **(knobs or {}))

    @property
    def participants(self):
        return self.call.rooms.rooms[self.call.room].participants


@pytest.fixture
def guarded():
    return Guarded()


def refused(browser, **message):
    """What the server answers to one message."""
    before = len(errors(browser))
    browser.say(**message)
    return errors(browser)[before:]


def kinds(browser):
    return {message["type"] for message in browser.messages}


# --- getting in ---


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (lambda _: "", "token-required"),
        (lambda guarded: guarded.token("ann", seconds=-60), "token-expired"),
        (lambda guarded: guarded.token("ann", room="another"), "bad-token"),
        (lambda guarded: guarded.token("ann", roomJoin=False), "bad-token"),
        (lambda guarded: guarded.call.rooms.host_token("another"), "bad-token"),
    ],
)
def test_nobody_gets_in_without_a_token_for_this_room(guarded, shown, code) -> None:
    eve = guarded.call.browser("eve", token=shown(guarded))
    assert errors(eve) == [(code, False)]
    assert not guarded.call.rooms.rooms
    eve.token = guarded.token("eve")
    eve.join(guarded.call.room)
    guarded.call.run(0.1)
    assert eve.of_type("joined")


def test_a_room_has_the_name_that_tokens_give_it(guarded) -> None:
    guarded.call.room = "standup"
    ann, bob = guarded.enter("ann"), guarded.enter("bob")
    guarded.call.run(2.0)
    assert_sees(ann, bob)
    assert guarded.call.rooms.is_valid("standup")
    assert not guarded.call.rooms.is_valid("stand up")


def test_the_token_says_who_somebody_is(guarded) -> None:
    ann = guarded.enter("ann@example.org", name="Ann")
    bob = guarded.enter("bob")
    guarded.call.run(0.1)
    (seen,) = bob.of_type("joined")[0]["participants"]
    assert (seen["name"], seen["identity"], seen["metadata"]) == ("Ann", "ann@example.org", "")
    assert ann.of_type("joined")[0]["name"] == "Ann"
    assert bob.of_type("joined")[0]["name"] == "bob"


def test_the_same_identity_replaces_who_is_there(guarded) -> None:
    bob = guarded.enter("bob")
    first = guarded.enter("ann")
    guarded.call.run(0.1)
    host = guarded.enter("host", roomAdmin=True)
    host.say(type="lock", locked=True)
    guarded.call.run(0.1)
    second = guarded.enter("ann")
    guarded.call.run(2.0)
    assert [each["code"] for each in first.of_type("closed")] == ["replaced"]
    assert first.hung_up
    assert bob.of_type("participant-left")[-1]["reason"] == "replaced"
    assert len(guarded.participants) == 3
    assert_sees(bob, second)
    thief = guarded.call.browser("thief")
    thief.resume(first.of_type("joined")[0]["resume"])
    assert errors(thief)[-1] == ("token-required", False)


def test_a_full_room_has_a_place_for_who_is_in_it_already() -> None:
    guarded = Guarded(room_capacity=1)
    guarded.enter("ann")
    assert errors(guarded.enter("bob")) == [("room-full", False)]
    assert errors(guarded.enter("ann")) == []


# --- each grant ---


@pytest.mark.parametrize(
    ("sources", "allowed"),
    [
        (["microphone", "camera"], {"microphone", "camera"}),
        (["screen_share"], {"screen"}),
        ([], {"microphone", "camera", "screen", "screen-audio"}),
    ],
)
def test_only_granted_sources_are_published(guarded, sources, allowed) -> None:
    ann = guarded.enter("ann", canPublishSources=sources, knobs={"sends": False})
    watcher = guarded.enter("watcher", knobs={"sends": False})
    guarded.call.run(0.5)
    assert set(ann.of_type("joined")[0]["may"]["publish"]) == allowed
    for n, source in enumerate(("microphone", "camera", "screen", "screen-audio")):
        kind = "video" if source in ("camera", "screen") else "audio"
        line = ann._add_line(kind, source, ssrcs=(9000 + 2 * n,))
        before = len(errors(ann))
        ann.offer()
        assert errors(ann)[before:] == ([] if source in allowed else NOT_ALLOWED)
        line.active = False
    seen = {message["track"]["source"] for message in watcher.of_type("track-published")}
    assert seen == allowed


def test_a_viewer_sees_everybody_and_publishes_nothing(guarded) -> None:
    viewer = guarded.enter("viewer", canPublish=False, knobs={"sends": False})
    ann = guarded.enter("ann")
    guarded.call.run(2.0)
    assert role(viewer) == role(ann, viewer) == "viewer"
    assert_sees(viewer, ann)
    assert errors(viewer) == []
    viewer.share_screen()
    assert errors(viewer) == NOT_ALLOWED


@pytest.mark.parametrize("allowed", [True, False])
def test_who_may_not_subscribe_sees_and_hears_nobody(guarded, allowed) -> None:
    ann = guarded.enter("ann", canSubscribe=allowed)
    bob = guarded.enter("bob")
    guarded.call.run(2.0)
    assert_sees(bob, ann)
    assert (ann.picture_of(bob) is not None) is allowed
    shown = {slot["participant"] for slot in ann.of_type("slots")[-1]["slots"]}
    assert shown == ({bob.id, None} if allowed else {None})
    wish = [{"id": bob.track(), "height": 180}]
    assert refused(ann, type="subscribe", tracks=wish) == ([] if allowed else NOT_ALLOWED)


@pytest.mark.parametrize("allowed", [True, False])
def test_who_may_not_send_data_reads_and_writes_nothing(guarded, allowed) -> None:
    people = [guarded.enter("ann", canPublishData=allowed), guarded.enter("bob")]
    guarded.call.run(0.5)
    ann, bob = (DataLine(guarded.call, each) for each in people)
    guarded.call.run(0.1)
    bob.write("from bob")
    ann.write("from ann")
    ann.tell("files", type="send-file", id="f", name="a.txt", size=0)
    ann.tell("files", type="send-file", id="g", name="b.txt", size=5)
    guarded.call.run(0.5)
    assert "from bob" in [said["text"] for said in ann.said]
    assert len([said for said in bob.said if said["sender"] == people[0].id]) == 2 * allowed
    codes = [told["code"] for told in ann.told if told["type"] == "refused"]
    assert codes == ([] if allowed else ["not-allowed"] * 3)


@pytest.mark.parametrize("allowed", [True, False])
def test_only_admins_are_hosts(guarded, allowed) -> None:
    ann = guarded.enter("ann", roomAdmin=allowed)
    bob = guarded.enter("bob")
    guarded.call.run(0.5)
    assert role(bob, ann) == ("host" if allowed else "member")
    expected = [] if allowed else NOT_ALLOWED
    for message in (
        {"type": "mute-other", "participant": bob.id, "source": "microphone"},
        {"type": "lock", "locked": True},
        {"type": "remove", "participant": bob.id},
        {"type": "end"},
    ):
        assert refused(ann, **message) == expected


def test_nobody_inherits_the_role_of_a_host(guarded) -> None:
    host, bob = guarded.enter("host", roomAdmin=True), guarded.enter("bob")
    guarded.call.run(0.1)
    host.leave()
    guarded.call.run(0.5)
    assert role(bob) == "member"
    assert refused(bob, type="lock", locked=True) == NOT_ALLOWED


def test_nobody_is_told_of_somebody_hidden(guarded) -> None:
    bob = guarded.enter("bob")
    guarded.call.run(0.5)
    watcher = guarded.enter("watcher", hidden=True, knobs={"sends": False})
    guarded.call.run(2.0)
    late = guarded.enter("late")
    guarded.call.run(0.5)
    assert_sees(watcher, bob)
    assert refused(watcher, type="hand", raised=True) == NOT_ALLOWED
    assert refused(watcher, type="react", reaction="heart") == NOT_ALLOWED
    watcher.share_screen()
    assert errors(watcher)[-1:] == NOT_ALLOWED
    line = DataLine(guarded.call, watcher)
    line.write("boo")
    watcher.lose_signaling()
    guarded.call.run(8.0)
    watcher.resume()
    guarded.call.run(0.5)
    assert watcher.of_type("joined")[-1]["resumed"]
    watcher.leave()
    guarded.call.run(0.5)
    for other in (bob, late):
        assert watcher.id not in str(other.messages)


# --- a newer token during the call ---


def test_a_source_that_is_granted_no_more_ends_at_once(guarded) -> None:
    ann, bob = guarded.enter("ann"), guarded.enter("bob")
    guarded.call.run(2.0)
    assert_sees(bob, ann)
    shown = guarded.token("ann", canPublishSources=["microphone"])
    ann.say(type="refresh", token=shown)
    guarded.call.run(0.1)
    may = {"publish": ["microphone"], "subscribe": True, "data": True}
    assert ann.of_type("permissions") == [{"type": "permissions", "role": "member", "may": may}]
    assert [each["track"] for each in bob.of_type("track-unpublished")] == [ann.track()]
    frames = bob.view_of(ann).frames
    guarded.call.run(2.0)  # its client goes on sending
    assert bob.view_of(ann).frames == frames
    assert bob.sound_of(ann) is not None
    ann.offer()
    assert errors(ann) == NOT_ALLOWED
    ann.say(type="refresh", token=guarded.token("ann"))
    guarded.call.run(0.1)
    ann.offer()
    guarded.call.run(3.0)
    assert_sees(bob, ann)


def test_subscribing_ends_and_begins_with_the_token(guarded) -> None:
    ann, bob = guarded.enter("ann"), guarded.enter("bob")
    guarded.call.run(2.0)
    ann.say(type="refresh", token=guarded.token("ann", canSubscribe=False))
    guarded.call.run(0.1)
    assert ann.picture_of(bob) is None
    ann.say(type="refresh", token=guarded.token("ann"))
    guarded.call.run(2.0)
    assert_sees(ann, bob)


def test_an_upload_ends_when_data_is_granted_no_more(guarded) -> None:
    people = [guarded.enter("ann"), guarded.enter("bob")]
    guarded.call.run(0.5)
    ann, bob = (DataLine(guarded.call, each) for each in people)
    ann.tell("files", type="send-file", id="f", name="a.txt", size=10)
    guarded.call.run(0.1)
    number = ann.answer("file-accepted")["number"]
    people[0].say(type="refresh", token=guarded.token("ann", canPublishData=False))
    guarded.call.run(0.1)
    for _ in range(2):
        ann.piece(number, b"12345")
    guarded.call.run(0.1)
    assert [(told["number"], told["code"]) for told in ann.told if told["type"] == "file-gone"] == [
        (number, "not-allowed")
    ]
    assert bob.said == []


def test_a_refresh_changes_the_role_and_all_are_told(guarded) -> None:
    ann, bob = guarded.enter("ann"), guarded.enter("bob")
    guarded.call.run(0.1)
    ann.say(type="refresh", token=guarded.token("ann", roomAdmin=True))
    guarded.call.run(0.1)
    assert role(bob, ann) == role(ann) == "host"
    assert refused(ann, type="lock", locked=True) == []
    ann.say(type="refresh", token=guarded.token("ann"))
    guarded.call.run(0.1)
    assert role(bob, ann) == role(ann) == "member"
    assert refused(ann, type="lock", locked=False) == NOT_ALLOWED


@pytest.mark.parametrize(
    ("identity", "how", "code"),
    [
        ("bob", {}, "bad-token"),
        ("ann", {"room": "another"}, "bad-token"),
        ("ann", {"hidden": True}, "bad-token"),
        ("ann", {"seconds": -60}, "token-expired"),
    ],
)
def test_a_refresh_that_is_no_good_changes_nothing(guarded, identity, how, code) -> None:
    ann, bob = guarded.enter("ann"), guarded.enter("bob")
    guarded.call.run(2.0)
    shown = guarded.token(identity, **({"canSubscribe": False} | how))
    assert refused(ann, type="refresh", token=shown) == [(code, False)]
    guarded.call.run(1.0)
    assert_sees(ann, bob)
    assert not ann.of_type("permissions")


def test_a_refresh_before_joining_ends_the_session(guarded) -> None:
    ann = guarded.call.browser("ann")
    assert refused(ann, type="refresh", token=guarded.token("ann")) == [("not-joined", True)]


def test_a_host_token_makes_a_host_later_where_no_tokens_are_asked_for(new_call) -> None:
    call = new_call()
    call.browser("ann")
    bob = call.browser("bob")
    call.run(0.1)
    assert refused(bob, type="refresh", token="wrong") == [("bad-token", False)]
    bob.say(type="refresh", token=call.rooms.host_token(call.room))
    call.run(0.1)
    assert role(bob) == "host"


# --- a token that runs out ---


def test_the_call_goes_on_after_its_token_and_coming_back_needs_none(guarded) -> None:
    ann = guarded.enter("ann", seconds=5.0, canPublishSources=["camera", "microphone"])
    bob = guarded.enter("bob")
    guarded.call.run(30.0)
    assert_sees(bob, ann)
    for media in (True, False):
        ann.lose_signaling()
        guarded.call.run(2.0)
        ann.resume(media=media)
        guarded.call.run(2.0)
        assert errors(ann) == []
        assert_sees(bob, ann)
        before = ann.of_type("joined")[-1]["may"]["publish"]
        assert before == ["microphone", "camera"]
    ann.leave()
    guarded.call.run(0.5)
    assert errors(guarded.call.browser("ann", token=ann.token)) == [("token-expired", False)]
