"""Numbers that wrap are brought into a line."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.sequence import SequenceUnwrapper


@given(st.integers(0, 65535), st.lists(st.integers(-500, 500), max_size=300))
def test_any_walk_over_the_wrap_is_followed(start: int, steps: list[int]) -> None:
    sequences = SequenceUnwrapper()
    origin = highest = 10 * 65536 + start
    first = sequences.unwrap(origin & 0xFFFF)
    for step in steps:
        position = highest + step
        highest = max(highest, position)
        assert sequences.unwrap(position & 0xFFFF) - first == position - origin
