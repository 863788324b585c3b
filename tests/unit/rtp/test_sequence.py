"""Numbers that wrap are brought into a line."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.sequence import SequenceUnwrapper, TimestampUnwrapper, sequence_newer


def test_newer() -> None:
    assert sequence_newer(1, 0)
    assert sequence_newer(0, 65535)
    assert not sequence_newer(65535, 0)
    assert not sequence_newer(5, 5)


@given(st.integers(0, 65535), st.lists(st.integers(-500, 500), max_size=300))
def test_any_walk_over_the_wrap_is_followed(start: int, steps: list[int]) -> None:
    sequences, timestamps = SequenceUnwrapper(), TimestampUnwrapper()
    position = highest = 10 * 65536 + start
    first = sequences.unwrap(position & 0xFFFF)
    first_timestamp = timestamps.unwrap(position * 70000 & 0xFFFFFFFF)
    origin = position
    for step in steps:
        position = highest + step
        highest = max(highest, position)
        assert sequences.unwrap(position & 0xFFFF) - first == position - origin
        assert (
            timestamps.unwrap(position * 70000 & 0xFFFFFFFF) - first_timestamp
            == (position - origin) * 70000
        )
