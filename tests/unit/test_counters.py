import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.counters import Counters, Histogram


def test_a_bound_belongs_to_its_own_bucket():
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 2.5):
        histogram.observe(value)
    assert histogram.counts == [2, 2, 1]
    assert histogram.total == pytest.approx(7.5)


@given(st.lists(st.floats(0.0, 100.0), max_size=50))
def test_every_observation_is_in_exactly_one_bucket(values):
    histogram = Histogram((0.1, 1.0, 10.0))
    for value in values:
        histogram.observe(value)
    assert sum(histogram.counts) == len(values)
    assert histogram.counts[0] == sum(value <= 0.1 for value in values)
    assert histogram.counts[-1] == sum(value > 10.0 for value in values)


def test_audio_and_video_are_counted_apart():
    counters = Counters()
    counters.traffic("audio").packets_in += 1
    counters.traffic("video").packets_in += 2
    assert (counters.audio.packets_in, counters.video.packets_in) == (1, 2)


def test_two_servers_in_one_process_count_apart():
    first, second = Counters(), Counters()
    first.drops["unknown-address"] += 1
    first.join_phases["dtls"].observe(0.01)
    assert not second.drops
    assert sum(second.join_phases["dtls"].counts) == 0
