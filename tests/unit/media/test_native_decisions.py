"""What native code decides is what ``Forwarder.decide`` decides, with everything it remembers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.media.forwarder import Forwarder
from sfu.media.receive_stream import ReceiveStream
from sfu.media.sender_clock import SenderClock
from sfu.rtp import packet as rtp
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.packet import RtpPacket
from sfu.rtp.rewrite import ExtensionPlan

egress = pytest.importorskip("sfu.transport._egress")

TYPES = {96: 120, 111: 109}
PLAN = ExtensionPlan(transport_cc=3)


class Send:
    """As much of a send stream as is looked at."""

    __slots__ = ("forwarder",)

    def __init__(self) -> None:
        self.forwarder = Forwarder(ssrc=42, clock_rate=90000, first_sequence=500)


class Subscribed:
    """As much of a subscribed track."""

    __slots__ = ("send",)

    def __init__(self) -> None:
        self.send = Send()


def _stream() -> ReceiveStream:
    return ReceiveStream(ssrc=7, rid="", clock_rate=90000, clock=SenderClock())


def _packet(number: int, timestamp: int, mark: dict[str, Any], octets: int, kind: int) -> RtpPacket:
    packet = rtp.parse(
        rtp.write(
            payload_type=kind,
            sequence_number=number & 0xFFFF,
            timestamp=timestamp & 0xFFFFFFFF,
            ssrc=7,
            payload=bytes(octets),
        )
    )
    packet.mark = PayloadMark(start_of_frame=True, **mark)
    return packet


def _state(forwarder: Forwarder) -> list[Any]:
    """Everything a forwarder knows, in plain values."""

    def known(thing: Any, depth: int = 3) -> Any:
        names = getattr(type(thing), "__slots__", ())
        if not names or depth == 0 or isinstance(thing, ReceiveStream):
            return thing if isinstance(thing, int | float | str | tuple | dict) else str(thing)
        return {name: known(getattr(thing, name), depth - 1) for name in names}

    return [
        known(getattr(forwarder, name))
        for name in Forwarder.__slots__
        if name not in ("log", "target")
    ]


_STEP = st.fixed_dictionaries(
    {
        "skip": st.sampled_from([1, 1, 1, 1, 0, -1, 2, 5, -40, 300]),
        "frame": st.integers(0, 2),
        "key": st.sampled_from([False, False, False, False, True]),
        "temporal": st.integers(0, 2),
        "up": st.booleans(),
        "picture": st.sampled_from(["frame", "frame", "frame", "none", "back", "anew"]),
        "tl0": st.integers(-1, 255),
        "octets": st.sampled_from([20, 20, 20, 0]),
        "type": st.sampled_from([96, 96, 96, 111, 100]),
        "act": st.sampled_from([*[""] * 8, "limit", "pause", "aim", "other"]),
        "limit": st.integers(-1, 3),
    }
)


@settings(deadline=None, max_examples=150)
@given(steps=st.lists(_STEP, max_size=60), pictured=st.booleans(), first=st.integers(0, 70000))
def test_whatever_comes(steps: list[dict[str, Any]], pictured: bool, first: int) -> None:
    ours, theirs = Subscribed(), Subscribed()
    stream, other = _stream(), _stream()
    for each in (ours, theirs):
        each.send.forwarder.aim(stream, TYPES, PLAN, 7, 7)
    number, frame, now = first, 10, 5.0
    for count, step in enumerate(steps):
        number, frame, now = number + step["skip"], frame + step["frame"], now + 0.01
        for each in (ours, theirs):
            forwarder = each.send.forwarder
            if step["act"] == "limit":
                forwarder.limit(7, step["limit"])
            elif step["act"] == "pause":
                forwarder.pause()
            elif step["act"] in ("aim", "other"):
                source = stream if step["act"] == "aim" else other
                forwarder.aim(source, TYPES, PLAN, 7, step["limit"])
        picture = {"frame": frame, "none": -1, "back": frame - 3, "anew": frame + 900}
        mark = {
            "keyframe": step["key"] or count == 0,
            "temporal_id": 0 if step["key"] else step["temporal"],
            "switching_point": step["up"],
            "picture_id": picture[step["picture"]] if pictured else -1,
            "tl0picidx": step["tl0"] if pictured else -1,
        }
        packet = _packet(number, 3000 * frame, mark, step["octets"], step["type"])
        reason = ours.send.forwarder.decide(stream, packet, number, now)
        copies: list[Any] = []
        left = egress.decide([theirs], stream, packet, number, now, copies)
        if left:
            assert left == [theirs]
            assert copies == []
            assert theirs.send.forwarder.decide(stream, packet, number, now) == reason
        else:
            assert copies == [theirs.send]
            assert reason is None
        assert _state(theirs.send.forwarder) == _state(ours.send.forwarder)


def test_what_simply_goes_on_is_decided_in_native_code() -> None:
    subscribed, stream = [Subscribed(), Subscribed()], _stream()
    for each in subscribed:
        each.send.forwarder.aim(stream, TYPES, PLAN)
    key = _packet(100, 3000, {"keyframe": True, "picture_id": 4, "tl0picidx": 9}, 20, 96)
    assert egress.decide(subscribed, stream, key, 100, 1.0, []) == subscribed
    for each in subscribed:
        assert each.send.forwarder.decide(stream, key, 100, 1.0) is None
    after = _packet(101, 6000, {"keyframe": False, "picture_id": 5, "tl0picidx": 10}, 20, 96)
    copies: list[Any] = []
    assert egress.decide(subscribed, stream, after, 101, 1.1, copies) == []
    assert copies == [each.send for each in subscribed]
    rewrite = copies[0].forwarder.rewrite
    assert (rewrite.sequence_number, rewrite.payload_type, rewrite.picture_id) == (501, 120, 5)


@pytest.mark.parametrize("thing", [None, 1, SimpleNamespace(send=None), SimpleNamespace()])
def test_what_is_no_subscribed_track_is_left_alone(thing: object) -> None:
    packet = _packet(1, 1, {"keyframe": False}, 20, 96)
    assert egress.decide([thing], _stream(), packet, 1, 1.0, []) == [thing]
    assert egress.decide([thing], _stream(), SimpleNamespace(), 1, 1.0, []) == [thing]


def test_arguments_of_other_types_are_refused() -> None:
    packet = _packet(1, 1, {"keyframe": False}, 20, 96)
    for bad in ((None, packet, 1, 1.0, []), ([], packet, 1.5, 1.0, []), ([], packet, 1, 1, [])):
        with pytest.raises(TypeError):
            egress.decide(bad[0], _stream(), *bad[1:])
    with pytest.raises(TypeError):
        egress.decide([])
