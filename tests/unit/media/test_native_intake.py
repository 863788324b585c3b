"""What native code takes in ends as ``Publisher.rtp_received`` has it, to the last number."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.counters import Counters
from sfu.media.published_track import PublishedTrack
from sfu.media.publisher import Publisher
from sfu.media.source import Source
from sfu.rtp import packet as rtp
from sfu.rtp.extensions import AUDIO_LEVEL, DEPENDENCY_DESCRIPTOR, TRANSPORT_CC
from sfu.sdp.answer import NegotiatedCodec, NegotiatedMedia

egress = pytest.importorskip("sfu.transport._egress")

VIDEO, AUDIO = 1001, 1002
CODECS = {"audio": ((111, "opus", 48000),), "video": ((96, "VP8", 90000), (102, "H264", 90000))}
EXTENSIONS = {TRANSPORT_CC: 3, AUDIO_LEVEL: 1, DEPENDENCY_DESCRIPTOR: 8}


class Gone:
    """An egress that sends nothing: who was there is what counts."""

    name = "python"

    def emit(self, packet: Any, copies: Any, traffic: Any, now: float) -> None:
        raise AssertionError("nobody is subscribed")


class Side:
    """A publisher of a camera and a microphone; with ``take``, where native code may help."""

    def __init__(self, take: Any = None, *, extensions: bool = True) -> None:
        self.counters = Counters()
        self.levels: list[int] = []
        self.sent: list[bytes] = []
        self.taken = 0
        self._take = take
        self.publisher = Publisher(
            ssrc=1,
            counters=self.counters,
            send_rtcp=self.sent.append,
            level=self.levels.append,
            layers_changed=lambda track: None,
            **({} if take is None else {"take": self._count}),
        )
        self.publisher.set_tracks(
            PublishedTrack(
                id=kind,
                participant="p",
                source=source,
                muted=False,
                media=NegotiatedMedia(
                    mid=kind,
                    kind=kind,
                    direction="receive",
                    codecs=tuple(
                        NegotiatedCodec(name, number, rate, feedback=("nack",))
                        for number, name, rate in CODECS[kind]
                    ),
                    extensions=EXTENSIONS if extensions else {},
                    ssrcs=(ssrc,),
                ),
                egress=Gone(),  # type: ignore[arg-type]
                counters=self.counters,
            )
            for kind, source, ssrc in (
                ("audio", Source.MICROPHONE, AUDIO),
                ("video", Source.CAMERA, VIDEO),
            )
        )

    def _count(self, *arguments: Any) -> Any:
        route = self._take(*arguments)
        self.taken += route is not None
        return route

    def state(self) -> Any:
        """All that is known in the end, in plain values."""
        seen: dict[int, int] = {}

        def known(thing: Any) -> Any:
            if isinstance(thing, int | float | str | bytes | type(None)):
                return thing
            if id(thing) in seen:
                return f"as {seen[id(thing)]}"
            seen[id(thing)] = len(seen)
            if isinstance(thing, dict):
                return [(known(key), known(value)) for key, value in thing.items()]
            if isinstance(thing, list | tuple):
                return [known(each) for each in thing if each not in (None, -1, 0.0)]
            names = [
                name
                for base in type(thing).__mro__
                for name in getattr(base, "__slots__", ())
                if name not in ("_take", "_egress", "media")
            ]
            return [(name, known(getattr(thing, name, None))) for name in names] or type(thing)

        return known((self.publisher, self.counters, self.levels, self.sent))


def _vp8(step: dict[str, Any], frame: int) -> bytes:
    """A payload of VP8: RFC 7741 section 4.2."""
    first = 0x10 if step["start"] else 0x00
    if step["bare"]:
        return bytes([first, 0x01, 0, 0])
    short, long = bytes([frame & 0x7F]), bytes([0x80 | frame >> 8 & 0x7F, frame & 0xFF])
    numbers = (long if step["wide"] else short) + bytes([frame & 0xFF])
    layer = bytes([step["temporal"] << 6 | step["up"] << 5])
    header = 0x00 if step["key"] and step["start"] else 0x01
    return bytes([0x80 | first, 0xE0]) + numbers + layer + bytes([header]) + bytes(30)


def _wire(step: dict[str, Any], number: int, frame: int, count: int) -> bytes:
    audio = step["kind"] == "audio"
    elements = {}
    if step["stamped"]:
        elements[3] = (count + step["jump"] & 0xFFFF).to_bytes(2, "big")
    if step["level"]:
        elements[1] = bytes([0x80 | step["level"]])
    if step["described"]:
        elements[8] = bytes([0x80, 0, frame & 0xFF])
    payload = step["payload"] or (bytes(40) if audio else _vp8(step, frame))
    wire = rtp.write(
        payload_type=step["type"] or (111 if audio else 96),
        sequence_number=number & 0xFFFF,
        timestamp=(960 if audio else 3000) * frame & 0xFFFFFFFF,
        ssrc=AUDIO if audio else VIDEO,
        marker=step["up"],
        payload=payload,
        extensions=elements,
    )
    return wire[: len(wire) - step["cut"]]


_STEP = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["audio", "video", "video"]),
        "skip": st.sampled_from([1, 1, 1, 1, 1, 1, 0, -1, 2, 5, 300, 4000]),
        "frame": st.integers(0, 2),
        "start": st.booleans(),
        "key": st.sampled_from([False, False, False, True]),
        "bare": st.sampled_from([False, False, False, True]),
        "wide": st.sampled_from([True, True, True, False]),
        "temporal": st.integers(0, 3),
        "up": st.booleans(),
        "stamped": st.sampled_from([True, True, False]),
        "jump": st.sampled_from([0, 0, 0, -2, 60, 30000]),
        "level": st.integers(0, 127),
        "described": st.sampled_from([False, False, False, False, True]),
        "payload": st.sampled_from([b""] * 6 + [b"\x90", b"\x90\x80", b"\x65\x88" + bytes(9)]),
        "type": st.sampled_from([0, 0, 0, 0, 0, 102, 50]),
        "cut": st.sampled_from([0, 0, 0, 0, 1, 38, 70]),
        "pause": st.sampled_from([0.004, 0.004, 0.02, 0.3, 1.5]),
        "act": st.sampled_from([""] * 8 + ["mute", "silence", "tick", "keyframe", "flood"]),
    }
)


def _act(side: Side, act: str, now: float) -> None:
    audio, video = (side.publisher.tracks[kind] for kind in ("audio", "video"))
    if act == "mute":
        audio.muted = not audio.muted
    elif act == "silence":
        video.silence(not video.silenced)
    elif act == "tick":
        side.publisher.tick(now)
    elif act == "keyframe":
        for track in (audio, video):
            for stream in track.streams:
                stream.keyframes.wish()
    elif act == "flood":
        audio._sound_left = 500.0


@settings(deadline=None, max_examples=150)
@given(steps=st.lists(_STEP, max_size=80), first=st.integers(0, 70000), extensions=st.booleans())
def test_whatever_comes(steps: list[dict[str, Any]], first: int, extensions: bool) -> None:
    ours, theirs = Side(extensions=extensions), Side(egress.take, extensions=extensions)
    numbers, frame, now = {"audio": first, "video": first + 7}, 10, 5.0
    for count, step in enumerate(steps):
        kind = step["kind"]
        numbers[kind] += step["skip"]
        frame, now = frame + step["frame"], now + step["pause"]
        wire = _wire(step, numbers[kind], frame, count)
        for side in (ours, theirs):
            _act(side, step["act"], now)
            side.publisher.rtp_received(wire, now)
    assert theirs.state() == ours.state()


_PLAIN: dict[str, Any] = {
    "kind": "video",
    "start": True,
    "key": False,
    "bare": False,
    "wide": True,
    "temporal": 0,
    "up": False,
    "stamped": True,
    "jump": 0,
    "level": 0,
    "described": False,
    "payload": b"",
    "type": 0,
    "cut": 0,
}


def test_a_descriptor_in_sound_changes_nothing_for_others() -> None:
    for side in (Side(), Side(egress.take)):
        for count in range(9):
            step = {**_PLAIN, "kind": "audio", "described": count > 3}
            side.publisher.rtp_received(_wire(step, count, count, count), count * 0.02)
    another = Side().publisher.tracks["audio"]._markers[111]
    assert another(rtp.parse(_wire({**_PLAIN, "kind": "audio"}, 1, 1, 1))).keyframe


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_what_simply_goes_on_is_taken_in_by_native_code(kind: str) -> None:
    ours, theirs = Side(), Side(egress.take)
    for side in (ours, theirs):
        for count in range(50):
            step = {**_PLAIN, "kind": kind, "key": count == 0, "level": 30}
            side.publisher.rtp_received(_wire(step, 70 + count, 7 + count, count), count * 0.02)
    assert theirs.taken >= 48
    assert theirs.state() == ours.state()


@pytest.mark.parametrize("bad", [(None, None, 1.0), (Side(), 1, 1.0), ([], {}, 2.0)])
def test_what_is_no_publisher_is_left_alone(bad: tuple[Any, Any, float]) -> None:
    assert egress.take(*bad) is None


def test_arguments_of_other_types_are_refused() -> None:
    with pytest.raises(TypeError):
        egress.take(None, None, 1)
    with pytest.raises(TypeError):
        egress.take(None)


def test_a_level_that_cannot_be_told_is_not_hidden() -> None:
    def level(value: int) -> None:
        raise LookupError(value)

    side = Side(egress.take)
    step = {**_PLAIN, "kind": "audio"}
    for count in range(5):
        side.publisher.rtp_received(_wire(step, count, count, count), count * 0.02)
    side.publisher._level = level
    with pytest.raises(LookupError):
        side.publisher.rtp_received(_wire({**step, "level": 9}, 5, 5, 5), 0.1)
    assert side.taken == 4
