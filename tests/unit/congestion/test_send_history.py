"""The send history tells each packet's fate once, and believes nothing impossible."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.send_history import CAPACITY, SendHistory
from sfu.rtp.transport_cc import TransportFeedback


def feedback(base: int, arrivals: list[int | None], reference: int = 100) -> TransportFeedback:
    return TransportFeedback(1, 2, base & 0xFFFF, 0, reference, arrivals)


def sent(count: int) -> SendHistory:
    history = SendHistory()
    for index in range(count):
        assert history.record(1000 + index, index * 0.01) == index & 0xFFFF
    return history


def test_each_packet_gets_its_fate() -> None:
    history = SendHistory()
    history.record(1200, 1.0)
    history.record(300, 1.02, probe=7)
    history.record(500, 1.03)
    fates = history.resolve(feedback(0, [0, None, 80]), 1.1)
    (sent_at, first, size), (_, last, _) = fates.arrived
    assert (sent_at, size) == (1.0, 1200)
    assert fates.lost == [1.02]
    assert abs(last - first - 0.02) < 1e-9
    assert fates.newest == 1.03
    assert history.sent_bytes == 2000


def test_padding_is_not_media() -> None:
    history = SendHistory()
    history.record(1200, 1.0)
    history.record(300, 1.02, probe=7)
    fates = history.resolve(feedback(0, [0, 80]), 1.1)
    assert [size for _, _, size in fates.arrived] == [1200, 300]
    assert [size for _, _, size in fates.media] == [1200]


def test_what_was_reported_before_is_ignored() -> None:
    history = sent(3)
    assert len(history.resolve(feedback(0, [0, 4, None]), 0.1)) == 3
    assert not history.resolve(feedback(0, [0, 4, None]), 0.2)
    assert history.ignored == 3


def test_a_packet_that_was_called_lost_may_still_arrive() -> None:
    history = sent(2)
    history.resolve(feedback(0, [0, None]), 0.1)
    fates = history.resolve(feedback(1, [40]), 0.2)
    assert (len(fates.arrived), fates.late) == (1, 1)


def test_packets_never_sent_are_ignored() -> None:
    history = sent(10)
    assert not history.resolve(feedback(10, [0, 1, 2]), 0.2)
    assert len(history.resolve(feedback(8, [0, 1, 2, 3]), 0.2)) == 2
    assert history.ignored == 5
    assert not SendHistory().resolve(feedback(5, [0, 1]), 0.2)


def test_packets_that_fell_out_of_the_ring_are_ignored() -> None:
    history = sent(CAPACITY + 10)
    fates = history.resolve(feedback(0, [0] * 20), 99.0)
    assert [size for _, _, size in fates.arrived] == [1000 + index for index in range(10, 20)]
    assert history.ignored == 10


def test_numbers_wrap() -> None:
    history = sent(65_546)
    fates = history.resolve(feedback(65_530, [0] * 16), 700.0)
    assert [size for _, _, size in fates.arrived] == list(range(1000 + 65_530, 1000 + 65_546))


def test_the_receivers_clock_wraps() -> None:
    history = sent(2)
    ((_, before, _),) = history.resolve(feedback(0, [0], reference=0x7FFFFF), 1.0).arrived
    ((_, after, _),) = history.resolve(feedback(1, [0], reference=-0x800000), 1.064).arrived
    assert abs(after - before - 0.064) < 1e-9


def test_a_clock_that_jumps_is_not_believed_once_and_then_followed() -> None:
    history = sent(3)
    ((_, before, _),) = history.resolve(feedback(0, [0], reference=100), 1.0).arrived
    assert not history.resolve(feedback(1, [0], reference=90_000), 1.1)
    assert history.ignored == 1
    ((_, after, _),) = history.resolve(feedback(2, [0], reference=90_001), 1.164).arrived
    assert abs(after - before - 0.164) < 1e-9


def test_impossible_offsets_are_ignored() -> None:
    history = sent(2)
    assert not history.resolve(feedback(0, [10_000_000, -10_000_000]), 1.0)
    assert history.ignored == 2


def test_it_tells_since_when_nothing_is_reported() -> None:
    history = sent(3)
    assert history.unreported_since() == 0.0
    history.resolve(feedback(0, [0, None]), 0.1)
    assert history.unreported_since() == 0.02
    history.resolve(feedback(2, [0]), 0.2)
    assert history.unreported_since() is None


@given(
    st.lists(
        st.tuples(
            st.integers(0, 0xFFFF),
            st.integers(-0x800000, 0x7FFFFF),
            st.lists(st.one_of(st.none(), st.integers(-(2**31), 2**31)), max_size=50),
        ),
        max_size=20,
    ),
    st.integers(0, 200),
)
def test_any_feedback_resolves_only_what_was_sent(
    reports: list[tuple[int, int, list[int | None]]], count: int
) -> None:
    history = sent(count)
    arrived = told = resolved = 0
    for base, reference, arrivals in reports:
        fates = history.resolve(feedback(base, arrivals, reference), 2.0)
        told += len(arrivals)
        resolved += len(fates)
        arrived += len(fates.arrived)
    assert arrived <= count
    assert resolved + history.ignored == told
