"""A participant whose address died: what was sent there is lost, and the picture begins anew."""

from __future__ import annotations

from typing import Any

from sfu.rtp.feedback import Pli
from tests.simulation.simulator import Call


def test_after_a_move_the_picture_begins_anew_without_being_asked_for() -> None:
    call = Call(seed=1)
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(3.0)
    asked: list[Any] = []
    take = ann.sender.feedback

    def feedback(packet: Any) -> None:
        if isinstance(packet, Pli):
            asked.append(packet)
        take(packet)

    ann.sender.feedback = feedback  # type: ignore[method-assign]
    call.run(1.0)
    assert asked == []
    participant = call.rooms.rooms[call.room].participants[bob.id]
    participant.transport_moved(call.now)
    call.run(0.5)
    assert len(asked) == 1  # of the layer that is forwarded, and nobody else's
    stream = bob.picture_of(ann)
    assert stream is not None
    before = stream.highest
    call.run(1.0)
    assert stream.highest > before
    assert not call.counters.bugs
