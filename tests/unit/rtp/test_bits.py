"""Numbers of any width: in order, short codes as specified, nothing behind the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.rtp.bits import BitReader, BitWriter

plain = st.integers(0, 20).flatmap(
    lambda width: st.tuples(st.just("write"), st.just(width), st.integers(0, (1 << width) - 1))
)
below = st.integers(1, 70).flatmap(
    lambda limit: st.tuples(st.just("write_below"), st.just(limit), st.integers(0, limit - 1))
)


@given(st.lists(plain | below, max_size=30))
def test_what_is_written_is_read_back(numbers: list[tuple[str, int, int]]) -> None:
    writer = BitWriter()
    for method, size, value in numbers:
        getattr(writer, method)(size, value)
    reader = BitReader(writer.to_bytes(), "x")
    for method, size, value in numbers:
        assert getattr(reader, method.replace("write", "read"))(size) == value
    with pytest.raises(MalformedPacket, match="x"):
        reader.read(8)


@pytest.mark.parametrize(
    ("value", "code"), [(0, "00"), (1, "01"), (2, "10"), (3, "110"), (4, "111")]
)
def test_numbers_below_five_have_the_codes_of_the_specification(value: int, code: str) -> None:
    writer = BitWriter()
    writer.write_below(5, value)
    writer.write(len(code), 0)  # so that leading zeros count
    both = int(code + "0" * len(code), 2) << -2 * len(code) % 8
    assert writer.to_bytes() == bytes([both])


@pytest.mark.parametrize(
    ("method", "size", "value"),
    [("write", 2, 4), ("write", 2, -1), ("write_below", 5, 5), ("write_below", 5, -1)],
)
def test_a_number_that_has_no_room_is_refused(method: str, size: int, value: int) -> None:
    with pytest.raises(ValueError, match=r"is not below|does not fit"):
        getattr(BitWriter(), method)(size, value)
