"""A short run over every parser; ``make fuzz`` is the long one."""

from __future__ import annotations

import pytest

from tests.fuzz.run import fuzz
from tests.fuzz.targets import Target, parsers

# About a second each.
INPUTS = {"sdp": 600, "offer": 300}
USUAL = 20_000


@pytest.mark.parametrize("target", parsers(), ids=lambda target: target.name)
def test_any_input_is_read_or_refused_in_good_time(target: Target) -> None:
    outcome = fuzz(target, seed=1, inputs=INPUTS.get(target.name, USUAL))
    assert outcome.found == []
    # A corpus that is refused as a whole, or never, tests little.
    assert 0 < outcome.refused < outcome.inputs
