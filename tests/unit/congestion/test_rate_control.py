"""The rate grows to what is proven, falls below what came through and remembers the capacity."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.rate_control import Capacity, RateControl, State

MBIT = 1_000_000.0


def control(start: float = MBIT) -> RateControl:
    return RateControl(start, 30_000.0, 20 * MBIT)


def grow(rate: RateControl, seconds: float, now: float, throughput: float | None = None) -> float:
    """Good feedback each 100 ms; all of the estimate comes through unless told otherwise."""
    for _ in range(round(seconds * 10)):
        now += 0.1
        rate.increase(rate.estimate if throughput is None else throughput, now)
    return now


def test_it_grows_by_eight_percent_a_second_where_the_capacity_is_unknown() -> None:
    rate = control()
    grow(rate, 5.1, 0.0)
    assert rate.state is State.INCREASE
    assert abs(rate.estimate / MBIT - 1.08**5) < 0.02


def test_it_holds_while_little_is_sent() -> None:
    rate = control()
    grow(rate, 600.0, 0.0, throughput=0.3 * MBIT)
    assert rate.estimate == MBIT
    assert rate.state is State.HOLD


def test_it_grows_a_tenth_beyond_what_is_proven() -> None:
    rate = control()
    grow(rate, 60.0, 0.0, throughput=1.5 * MBIT)
    assert abs(rate.estimate - 1.65 * MBIT) < 1.0


def test_overuse_goes_below_what_came_through() -> None:
    rate = control(3 * MBIT)
    rate.overuse(2 * MBIT, "delay grows", 1.0)
    assert rate.estimate == 0.85 * 2 * MBIT
    assert rate.state is State.DECREASE
    assert rate.reason == "delay grows"


def test_overuse_never_raises() -> None:
    rate = control(MBIT)
    rate.overuse(5 * MBIT, "delay grows", 1.0)
    assert rate.estimate == MBIT
    assert rate.state is State.HOLD


def test_overuse_without_a_measure_is_a_step_down() -> None:
    rate = control(MBIT)
    rate.overuse(None, "queue stands", 1.0)
    assert rate.estimate == 0.85 * MBIT
    assert rate.capacity.mean is None


def test_near_the_known_capacity_it_gives_up_less_and_grows_slowly() -> None:
    rate = control(MBIT)
    rate.overuse(0.95 * MBIT, "delay grows", 1.0)
    now = grow(rate, 5.0, 1.0)
    assert 0.85 * MBIT < rate.estimate < 0.92 * MBIT
    now = grow(rate, 20.0, now)
    assert rate.estimate < 0.98 * MBIT
    before = rate.estimate
    rate.overuse(0.96 * MBIT, "queue stands", now)
    assert rate.estimate > 0.9 * before


def test_beyond_the_known_capacity_it_grows_fast_again() -> None:
    rate = control(MBIT)
    rate.overuse(0.95 * MBIT, "delay grows", 1.0)
    rate.prove(1.5 * MBIT, 2.0)
    assert rate.capacity.mean is None
    grow(rate, 5.0, 2.0)
    assert rate.estimate > 2 * MBIT


def test_a_decrease_takes_the_proof_back() -> None:
    rate = control(MBIT)
    rate.prove(3 * MBIT, 1.0)
    rate.overuse(0.5 * MBIT, "delay grows", 2.0)
    low = rate.estimate
    grow(rate, 60.0, 2.0, throughput=0.3 * MBIT)
    assert rate.estimate <= 1.1 * low


def test_a_probe_that_failed_lowers_little() -> None:
    rate = control(MBIT)
    rate.capped(0.2 * MBIT, 1.0)
    assert rate.estimate == 0.93 * MBIT
    rate.capped(2 * MBIT, 2.0)
    assert rate.estimate == 0.93 * 2 * MBIT


def test_the_capacity_follows_small_changes_and_starts_afresh_after_big_ones() -> None:
    capacity = Capacity()
    assert (capacity.low(), capacity.high()) == (0.0, float("inf"))
    for _ in range(20):
        capacity.observe(1.0 * MBIT)
        capacity.observe(1.02 * MBIT)
    assert capacity.mean is not None
    assert abs(capacity.mean - 1.01 * MBIT) < 0.01 * MBIT
    assert 0.75 * MBIT < capacity.low() < MBIT < 1.02 * MBIT < capacity.high() < 1.15 * MBIT
    capacity.observe(0.5 * MBIT)
    assert capacity.mean == 0.5 * MBIT


step = st.tuples(
    st.sampled_from(["increase", "overuse", "reduce", "prove", "capped", "follow", "hold"]),
    st.floats(-1e12, 1e12),
    st.floats(0.0, 100.0),
)


@given(st.lists(step, max_size=50))
def test_it_stays_within_its_bounds(steps: list[tuple[str, float, float]]) -> None:
    rate = control()
    now = 0.0
    for kind, value, pause in steps:
        now += pause
        match kind:
            case "overuse" | "reduce":
                getattr(rate, kind)(value, "test", now)
            case "follow":
                rate.follow(value, "test")
            case "hold":
                rate.hold("test", now)
            case _:
                getattr(rate, kind)(value, now)
        assert rate.minimum <= rate.estimate <= rate.maximum
