"""Rooms with a lobby: who waits outside, what they and the hosts are told, and who lets them in."""

from __future__ import annotations

import pytest

from sfu.congestion.load import LoadState
from sfu.room.options import RoomOptions
from sfu.room.token_admission import sign
from tests.simulation.simulator import Call
from tests.simulation.test_call import assert_sees
from tests.simulation.test_moderation import role, room_of
from tests.simulation.test_signaling import errors

KEY = ("k1", "s" * 32)
REFUSED = [("not-allowed", False)]


def made(**settings) -> Call:
    """A call in a room that was made with a lobby."""
    call = Call(**settings)
    call.room = call.rooms.create_id(RoomOptions(lobby=True))
    return call


def guarded(**settings) -> Call:
    return Call(auth="token", api_keys=(":".join(KEY),), **settings)


def enter(call, identity, *, config=None, knobs=None, **grants):
    """Somebody with a token of their own; the first one opens a room with a lobby."""
    token = sign(
        KEY,
        call.room,
        identity=identity,
        now=call.now,
        seconds=3600,
        grants=grants,
        config={"lobby": True} if config is None else config,
    )
    return call.browser(identity, token=token, **(knobs or {}))


def knocking(host) -> dict[str, str]:
    """Who waits by what ``host`` was told last: ids by name."""
    host.call.run(0.4)
    told = host.of_type("knocks")
    return {each["name"]: each["id"] for each in told[-1]["waiting"]} if told else {}


def admit(host, *people) -> None:
    ids = knocking(host)
    host.say(type="admit", ids=[ids[person.name] for person in people])
    host.call.run(0.1)


def outcomes(call) -> dict[str, int]:
    return dict(call.counters.lobby)


@pytest.fixture
def three():
    """A host inside, and two who wait."""
    call = made()
    ann = call.browser("ann")
    return call, ann, call.browser("bob"), call.browser("cem")


# --- outside ---


def test_who_comes_after_the_host_waits_and_learns_nothing_of_the_room(three) -> None:
    call, ann, bob, _cem = three
    call.run(1.0)
    assert role(ann) == "host"
    assert [message["type"] for message in bob.messages] == ["waiting"]
    assert bob.messages[0]["hosted"] is True
    assert list(knocking(ann)) == ["bob", "cem"]
    assert bob.session.joined  # or the socket would end as that of somebody who never joins
    assert call.rooms.participants == 1
    assert len(call.rooms.lobbies) == 2
    assert not ann.of_type("participant-joined")
    assert not bob.hung_up


def test_whoever_is_admitted_is_in_the_call_and_the_others_wait_on(three) -> None:
    call, ann, bob, cem = three
    admit(ann, bob)
    call.run(2.0)
    assert_sees(ann, bob)
    assert_sees(bob, ann)
    joined = bob.of_type("joined")[0]
    assert (joined["role"], joined["lobby"], joined["resumed"]) == ("member", True, False)
    assert list(knocking(ann)) == ["cem"]
    assert not cem.of_type("joined")
    assert outcomes(call) == {"admitted": 1}


def test_all_that_a_host_sees_are_admitted_at_once(three) -> None:
    call, ann, bob, cem = three
    admit(ann, bob, cem)
    call.run(2.0)
    for one, other in ((ann, bob), (bob, cem), (cem, ann)):
        assert_sees(one, other)
    assert knocking(ann) == {}
    assert len(call.rooms.lobbies) == 0
    assert not call.rooms.lobbies._lobbies


def test_whoever_is_denied_reads_so_and_the_connection_ends(three) -> None:
    call, ann, bob, cem = three
    ann.say(type="deny", ids=[knocking(ann)["bob"]])
    call.run(0.1)
    assert bob.messages[-1]["type"] == "closed"
    assert bob.messages[-1]["code"] == "denied"
    assert bob.hung_up
    assert not cem.hung_up
    assert list(knocking(ann)) == ["cem"]
    assert outcomes(call) == {"denied": 1}


@pytest.mark.parametrize("goes", ["leave", "clean", "broken"])
def test_whoever_goes_waits_no_more(three, goes) -> None:
    call, ann, bob, _ = three
    call.run(0.4)
    if goes == "leave":
        bob.leave()
        call.run(0.1)
        assert bob.messages[-1]["code"] == "left"
    else:
        bob.session.disconnected(clean=goes == "clean", now=call.now)
    assert list(knocking(ann)) == ["cem"]
    assert outcomes(call) == {"left": 1}


def test_waiting_ends_after_its_time(three) -> None:
    call, ann, bob, cem = three
    call.run(899.0)
    assert not bob.hung_up
    call.run(1.2)
    assert [each.messages[-1]["code"] for each in (bob, cem)] == ["lobby-timeout"] * 2
    assert knocking(ann) == {}
    assert outcomes(call) == {"lobby-timeout": 2}


def test_only_so_many_may_wait() -> None:
    call = made(lobby_capacity=1)
    ann, bob, cem = (call.browser(name) for name in ("ann", "bob", "cem"))
    assert errors(cem) == [("lobby-full", False)]
    assert list(knocking(ann)) == ["bob"]
    bob.leave()
    call.run(0.1)
    cem.join(call.room)
    assert list(knocking(ann)) == ["cem"]


def test_a_locked_room_has_no_lobby_but_who_waits_already_can_be_admitted(three) -> None:
    call, ann, bob, _ = three
    ann.say(type="lock", locked=True)
    call.run(0.1)
    assert errors(call.browser("dora")) == [("room-locked", False)]
    admit(ann, bob)
    assert bob.of_type("joined")


@pytest.mark.parametrize(
    "message",
    [
        {"type": "hand", "raised": True},
        {"type": "offer", "sdp": "v=0", "tracks": []},
        {"type": "admit", "ids": ["p1"]},
        {"type": "subscribe", "tracks": []},
    ],
)
def test_who_waits_can_do_nothing_but_leave(three, message) -> None:
    call, ann, bob, _ = three
    call.run(0.2)
    bob.say(**message)
    assert errors(bob) == [("not-joined", True)]
    assert list(knocking(ann)) == ["cem"]


def test_who_waits_cannot_join_again(three) -> None:
    call, _, bob, _ = three
    bob.join(call.room)
    assert errors(bob) == [("already-joined", False)]
    assert len(call.rooms.lobbies) == 2


# --- hosts ---


def test_only_hosts_are_told_and_only_they_decide(three) -> None:
    _call, ann, bob, cem = three
    admit(ann, bob)
    ids = list(knocking(ann).values())
    for message in (
        {"type": "admit", "ids": ids},
        {"type": "deny", "ids": ids},
        {"type": "lobby", "on": False},
    ):
        before = len(errors(bob))
        bob.say(**message)
        assert errors(bob)[before:] == REFUSED
    assert not bob.of_type("knocks")
    assert not cem.of_type("joined")


@pytest.mark.parametrize("deed", ["admit", "deny"])
def test_who_waits_no_more_cannot_be_let_in_nor_sent_away(three, deed) -> None:
    call, ann, bob, cem = three
    ids = knocking(ann)
    bob.leave()
    call.run(0.1)
    ann.say(type=deed, ids=[ids["bob"]])
    assert errors(ann) == [("no-such-participant", False)]
    ann.say(type=deed, ids=[ids["bob"], ids["cem"]])  # passed over
    call.run(0.1)
    assert cem.messages[-1]["type"] == "closed" if deed == "deny" else cem.of_type("joined")


def test_there_is_no_place_for_somebody_admitted_to_a_full_room() -> None:
    call = made(room_capacity=1)
    ann, bob = call.browser("ann"), call.browser("bob")
    admit(ann, bob)
    assert errors(ann) == [("room-full", False)]
    assert list(knocking(ann)) == ["bob"]
    assert not bob.hung_up


def test_nor_on_a_full_server() -> None:
    call = made(max_participants=2)
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(0.1)
    call.room, room = call.rooms.create_id(), call.room
    call.browser("dora")
    call.run(0.1)
    call.room = room
    admit(ann, bob)
    assert errors(ann) == [("server-full", False)]


def test_nor_on_a_server_that_has_too_much_to_do(three) -> None:
    call, ann, bob, _ = three
    knocking(ann)
    call.rooms.load = LoadState.FULL
    admit(ann, bob)
    assert errors(ann) == [("server-busy", False)]
    assert not bob.hung_up


def test_a_second_host_is_told_when_they_come_and_so_is_a_new_one(three) -> None:
    call, ann, bob, cem = three
    admit(ann, bob)
    dora = call.browser("dora", token=call.rooms.host_token(call.room))
    assert list(knocking(dora)) == ["cem"]
    before = len(ann.of_type("knocks"))
    call.run(1.0)
    assert len(ann.of_type("knocks")) == before
    for host in (ann, dora):
        host.leave()
    assert list(knocking(bob)) == ["cem"]  # the eldest is host now
    assert [message["type"] for message in cem.messages] == ["waiting"]


def test_a_host_who_comes_back_is_told_again(three) -> None:
    call, ann, bob, _ = three
    call.run(1.0)
    ann.lose_signaling()
    bob.leave()
    call.run(1.0)
    before = len(ann.of_type("knocks"))
    ann.resume()
    assert list(knocking(ann)) == ["cem"]
    assert len(ann.of_type("knocks")) == before + 1
    assert ann.of_type("joined")[-1]["resumed"] is True


def test_a_host_switches_the_lobby_on_and_off_and_off_lets_all_in(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(0.1)
    ann.say(type="lobby", on=True)
    call.run(0.1)
    for each in (ann, bob):
        assert each.of_type("room-updated") == [
            {"type": "room-updated", "locked": False, "lobby": True}
        ]
    cem = call.browser("cem")
    assert list(knocking(ann)) == ["cem"]
    ann.say(type="lobby", on=False)
    call.run(2.0)
    assert_sees(cem, ann)
    assert [event for event, _ in call.observed if "lobby" in event] == ["lobby-on", "lobby-off"]


def test_many_who_come_and_go_do_not_flood_the_hosts(three) -> None:
    call, ann, bob, _ = three
    call.run(1.0)
    before = len(ann.of_type("knocks"))
    for _ in range(40):
        bob.session.disconnected(clean=True, now=call.now)
        bob._connect_signaling()
        bob.join(call.room)
        call.run(0.05)
    assert len(ann.of_type("knocks")) - before <= 9


def test_the_host_of_another_room_lets_nobody_in_nor_sends_anybody_away(three) -> None:
    call, ann, bob, _ = three
    ids = list(knocking(ann).values())
    call.room = call.rooms.create_id()
    eve = call.browser("eve")
    call.run(0.1)
    for deed in ("admit", "deny"):
        eve.say(type=deed, ids=ids)
    assert errors(eve) == [("no-such-participant", False)] * 2
    eve.say(type="lobby", on=False)
    eve.say(type="end")
    call.run(0.5)
    assert [message["type"] for message in bob.messages] == ["waiting"]


# --- without a host ---


def test_when_everybody_has_left_they_wait_on_and_are_told_so(three) -> None:
    call, ann, bob, _ = three
    call.run(0.1)
    ann.leave()
    call.run(0.2)
    assert not call.rooms.rooms
    assert [message.get("hosted") for message in bob.messages] == [True, False]
    dora = call.browser("dora")  # the first in an empty room, as without a lobby
    call.run(0.1)
    assert role(dora) == "host"
    assert list(knocking(dora)) == ["bob", "cem"]
    assert [message.get("hosted") for message in bob.messages] == [True, False, True]
    admit(dora, bob)
    assert bob.of_type("joined")


def test_an_ended_call_and_a_draining_server_end_the_waiting() -> None:
    for say, code in (("end", "ended"), ("drain", "draining"), ("stop", "server-stopping")):
        call = made()
        ann, bob = call.browser("ann"), call.browser("bob")
        call.run(0.1)
        if say == "end":
            ann.say(type="end")
        elif say == "drain":
            call.rooms.drain(1e9)
        else:
            call.rooms.stop(call.now)
        call.run(0.1)
        assert bob.messages[-1]["type"] == "closed"
        assert bob.messages[-1]["code"] == code
        assert len(call.rooms.lobbies) == 0


def test_what_goes_wrong_with_one_who_waits_touches_nobody_else(three) -> None:
    call, ann, bob, cem = three
    call.run(0.5)

    def broken(_: bytes) -> None:
        raise RuntimeError("broken")

    bob.session._send_bytes = broken
    ann.say(type="deny", ids=list(knocking(ann).values()))
    call.run(0.1)
    assert cem.messages[-1]["code"] == "denied"
    assert not ann.hung_up
    assert call.counters.bugs == {"message": 1}
    assert len(call.rooms.lobbies) == 0


# --- tokens ---


def test_with_tokens_everybody_waits_for_somebody_with_room_admin() -> None:
    call = guarded()
    bob = enter(call, "bob")
    call.run(0.5)
    assert bob.messages == [{"type": "waiting", "hosted": False}]
    assert not call.rooms.rooms
    ann = enter(call, "ann", roomAdmin=True)
    assert list(knocking(ann)) == ["bob"]
    assert bob.messages[-1] == {"type": "waiting", "hosted": True}
    admit(ann, bob)
    call.run(2.0)
    assert_sees(bob, ann)
    ann.leave()
    cem = enter(call, "cem")
    call.run(1.0)
    assert cem.messages == [{"type": "waiting", "hosted": False}]
    assert role(bob) == "member"


def test_an_identity_waits_once_and_takes_its_own_place_unasked() -> None:
    call = guarded()
    ann = enter(call, "ann", roomAdmin=True)
    bob, again = enter(call, "bob"), enter(call, "bob")
    call.run(0.5)
    assert bob.messages[-1]["code"] == "replaced"
    assert list(knocking(ann)) == ["bob"]
    ann.say(type="admit", ids=list(knocking(ann).values()))
    call.run(0.1)
    third = enter(call, "bob")
    call.run(0.1)
    assert third.of_type("joined")
    assert again.messages[-1]["code"] == "replaced"


def test_who_is_hidden_need_not_wait() -> None:
    call = guarded()
    ann = enter(call, "ann", roomAdmin=True)
    eve = enter(call, "eve", hidden=True)
    call.run(0.5)
    assert eve.of_type("joined")
    assert not ann.of_type("knocks")


# --- coming back ---


def test_who_is_in_the_call_comes_back_past_the_lobby(three) -> None:
    call, ann, bob, _ = three
    admit(ann, bob)
    call.run(2.0)
    for media in (True, False):
        bob.lose_signaling()
        call.run(0.5)
        bob.resume(media=media)
        call.run(0.5)
        assert bob.of_type("joined")[-1]["resumed"] is media
    call.run(2.0)
    assert_sees(ann, bob)


def test_who_comes_back_too_late_waits_like_anybody_else(three) -> None:
    call, ann, bob, _ = three
    admit(ann, bob)
    call.run(1.0)
    bob.lose_signaling()
    bob.lose_media()
    call.run(61.0)
    bob.resume()
    assert "bob" in knocking(ann)
    assert bob.messages[-1] == {"type": "waiting", "hosted": True}
    assert room_of(call).lobby
