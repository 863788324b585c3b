"""Stamps come back as they were written, from the end of any payload."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from loadtest import stamp


@given(st.binary(max_size=200), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_stamp_is_read_behind_any_payload(payload: bytes, publisher: int, number: int) -> None:
    before = time.time()
    found = stamp.read(payload + stamp.write(publisher, number))
    assert found is not None
    assert (found.publisher, found.number) == (publisher, number)
    assert before <= found.sent <= time.time()


@given(st.binary(max_size=200), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_an_escaped_stamp_is_read_as_well_and_begins_no_nal_unit(
    payload: bytes, publisher: int, number: int
) -> None:
    written = stamp.escaped(stamp.write(publisher, number))
    assert len(written) == stamp.ESCAPED_SIZE
    assert b"\0\0\1" not in b"\xff" + written
    assert b"\0\0\0" not in b"\xff" + written
    found = stamp.read(payload + written)
    assert found is not None
    assert (found.publisher, found.number) == (publisher, number)


def test_payloads_of_others_have_no_stamp() -> None:
    assert stamp.read(b"") is None
    assert stamp.read(bytes(stamp.SIZE - 1)) is None
    assert stamp.read(bytes(200)) is None


def test_participants_have_names_of_their_own() -> None:
    assert len({stamp.name_of(f"p{n}") for n in range(1000)}) == 1000
