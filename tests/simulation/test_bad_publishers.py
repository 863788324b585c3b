"""Whatever a publisher gets wrong, the others in its call see and hear each other as before."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.simulation.bad_publisher import AFTER, BAD, Bad, changed, payload_at, ssrc_of
from tests.simulation.sender import MID_ID, RID_ID


@pytest.fixture(scope="module")
def healthy():
    """How ann and cem see each other while bob does nothing wrong."""
    good = Bad()
    good.call.run(BAD + AFTER + 1.0)
    return good.ann.view_of(good.cem), good.cem.view_of(good.ann)


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


def test_a_moment_in_which_nothing_at_all_arrives_changes_no_layer(healthy) -> None:
    bad = Bad()
    bad.bob.sender.spoil = lambda data: ()
    bad.call.run(0.9)
    bad.bob.sender.spoil = lambda data: (data,)
    bad.call.run(AFTER)
    assert len(bad.view.freezes) == 1
    assert max(at for at, _, _ in bad.view.changes) < bad.at
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


def test_a_jump_in_the_sequence_with_every_picture(healthy) -> None:
    bad = Bad(blind=True)
    jumps: dict[int, int] = {}

    def jumping(data: bytes) -> list[bytes]:
        stamp = int.from_bytes(data[4:8], "big")
        return [changed(data, number=jumps.setdefault(stamp, 5_000 * len(jumps)))]

    bad.spoil(jumping)
    bad.check(healthy)
    before = [blind.packets for blind in bad.blind]
    bad.call.run(AFTER)
    for blind, packets in zip(bad.blind, before, strict=True):
        assert blind.packets - packets > 300
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
    bad.check(healthy, every=0.5)
