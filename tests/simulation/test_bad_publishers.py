"""Whatever a publisher gets wrong, the others in its call see and hear each other as before."""

from __future__ import annotations

import struct
from dataclasses import replace
from random import Random

import pytest

from sfu.rtp.feedback import Pli
from tests.simulation.sender import MID_ID, RID_ID, VP8
from tests.simulation.simulator import Call

# Long enough before for layers that nobody watches to be paused.
CALM, BAD, AFTER = 5.5, 4.0, 3.0
_HEADER = struct.Struct("!BBHII")


class Blind:
    """In place of a jitter buffer: takes a bad stream as it comes and always wants a keyframe."""

    waiting = False
    patience = 0.0

    def __init__(self) -> None:
        self.packets = 0
        self.payload_types: set[int] = set()

    def packet(self, number, timestamp, marker, data, begin, end, now) -> None:
        self.packets += 1
        self.payload_types.add(data[1] & 0x7F)

    def asks_keyframe(self, now: float) -> bool:
        return True


class Bad:
    """A call of three in which bob's browser is at fault after a while; ``spoil`` says how."""

    def __init__(self, seed: int = 1, *, blind: bool = False, others: bool = False) -> None:
        self.call = call = Call(seed=seed)
        self.ann = call.browser("ann", simulcast=True)
        self.bob = call.browser("bob", simulcast=True)
        self.cem = call.browser("cem", simulcast=True)
        if others:
            for each in call.browsers:
                with_other_codecs(each)
        self.asked: list[tuple[float, int]] = []  # keyframes of bob: when, of which SSRC
        take = self.bob.sender.feedback

        def feedback(packet) -> None:
            if isinstance(packet, Pli):
                self.asked.append((call.now, packet.media_ssrc))
            take(packet)

        self.bob.sender.feedback = feedback
        call.run(CALM)
        self.at = call.now
        self.blind: list[Blind] = []
        for viewer in (self.ann, self.cem) if blind else ():
            self.blind.append(Blind())
            viewer.picture_of(self.bob).pictures = self.blind[-1]

    def spoil(self, change, seconds: float = BAD) -> None:
        """Let ``change`` (data to a sequence of data) have each of bob's VP8 packets."""
        sender = self.bob.sender
        before = sender.spoil
        sender.spoil = lambda data: change(data) if data[1] & 0x7F == VP8 else (data,)
        self.call.run(seconds)
        sender.spoil = before

    @property
    def outgoing(self):
        """What bob sends its three encodings as, the lowest first."""
        return [outgoing for _, outgoing in self.bob.sender.cameras["camera"].encoders]

    @property
    def view(self):
        return self.ann.view_of(self.bob)

    def check(self, healthy) -> None:
        """Nobody else noticed anything, nobody crashed, nothing grew, keyframes were not stormed."""
        call = self.call
        for viewer, other, before in zip(
            (self.ann, self.cem), (self.cem, self.ann), healthy, strict=True
        ):
            view = viewer.view_of(other)
            assert view.freezes == []
            assert view.changes == before.changes
            # The very same pictures at the very same times, as far as both runs go.
            assert view._shown == before._shown[: view.frames]
            assert viewer.listening_to(other).residual_loss == 0.0
        assert not call.counters.bugs
        assert len(call.rooms.rooms[call.room].participants) == 3
        publisher = self.bob.session._participant.publisher
        assert len(publisher.routes) <= 32
        for track in publisher.tracks.values():
            assert len(track.streams) <= 3
            assert all(len(stream.losses) <= 512 for stream in track.streams)
        for ssrc in {ssrc for _, ssrc in self.asked}:
            times = [at for at, of in self.asked if of == ssrc]
            assert len(times) <= 2 + (times[-1] - times[0]) / 0.2


@pytest.fixture(scope="module")
def healthy():
    """How ann and cem see each other while bob does nothing wrong."""
    good = Bad()
    good.call.run(BAD + AFTER)
    return good.ann.view_of(good.cem), good.cem.view_of(good.ann)


def with_other_codecs(browser) -> None:
    """Let it offer VP9 and H.264 as well, as 98 and 99."""
    text = browser.offer_text

    def offer_text() -> str:
        lines = ["a=fmtp:97 apt=96"]
        for number, name in ((98, "VP9"), (99, "H264")):
            lines += [f"a=rtpmap:{number} {name}/90000", f"a=rtcp-fb:{number} transport-cc"]
            lines += [f"a=rtpmap:{number + 2} rtx/90000", f"a=fmtp:{number + 2} apt={number}"]
        lines.append("a=fmtp:99 packetization-mode=1")
        return (
            text()
            .replace("SAVPF 96 97", "SAVPF 96 97 98 99 100 101")
            .replace("a=fmtp:97 apt=96", "\r\n".join(lines))
        )

    browser.offer_text = offer_text


def changed(data: bytes, *, number=0, timestamp=0, payload_type=None, ssrc=None) -> bytes:
    """The packet with these added to its numbers, or in place of them."""
    first, second, seq, stamp, source = _HEADER.unpack_from(data)
    if payload_type is not None:
        second = second & 0x80 | payload_type
    seq, stamp = (seq + number) & 0xFFFF, (stamp + timestamp) & 0xFFFFFFFF
    return _HEADER.pack(first, second, seq, stamp, ssrc or source) + data[12:]


def ssrc_of(data: bytes) -> int:
    return int.from_bytes(data[8:12], "big")


def payload_at(data: bytes) -> int:
    return 16 + 4 * int.from_bytes(data[14:16], "big")


# --- what viewers of such a publisher still see ---


# Nobody gives up the lowest layer before others: then the next one is tried a moment later.
@pytest.mark.parametrize(
    ("stopped", "longest"), [((2,), 1.0), ((1, 2), 1.0), ((0, 1), 0.0), ((0, 2), 1.2)]
)
def test_layers_that_stop_without_being_asked(healthy, stopped, longest) -> None:
    bad = Bad()
    gone = {bad.outgoing[index].ssrc for index in stopped}
    bad.spoil(lambda data: () if ssrc_of(data) in gone else (data,))
    assert bad.view.longest_freeze <= longest
    assert bad.view.fps >= 20
    assert bad.view.rid == "qhf"[max({0, 1, 2} - set(stopped))]
    assert bad.view.recovered_after(bad.at) < 1.5
    bad.call.run(AFTER)  # they come again, unasked as well
    assert bad.view.rid == "f"
    assert len(bad.view.freezes) <= 1
    bad.check(healthy)


@pytest.mark.parametrize(
    "heights", [(320, 640, 1280), (180, 360, 540), (180, 360, 90)], ids=["turned", "less", "least"]
)
def test_other_resolutions_in_the_middle(healthy, heights) -> None:
    bad = Bad()
    camera = bad.bob.sender.cameras["camera"]
    for (encoder, _), height in zip(camera.encoders, heights, strict=True):
        encoder.encoding = replace(encoder.encoding, height=height, width=height * 2)
        encoder.want_keyframe = True
    bad.call.run(BAD)
    assert bad.view.height == max(heights)
    assert bad.view.freezes == []
    bad.check(healthy)


@pytest.mark.parametrize("jump", [5_000, 40_000])
@pytest.mark.parametrize("layer", [0, 2])
def test_a_jump_in_the_sequence_costs_a_moment(healthy, jump, layer) -> None:
    bad = Bad()
    bad.outgoing[layer].number += jump
    bad.call.run(BAD)
    assert bad.view.longest_freeze < 0.3
    assert bad.view.fps >= 20
    drops = bad.call.counters.drops
    assert drops["stream-restarted"] == (layer == 2)  # nobody watches the others: they are paused
    bad.check(healthy)


@pytest.mark.parametrize("seconds", [10, -3600])
def test_a_jump_in_the_timestamps(healthy, seconds) -> None:
    bad = Bad()
    for outgoing in bad.outgoing:
        outgoing.timestamp_offset += seconds * 90000
    bad.call.run(BAD)
    assert bad.view.freezes == []
    assert bad.view.fps >= 20
    bad.check(healthy)


def test_wild_duplicates_and_orders_of_arrival(healthy) -> None:
    bad = Bad()
    random = Random(1)
    kept: list[bytes] = []

    def shuffle(data: bytes) -> list[bytes]:
        """Up to three copies, among those of 20 packets before."""
        kept.extend([data] * random.randint(1, 3))
        random.shuffle(kept)
        return [kept.pop() for _ in range(len(kept) - 20)]

    bad.spoil(shuffle)
    assert bad.call.counters.drops["duplicate"] > 500
    bad.call.run(AFTER)
    assert bad.view.fps >= 20  # it was never said that it looks well meanwhile
    bad.check(healthy)


def test_one_unknown_encoding_does_not_harm_the_others(healthy) -> None:
    """From the beginning, one that the offer does not have; and later more of them."""
    bad = Bad()
    rid = bytes([RID_ID << 4, ord("z")])
    mid = bytes([MID_ID << 4, ord("1")])
    stranger = bad.outgoing[2].ssrc + 50_000

    def strange(data: bytes) -> list[bytes]:
        begin = payload_at(data)
        header = changed(data[:14], ssrc=stranger) + (1).to_bytes(2, "big") + rid + mid
        return [data, header + data[begin:]]

    bad.spoil(strange)
    assert bad.call.counters.drops["unknown-ssrc"] > 300
    assert bad.view.freezes == []
    assert bad.view.rid == "f"
    bad.check(healthy)


def test_two_streams_for_one_encoding(healthy) -> None:
    bad = Bad()
    encoder, _ = bad.bob.sender.cameras["camera"].encoders[2]
    rid = bytes([RID_ID << 4, ord("f")])
    mid = bytes([MID_ID << 4, ord("1")])

    def twice(data: bytes) -> list[bytes]:
        if ssrc_of(data) != bad.outgoing[2].ssrc:
            return [data]
        begin = payload_at(data)
        header = changed(data[:14], ssrc=ssrc_of(data) + 50_000)
        return [data, header + (1).to_bytes(2, "big") + rid + mid + data[begin:]]

    bad.spoil(twice, 1.0)
    assert bad.view.freezes == []  # goes on until the second one has a keyframe
    encoder.want_keyframe = True
    bad.spoil(twice)
    assert bad.view.freezes == []
    bad.call.run(AFTER)  # only the first one is left, and it is seen again
    assert bad.view.longest_freeze < 1.0
    assert bad.view.fps >= 20
    bad.check(healthy)


# --- what nobody can decode ---


@pytest.mark.parametrize("payload_type", [97, 98, 99, 120])
def test_another_payload_type_in_the_middle(healthy, payload_type) -> None:
    """Of retransmissions, of two other codecs, and of none."""
    bad = Bad(blind=True, others=True)
    bad.spoil(lambda data: [changed(data, payload_type=payload_type)])
    bad.check(healthy)
    unknown = bad.call.counters.drops["unknown-payload-type"]
    assert unknown > 300 if payload_type in (97, 120) else unknown == 0
    before = [blind.packets for blind in bad.blind]
    bad.call.run(AFTER)
    for blind, packets in zip(bad.blind, before, strict=True):
        assert blind.packets - packets > 100
        assert blind.payload_types <= {96, 97, payload_type, payload_type + 2}
    bad.check(healthy)


@pytest.mark.parametrize("form", ["random", "short", "constant", "none"])
def test_broken_picture_ids(healthy, form) -> None:
    bad = Bad(blind=True)
    random = Random(1)
    ids: dict[int, int] = {}

    def renumbered(data: bytes) -> list[bytes]:
        """With the six bytes of the descriptor, whose picture id has two, in that form."""
        at = payload_at(data)
        stamp = int.from_bytes(data[4:8], "big")
        number = ids.setdefault(stamp, random.randrange(1 << 15))
        descriptor = data[at : at + 6]
        first, flags, rest = descriptor[:1], descriptor[1], descriptor[4:]
        match form:
            case "random":
                descriptor = first + bytes([flags, 0x80 | number >> 8, number & 0xFF]) + rest
            case "short":
                descriptor = first + bytes([flags, descriptor[3] & 0x7F]) + rest
            case "constant":
                descriptor = first + bytes([flags, 0x80, 7]) + rest
            case "none":
                descriptor = first + bytes([flags & 0x7F]) + rest
        return [data[:at] + descriptor + data[at + 6 :]]

    bad.spoil(renumbered)
    for blind in bad.blind:
        assert blind.packets > 300
    before = [blind.packets for blind in bad.blind]
    bad.call.run(AFTER)
    for blind, packets in zip(bad.blind, before, strict=True):
        assert blind.packets - packets > 300
    bad.check(healthy)
