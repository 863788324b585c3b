"""The pacer lets a burst pass and then holds its rate."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.pacer import BURST_BYTES, BURST_SECONDS, Pacer


def test_a_burst_passes_and_then_the_rate_counts() -> None:
    pacer = Pacer(80_000.0)
    allowed = sum(pacer.allow(1200, 5.0) for _ in range(10))
    assert allowed == BURST_BYTES // 1200
    assert not pacer.allow(1200, 5.1)
    assert pacer.allow(1200, 5.12)


def test_the_rate_can_be_changed() -> None:
    pacer = Pacer(0.0)
    while pacer.allow(1200, 0.0):
        pass
    assert not pacer.allow(1200, 100.0)
    pacer.rate = 1_000_000.0
    assert pacer.allow(1200, 100.01)


@given(
    st.lists(st.tuples(st.integers(1, 1500), st.floats(0.0, 0.2)), max_size=200),
    st.floats(0.0, 10_000_000.0),
)
def test_never_more_than_a_burst_beside_the_rate(
    asked: list[tuple[int, float]], rate: float
) -> None:
    pacer = Pacer(rate)
    now = total = 0.0
    for size, pause in asked:
        now += pause
        total += size if pacer.allow(size, now) else 0
    assert total <= max(BURST_BYTES, rate / 8 * BURST_SECONDS) + rate / 8 * now + 1.0
