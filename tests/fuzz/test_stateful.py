"""A short run over what keeps state; ``make fuzz`` is the long one."""

from __future__ import annotations

import pytest

from tests.fuzz.run import fuzz
from tests.fuzz.stateful import Data, InCall, LiveTransport

# Some seconds each.
INPUTS = {LiveTransport: 8_000, InCall: 6_000, Data: 1_500}


@pytest.mark.parametrize("made", INPUTS)
def test_whatever_comes_in_all_else_goes_on(made: type[LiveTransport | InCall | Data]) -> None:
    target = made().target()
    outcome = fuzz(target, seed=1, inputs=INPUTS[made])
    assert outcome.found == []
