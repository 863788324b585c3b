"""Rooms made with options, by a program or by the first token: what they let nobody do."""

from __future__ import annotations

import pytest

from sfu.room.options import RoomOptions
from sfu.room.token_admission import sign
from tests.simulation.simulator import Call
from tests.simulation.test_call import assert_sees
from tests.simulation.test_signaling import errors

KEY = ("k1", "s" * 32)


def made(seed: int = 1, **options) -> Call:
    """A call in a room of those options, made as by the API."""
    call = Call(seed)
    call.room = call.rooms.create_id(RoomOptions(**options))
    return call


def opened(identity: str, call: Call, **config):
    """Somebody whose token says what the room has to be."""
    token = sign(
        KEY, call.room, identity=identity, now=call.now, seconds=60, grants={}, config=config
    )
    return call.browser(identity, token=token)


@pytest.fixture
def guarded() -> Call:
    return Call(auth="token", api_keys=(":".join(KEY),))


def may(browser) -> list[str]:
    return browser.of_type("joined")[0]["may"]["publish"]


def test_a_room_holds_as_many_as_it_was_made_for() -> None:
    call = made(maxParticipants=2)
    ann, bob, cem = (call.browser(name) for name in ("ann", "bob", "cem"))
    call.run(2.0)
    assert ann.of_type("joined")[0]["capacity"] == 2
    assert_sees(ann, bob)
    assert errors(cem) == [("room-full", False)]
    bob.say(type="leave")
    call.run(0.1)
    cem.join(call.room)
    call.run(0.1)
    assert cem.of_type("joined")


def test_the_setting_bounds_what_can_be_asked_for() -> None:
    call = Call(room_capacity=1)
    call.room = call.rooms.create_id(RoomOptions(maxParticipants=50))
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(0.1)
    assert ann.of_type("joined")[0]["capacity"] == 1
    assert errors(bob) == [("room-full", False)]


def test_no_screen_is_shared_where_there_is_none_to_be() -> None:
    call = made(noScreen=True)
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(2.0)
    assert may(ann) == ["microphone", "camera"]
    assert_sees(ann, bob)
    ann.share_screen()
    call.run(1.0)
    assert errors(ann) == [("not-allowed", False)]
    assert not bob.of_type("track-published")[2:]
    free = made()
    ann, bob = free.browser("ann"), free.browser("bob")
    free.run(1.0)
    ann.share_screen()
    free.run(1.0)
    assert not errors(ann)
    assert [each["track"]["source"] for each in bob.of_type("track-published")][-1] == "screen"


def test_only_sound_goes_through_a_room_for_sound() -> None:
    call = made(audioOnly=True)
    ann = call.browser("ann", camera=False)
    eve = call.browser("eve")
    call.run(2.0)
    assert may(ann) == may(eve) == ["microphone"]
    assert errors(ann) == []
    assert errors(eve) == [("not-allowed", False)]
    people = call.rooms.rooms[call.room].participants.values()
    assert {track.source for each in people for track in each.tracks} == {"microphone"}


def test_each_is_sent_so_many_videos_and_every_sound() -> None:
    call = made(maxVideos=2)
    people = [call.browser(name, simulcast=True) for name in ("ann", "bob", "cem", "dora", "emil")]
    call.run(6.0)
    for person in people:
        others = [other for other in people if other is not person]
        moving = [other for other in others if person.view_of(other).frames]
        assert len(moving) == 2, person.name
        assert all(person.sound_of(other) is not None for other in others)
        paused = {who for (who, _), told in person.quality.items() if told["paused"]}
        assert paused == {other.ids[-1] for other in others if other not in moving}


def test_who_is_pinned_is_among_the_videos_that_are_sent() -> None:
    call = made(maxVideos=1)
    ann = call.browser("ann", sends=False)
    people = [call.browser(name) for name in ("bob", "cem", "dora")]
    call.run(3.0)
    first = next(other for other in people if ann.view_of(other).frames)
    chosen = next(other for other in people if other is not first)
    wishes = [{"id": other.track(), "height": 360} for other in people]
    ann.subscribe([wish | {"pinned": wish["id"] == chosen.track()} for wish in wishes])
    call.run(0.5)
    seen = ann.view_of(first).frames
    call.run(2.0)
    assert ann.view_of(first).frames == seen
    assert ann.view_of(chosen).frames
    assert ann.view_of(chosen).misattributed == 0


def test_the_token_of_who_opens_a_room_says_what_it_is(guarded) -> None:
    ann = opened("ann", guarded, maxParticipants=2, audioOnly=True)
    bob = opened("bob", guarded, maxParticipants=9)
    cem = opened("cem", guarded)
    guarded.run(0.2)
    assert ann.of_type("joined")[0]["capacity"] == bob.of_type("joined")[0]["capacity"] == 2
    assert may(bob) == ["microphone"]
    assert errors(cem) == [("room-full", False)]


def test_what_a_program_made_a_room_for_goes_before_tokens(guarded) -> None:
    guarded.room = guarded.rooms.create_id(RoomOptions(noScreen=True))
    ann = opened("ann", guarded, audioOnly=True)
    guarded.run(0.2)
    assert may(ann) == ["microphone", "camera"]


def test_a_newer_token_gives_back_nothing_that_the_room_takes_away(guarded) -> None:
    ann = opened("ann", guarded, noScreen=True)
    guarded.run(0.2)
    ann.say(type="refresh", token=ann.token)
    guarded.run(0.2)
    assert ann.of_type("permissions")[0]["may"]["publish"] == ["microphone", "camera"]
