"""Short versions of the endurance runs, so that these still work when somebody needs them.

Memory says nothing in so short a time; what remains of who is gone does.
"""

from __future__ import annotations

import pytest

from tests.chaos.rig import running
from tests.endurance.cycles import run
from tests.endurance.hellos import under_spray
from tests.endurance.soak import soak

pytestmark = pytest.mark.timeout(240)


async def test_nothing_remains_of_those_who_left_and_those_who_died() -> None:
    result = await run(40, 12, {}, trace=False)
    assert result["outcome"] == {"left": 40, "crashed": 6, "vanished": 6}
    assert [each for each in result["problems"] if "memory" not in each] == []


async def test_a_call_goes_on_in_bad_weather_and_nothing_remains_of_it() -> None:
    report = await soak(12.0)
    assert report["problems"] == []
    assert report["joins"] > 5


async def test_joins_succeed_while_strangers_say_hello() -> None:
    async with running() as server:
        result = await under_spray(server, 25, rate=1000)
    assert result["outcome"] == {"joined": 25}
    assert (result["answers_to_strangers"], result["kept"]) == (0, {})
