"""Layers are left out and taken in again without a frame that cannot be decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.media.layer_filter import ALL_LAYERS, LayerFilter
from sfu.rtp.codecs.mark import PayloadMark
from tests.unit.media.svc import Frame, ids, relay

L1T3, L3T3_KEY, L3T3 = (1, False), (3, True), (3, False)


# --- temporal layers by the mark of the payload ---


@dataclass
class Vp8:
    """A stream of single-packet frames, fed to a filter."""

    make_packet: object
    stream: object
    filter: LayerFilter = field(default_factory=LayerFilter)
    number: int = 0

    def out(self, temporal: int, *, sync: bool = False, key: bool = False, parts: int = 1) -> bool:
        """Whether the frame is left out; all of its packets must be treated alike."""
        seen = set()
        self.number += 1
        for part in range(parts):
            packet = self.make_packet(self.number * 10 + part, self.number * 3000)
            packet.mark = PayloadMark(
                key and not part, not part, temporal_id=temporal, switching_point=sync
            )
            seen.add(self.filter.leaves_out(self.stream, packet, newest=True))
        (same,) = seen
        return same


@pytest.fixture
def vp8(make_packet, make_stream) -> Vp8:
    made = Vp8(make_packet, make_stream())
    made.filter.restart()
    assert not made.out(0, key=True)
    return made


def test_fewer_layers_from_the_next_frame_on_not_within_one(vp8, make_packet) -> None:
    packet = make_packet(100, 99 * 3000)
    packet.mark = PayloadMark(False, True, temporal_id=2)
    assert not vp8.filter.leaves_out(vp8.stream, packet, newest=True)
    vp8.filter.limit(ALL_LAYERS, 0)
    assert not vp8.filter.leaves_out(vp8.stream, packet, newest=True)  # the rest of it
    assert vp8.out(1)
    assert vp8.out(2, parts=3)
    assert not vp8.out(0)


def test_more_layers_only_at_sync_frames_and_one_at_a_time(vp8) -> None:
    vp8.filter.limit(ALL_LAYERS, 0)
    assert vp8.out(2)
    vp8.filter.limit(ALL_LAYERS, 2)
    assert vp8.out(1)  # may refer to one that was left out
    assert vp8.out(2, sync=True)  # two layers above what is sent
    assert not vp8.out(0)
    assert not vp8.out(1, sync=True)
    assert vp8.out(2)
    assert not vp8.out(2, sync=True)
    assert not vp8.out(2)


def test_a_sync_frame_leads_no_higher_than_the_limit(vp8) -> None:
    vp8.filter.limit(ALL_LAYERS, 0)
    assert vp8.out(2)
    vp8.filter.limit(ALL_LAYERS, 1)
    assert not vp8.out(1, sync=True)
    assert vp8.out(2, sync=True)


def test_a_keyframe_leads_to_all_layers_at_once(vp8) -> None:
    vp8.filter.limit(ALL_LAYERS, 0)
    assert vp8.out(2)
    vp8.filter.limit(ALL_LAYERS, 2)
    assert not vp8.out(0, key=True)
    assert not vp8.out(2)


def test_after_nothing_at_all_only_a_keyframe_begins_and_is_awaited(vp8) -> None:
    vp8.filter.limit(ALL_LAYERS, -1)
    assert vp8.out(0, key=True)
    assert not vp8.filter.awaits_keyframe(vp8.stream)  # nothing is wanted
    vp8.filter.limit(ALL_LAYERS, 2)
    assert vp8.filter.awaits_keyframe(vp8.stream)
    assert vp8.out(0)
    assert vp8.out(1, sync=True)
    assert not vp8.out(0, key=True)
    assert not vp8.filter.awaits_keyframe(vp8.stream)


# --- SVC by the dependency descriptor ---


@pytest.mark.parametrize("spatial", [0, 1, 2])
@pytest.mark.parametrize("temporal", [0, 1, 2])
@pytest.mark.parametrize("mode", [L1T3, L3T3_KEY, L3T3])
def test_what_goes_out_is_the_decode_target_of_the_limit(mode, spatial, temporal) -> None:
    layers, key_only = mode
    top = min(spatial, layers - 1)
    run = relay(mode)
    run.out.limit(spatial, temporal)
    assert ids(run.picture(key=True)) == {(each, 0) for each in range(top + 1)}
    seen = set()
    for _ in range(8):
        seen |= ids(run.picture())
    sizes = [top] if key_only else range(top + 1)
    assert seen == {(size, rate) for size in sizes for rate in range(temporal + 1)}


def test_a_higher_frame_rate_begins_where_all_it_needs_was_sent() -> None:
    run = relay(L1T3)
    run.out.limit(0, 0)
    pattern = [bool(run.picture()) for _ in range(7)]
    assert pattern == [False, False, False, True, False, False, False]
    run.out.limit(0, 2)
    assert [bool(run.picture()) for _ in range(5)] == [True] * 5  # T0 is a switch


def test_a_switch_is_postponed_where_a_frame_before_it_was_lost() -> None:
    run = relay(L1T3)
    for _ in range(3):
        run.picture()
    run.out.limit(0, 0)
    assert run.picture()
    for _ in range(3):
        assert not run.picture()
    run.picture(lost=frozenset({0}))  # the T0 that the next one refers to
    run.out.limit(0, 2)
    for _ in range(3):
        assert not run.picture()
    assert ids(run.picture()) == {(0, 0)}
    assert not run.picture()  # still not: that T0 refers to the lost one


def test_without_switch_frames_only_a_keyframe_leads_to_more() -> None:
    run = relay(L1T3, chained=True)
    run.out.limit(0, 0)
    for _ in range(4):
        run.picture()
    run.out.limit(0, 2)
    for _ in range(12):
        assert ids(run.picture()) <= {(0, 0)}
    assert run.picture(key=True)
    assert ids(run.picture()) == {(0, 2)}


@pytest.mark.parametrize("mode", [L3T3_KEY, L3T3])
def test_more_sizes_await_a_keyframe(mode) -> None:
    run = relay(mode)
    run.out.limit(0, 2)
    run.picture(key=True)
    assert not run.out.awaits_keyframe
    run.out.limit(2, 2)
    assert run.out.awaits_keyframe
    for _ in range(8):
        assert ids(run.picture()) <= {(0, rate) for rate in range(3)}
    assert run.out.awaits_keyframe
    assert ids(run.picture(key=True)) == {(0, 0), (1, 0), (2, 0)}
    assert not run.out.awaits_keyframe


def test_fewer_sizes_are_given_at_once_where_the_small_ones_are_part_of_the_large() -> None:
    run = relay(L3T3)
    run.picture()
    run.out.limit(1, 1)
    assert not run.out.awaits_keyframe
    assert ids(run.picture()) == {(0, 1), (1, 1)}


def test_fewer_sizes_await_a_keyframe_where_sizes_are_apart() -> None:
    run = relay(L3T3_KEY)
    for _ in range(5):
        run.picture()  # since when the smaller ones of the key picture are too far back
    run.out.limit(1, 2)
    assert run.out.awaits_keyframe
    for _ in range(8):
        assert {frame.spatial_id for frame in run.picture()} == {2}
    run.picture(key=True)
    assert {frame.spatial_id for frame in run.picture()} == {1}


def test_after_nothing_at_all_svc_goes_on_with_a_keyframe() -> None:
    run = relay(L3T3)
    run.out.limit(2, -1)
    for _ in range(5):
        assert not run.picture()
    run.out.limit(2, 2)
    assert run.out.awaits_keyframe
    for _ in range(9):
        assert not run.picture()  # refers to what was not sent
    assert len(run.picture(key=True)) == 3
    assert not run.out.awaits_keyframe


def test_the_highest_layer_that_is_sent_ends_the_picture() -> None:
    run = relay(L3T3)
    run.out.limit(1, 2)
    run.picture(key=True)
    run.markers.clear()
    for _ in range(4):
        run.picture(packets=2)
    assert run.markers == [(number, number % 3 == 1) for number, _ in run.markers]


# --- any script ---


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([L1T3, L3T3_KEY, L3T3]),
    st.booleans(),
    st.integers(0, 2**32),
    st.lists(
        st.tuples(st.integers(1, 6), st.integers(0, 2), st.integers(-1, 2), st.booleans()),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([0.0, 0.1]),
)
def test_whatever_is_sent_can_be_decoded(mode, chained, seed, script, loss) -> None:
    """But for what was lost on its way here; and the numbers that go out have no gap of ours."""
    run, random = relay(mode, chained=chained), Random(seed)
    frames: dict[int, Frame] = {}
    for pictures, spatial, temporal, key in script:
        run.out.limit(spatial, temporal)
        for index in range(pictures):
            gone = frozenset(each for each in range(3) if random.random() < loss)
            packets = random.randint(1, 3)
            for frame in run.picture(key=key and not index, packets=packets, lost=gone):
                frames[frame.number] = frame
    for frame in frames.values():
        for distance in frame.references:
            assert frame.number - distance in run.sent | run.lost
    steps = [(after - before) & 0xFFFF for before, after in pairwise(run.outgoing)]
    assert all(step >= 1 for step in steps)
    assert sum(step - 1 for step in steps) <= run.number - run.came
