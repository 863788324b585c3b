"""The measures in native code tell what those in Python tell, whatever arrives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.congestion import measures
from sfu.congestion.measures import PYTHON, Measures
from sfu.rtp.transport_cc import TransportFeedback

pytest.importorskip("sfu.congestion._measures")

# Sent so long after the one before, arrived with so much delay, so many bytes.
_STEPS = st.tuples(
    st.one_of(st.sampled_from([0.0, 0.001, 0.03, 0.6, 3.0, 11.0]), st.floats(-0.01, 0.05)),
    st.one_of(st.floats(0.0, 0.3), st.floats(-4.0, 4.0)),
    st.integers(40, 1500),
)
_FEEDBACKS = st.lists(st.lists(_STEPS, max_size=40), max_size=20)


@pytest.fixture(scope="module")
def native() -> Measures:
    return measures.native()


def test_native_code_is_what_is_given_where_it_was_built(native: Measures) -> None:
    assert native is not PYTHON
    assert native.history is not PYTHON.history


def _packets(feedbacks: list[list[tuple[float, float, int]]]) -> list[list[Any]]:
    at, told = 1000.0, []
    for steps in feedbacks:
        packets = []
        for step, delay, size in steps:
            at += step
            packets.append((at, at - 990.0 + delay, size))
        told.append(packets)
    return told


@settings(deadline=None, max_examples=20)
@given(feedbacks=_FEEDBACKS)
def test_the_rate_that_got_through_is_the_same(
    native: Measures, feedbacks: list[list[tuple[float, float, int]]]
) -> None:
    ours, theirs = PYTHON.acked(), native.acked()
    for packets in _packets(feedbacks):
        ours.add(packets)
        theirs.add(packets)
        now = packets[-1][0] if packets else 1000.0
        for each in (now, now + 1.0, now + 2.5):
            assert ours.rate(each) == theirs.rate(each)
        assert ours.covered() is theirs.covered()
        assert ours.recent_rate() == theirs.recent_rate()


@settings(deadline=None, max_examples=20)
@given(feedbacks=_FEEDBACKS, accepts=st.integers(0, 20))
def test_the_standing_queue_is_the_same(
    native: Measures, feedbacks: list[list[tuple[float, float, int]]], accepts: int
) -> None:
    ours, theirs = PYTHON.queue(), native.queue()
    for number, packets in enumerate(_packets(feedbacks)):
        ours.add(packets)
        theirs.add(packets)
        if number == accepts:
            ours.accept()
            theirs.accept()
        assert ours.known() is theirs.known()
        assert ours.seconds() == theirs.seconds()
        assert ours.nearer() is theirs.nearer()


@settings(deadline=None, max_examples=20)
@given(feedbacks=_FEEDBACKS)
def test_the_trend_is_the_same(
    native: Measures, feedbacks: list[list[tuple[float, float, int]]]
) -> None:
    ours, theirs = PYTHON.gradient(), native.gradient()
    for packets in _packets(feedbacks):
        ours.add(packets)
        theirs.add(packets)
        assert ours.usage is theirs.usage
        # From Python 3.12 on, sum() is more exact than one addition after the other.
        assert theirs.slope == pytest.approx(ours.slope, rel=1e-6, abs=1e-9)


@settings(deadline=None, max_examples=20)
@given(
    bursts=st.lists(
        st.tuples(st.integers(1, 6), st.floats(0.0, 0.02), st.floats(0.0, 0.05)), max_size=60
    )
)
def test_a_faster_path_is_seen_at_the_same_time(
    native: Measures, bursts: list[tuple[int, float, float]]
) -> None:
    ours, theirs = PYTHON.dispersion(), native.dispersion()
    for number, (count, span, pause) in enumerate(bursts):
        at = 1000.0 + number * 0.03 + pause
        packets = [(at, at + place * span / count, 1200) for place in range(count)]
        ours.add(packets)
        theirs.add(packets)
        assert ours.risen() is theirs.risen()


_CALLS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(1, 600), st.integers(0, 2)),
        st.tuples(
            st.just("tell"),
            st.integers(0, 0xFFFF),
            st.lists(
                st.one_of(st.none(), st.integers(0, 400), st.integers(-(10**6), 10**6)),
                max_size=200,
            ),
            st.one_of(st.integers(0, 20), st.integers(-(1 << 23), (1 << 23) - 1)),
        ),
        st.tuples(st.just("near"), st.integers(-20, 300), st.integers(0, 300), st.integers(0, 4)),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=20)
@given(calls=_CALLS)
def test_fates_are_the_same(native: Measures, calls: list[tuple[Any, ...]]) -> None:
    ours, theirs = PYTHON.history(), native.history()
    now, numbered = 50.0, 0
    for call in calls:
        now += 0.013
        if call[0] == "send":
            for count in range(call[1]):
                size = 100 + count
                number = ours.record(size, now, call[2])
                assert theirs.record(size, now, call[2]) == number
                numbered = number
        else:
            if call[0] == "tell":
                _, base, arrivals, reference = call
            else:
                _, back, count, lost = call
                base = (numbered - back) & 0xFFFF
                arrivals = [None if lost and n % 5 < lost else 3 * n for n in range(count)]
                reference = int(now / 0.064)
            feedback = TransportFeedback(1, 2, base, 0, reference, arrivals)
            assert ours.resolve(feedback, now) == theirs.resolve(feedback, now)
        assert ours.ignored == theirs.ignored
        assert ours.sent_bytes == theirs.sent_bytes
        assert ours.unreported_since() == theirs.unreported_since()


def test_what_is_no_packet_is_refused_and_does_no_harm(native: Measures) -> None:
    bad: list[Any] = [None, [None], [(1.0, 2.0)], [("a", 2.0, 3)], [(1.0, 2.0, 3.5)], "abc"]
    for each in bad:
        for part in (native.acked(), native.gradient(), native.queue(), native.dispersion()):
            with pytest.raises(TypeError):
                part.add(each)
    history = native.history()
    with pytest.raises(TypeError):
        history.record("a", 1.0)  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        history.record(-1, 1.0)
    history.record(100, 1.0)
    with pytest.raises(TypeError):
        history.resolve(TransportFeedback(1, 2, 0, 0, 0, ["x"]), 1.0)  # type: ignore[list-item]
    with pytest.raises(AttributeError):
        history.resolve(None, 1.0)  # type: ignore[arg-type]
