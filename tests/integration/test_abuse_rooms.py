"""Somebody with a seat in one room gets nothing of another, and nothing of a neighbour's either."""

from __future__ import annotations

from typing import Any

import pytest

from sfu.errors import Refused
from sfu.rtp.feedback import Fir, Nack, Pli
from sfu.rtp.rtcp import Bye, SenderReport, write_compound
from sfu.signaling.data_session import DataSession
from tests.simulation.browser import Browser
from tests.simulation.simulator import Call


class TwoRooms:
    """Ann and Bob in a room; Eve in another one, with the same SSRCs and mids as Ann."""

    def __init__(self) -> None:
        self.call = call = Call(seed=1)
        self.ann = call.browser("ann")
        self.bob = call.browser("bob")
        self.eves_room = call.rooms.create_id()
        self.eve = Browser(call, "eve", base_ssrc=1000)
        call._by_user[self.eve.user] = self.eve
        self.eve.join(self.eves_room)
        call.run(2.0)
        self.asked: list[Any] = []  # of ann
        take = self.ann.sender.feedback

        def feedback(packet: Any) -> None:
            if isinstance(packet, Pli | Nack | Fir):
                self.asked.append(packet)
            take(packet)

        self.ann.sender.feedback = feedback  # type: ignore[method-assign]

    def errors(self) -> list[str]:
        return [message["code"] for message in self.eve.of_type("error")]

    def untouched(self) -> bool:
        """Whether Bob goes on seeing Ann, and nobody heard of Eve."""
        stream = self.bob.picture_of(self.ann)
        assert stream is not None
        before = stream.highest
        told = len(self.ann.messages), len(self.bob.messages)
        self.call.run(1.0)
        quiet = {"quality", "speakers", "layers"}
        new = self.ann.messages[told[0] :] + self.bob.messages[told[1] :]
        assert not self.call.counters.bugs
        return stream.highest > before + 20 and {message["type"] for message in new} <= quiet


@pytest.fixture
def rooms() -> TwoRooms:
    return TwoRooms()


def test_ones_own_room_is_all_one_hears_of(rooms: TwoRooms) -> None:
    joined = rooms.eve.of_type("joined")[-1]
    assert joined["participants"] == []
    assert rooms.eve.of_type("participant-joined") == []
    assert all(
        slot["participant"] is None
        for message in rooms.eve.of_type("slots")
        for slot in message["slots"]
    )
    assert [stream.received for stream in rooms.eve.receiver.streams.values() if stream] == [
        0 for _ in rooms.eve.receiver.streams
    ]


def test_tracks_of_another_room_cannot_be_subscribed(rooms: TwoRooms) -> None:
    rooms.eve.subscribe(
        [
            {"id": each.track(source), "height": 8640, "priority": 100, "pinned": True}
            for each in (rooms.ann, rooms.bob)
            for source in ("camera", "microphone")
        ]
    )
    assert rooms.untouched()
    assert all(stream.received == 0 for stream in rooms.eve.receiver.streams.values())


def test_a_host_of_one_room_moderates_nobody_in_another(rooms: TwoRooms) -> None:
    assert rooms.eve.of_type("joined")[-1]["role"] == "host"
    for each in (rooms.ann, rooms.bob):
        rooms.eve.say(type="mute-other", participant=each.id, source="microphone")
        rooms.eve.say(type="remove", participant=each.id)
    assert rooms.untouched()
    assert rooms.errors() == ["no-such-participant"] * 4


def test_locking_and_ending_ones_room_is_not_heard_in_another(rooms: TwoRooms) -> None:
    rooms.eve.say(type="lock", locked=True)
    rooms.eve.say(type="hand", raised=True)
    rooms.eve.say(type="react", reaction="clap")
    assert rooms.untouched()
    rooms.eve.say(type="end")
    assert rooms.untouched()
    assert list(rooms.call.rooms.rooms) == [rooms.call.room]


def test_the_ssrcs_and_mids_of_somebody_else_are_ones_own_here(rooms: TwoRooms) -> None:
    """Eve sends under Ann's SSRCs all the time; Bob's pictures would not be Ann's."""
    assert rooms.eve.sender.outgoing.keys() == rooms.ann.sender.outgoing.keys()
    view = rooms.bob.view_of(rooms.ann)
    assert rooms.untouched()
    assert view is rooms.bob.view_of(rooms.ann)


def test_feedback_about_streams_of_others_reaches_nobody(rooms: TwoRooms) -> None:
    transport: Any = rooms.eve.transport
    ssrcs = [*rooms.bob.receiver.streams, *rooms.ann.receiver.streams, 1000, 1001, 2000, 2001]
    before = rooms.call.counters.drops["feedback-unknown-ssrc"]
    for ssrc in ssrcs:
        for message in (Pli(1, ssrc), Fir(1, [(ssrc, 1)]), Nack(1, ssrc, [1, 2, 3])):
            transport.take_rtcp(message.write())
        report = SenderReport(ssrc, 1 << 60, 5, 6, 7, [])
        transport.take_rtcp(write_compound([report, Bye([ssrc])]))
    assert rooms.call.counters.drops["feedback-unknown-ssrc"] == before + 3 * len(ssrcs)
    assert rooms.untouched()
    assert rooms.asked == []


def test_the_seat_of_another_room_opens_nothing_here(rooms: TwoRooms) -> None:
    token = rooms.ann.of_type("joined")[-1]["resume"]
    thief = Browser(rooms.call, "thief")
    rooms.call._by_user[thief.user] = thief
    thief.say(type="join", room=rooms.eves_room, name="thief", resume=token)
    assert rooms.untouched()
    joined = thief.of_type("joined")[-1]
    assert (joined["resumed"], joined["room"]) == (False, rooms.eves_room)
    assert joined["you"] != rooms.ann.id


def test_chat_and_files_of_another_room_cannot_be_reached(rooms: TwoRooms) -> None:
    theirs, ours = (rooms.call.rooms.rooms[id] for id in (rooms.call.room, rooms.eves_room))
    file = theirs.files.begin(rooms.ann.id, id="f", name="secret.txt", size=0, mime="", to=None)
    theirs.chat.share(rooms.ann.id, "ann", id="f", file=file.about, to=None)
    said: list[str] = []
    session = DataSession(
        room=ours,
        participant=ours.participants[rooms.eve.id],
        counters=rooms.call.counters,
        send=lambda label, message: said.append(str(message)),
        buffered=lambda: 0,
    )
    session.opened("chat")
    for number in range(10):
        session.receive("files", f'{{"type":"fetch-file","number":{number}}}', 1.0)
    for to in (rooms.ann.id, rooms.bob.id):
        session.receive("chat", f'{{"type":"say","id":"1","text":"psst","to":"{to}"}}', 1.0)
    assert not any("secret" in message for message in said)
    assert sum("no-such-file" in message for message in said) == 10
    assert sum("no-such-participant" in message for message in said) == 2
    with pytest.raises(Refused):
        ours.files.find(rooms.eve.id, file.about.number)


def test_a_neighbour_who_declares_ones_ssrcs_takes_nothing_away() -> None:
    """In the same room this time."""
    call = Call(seed=2)
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(2.0)
    eve = call.browser("eve", base_ssrc=1000)
    call.run(2.0)
    assert eve.sender.outgoing.keys() == ann.sender.outgoing.keys()
    pictures = {each: bob.picture_of(each) for each in (ann, eve)}
    assert None not in pictures.values()
    assert len({stream.ssrc for stream in pictures.values() if stream}) == 2
    assert not call.counters.bugs
    # Each picture tells whose it is; one under another's name ends the simulation with an error.
    assert bob.view_of(ann) is not bob.view_of(eve)


def test_offers_that_come_too_fast_end_their_own_session_only() -> None:
    call = Call(seed=3)
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(2.0)
    for _ in range(60):
        bob.offer()
    call.run(1.0)
    assert bob.of_type("error")[-1]["code"] == "too-many-messages"
    assert len(bob.of_type("answer")) <= 25
    assert bob.hung_up
    assert not ann.hung_up
    assert [message["reason"] for message in ann.of_type("participant-left")] == ["protocol-error"]
