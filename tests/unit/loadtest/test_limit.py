"""The search for the largest load: it ends, and says what it found."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from loadtest.limit import Limit, Outcome, find_limit


def found(capacity: int, *, start: int, largest: int, clumsy: int = 10**9) -> tuple[Limit, int]:
    """The limit of a server of that capacity, by a load test that copes with ``clumsy``."""
    tried: list[int] = []

    async def attempt(size: int) -> Outcome:
        tried.append(size)
        if size > clumsy:
            return Outcome.UNKNOWN
        return Outcome.GOOD if size <= capacity else Outcome.BAD

    limit = asyncio.run(find_limit(attempt, start=start, largest=largest))
    assert len(tried) == len(set(tried))
    return limit, len(tried)


@given(st.integers(0, 2000), st.integers(1, 300), st.integers(1, 2000))
def test_the_limit_is_close_to_the_capacity_and_never_above(
    capacity: int, start: int, largest: int
) -> None:
    limit, attempts = found(capacity, start=start, largest=largest)
    assert limit.known
    assert limit.good <= min(capacity, largest)
    if limit.bad is None:
        assert limit.good == largest
    else:
        assert capacity < limit.bad
        assert limit.bad - limit.good <= max(1, 0.05 * limit.good)
    assert attempts <= 25


def test_a_load_test_that_cannot_keep_up_ends_the_search_and_says_so() -> None:
    limit, _ = found(1000, start=10, largest=1000, clumsy=50)
    assert limit == Limit(40, None, known=False)


def test_a_server_that_carries_nothing_has_the_limit_zero() -> None:
    assert found(0, start=8, largest=100)[0] == Limit(0, 1)
