"""Feeds one target with mutated input, and says what it let through that it should not."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field

from tests.fuzz.mutation import Mutator
from tests.fuzz.targets import Target

# A slow input is measured again this often: a busy machine is slow too, but not always.
_AGAIN = 5
_MAX_FOUND = 5
_BETWEEN = 200  # inputs


@dataclass
class Outcome:
    """How many inputs were taken and refused, the slowest in seconds, and what was found."""

    inputs: int = 0
    refused: int = 0
    slowest: float = 0.0
    found: list[str] = field(default_factory=list)


def fuzz(target: Target, seed: int, *, inputs: int = 0, seconds: float = 0.0) -> Outcome:
    """So many inputs, or as many as so much time takes; stops when too much was found."""
    mutator, outcome = Mutator(seed), Outcome()
    make = mutator.text if target.text else mutator.datagram
    end = time.monotonic() + seconds
    clock = time.thread_time
    while outcome.inputs < inputs or time.monotonic() < end:
        data = make(target.seeds)
        outcome.inputs += 1
        began = clock()
        try:
            target.run(data)
        except target.refusals:
            outcome.refused += 1
        except Exception as error:
            outcome.found.append(f"{target.name}: {error!r} of {data.hex()}")
        took = clock() - began
        if took > target.seconds:
            took = min(_time(target, data) for _ in range(_AGAIN))
            if took > target.seconds:
                outcome.found.append(f"{target.name}: {took * 1000:.1f} ms for {data.hex()}")
        if not outcome.inputs % _BETWEEN:
            try:
                target.between()
            except Exception as error:
                outcome.found.append(f"{target.name}: {error!r} after {outcome.inputs} inputs")
        outcome.slowest = max(outcome.slowest, min(took, target.seconds))
        if len(outcome.found) >= _MAX_FOUND:
            break
    return outcome


def _time(target: Target, data: bytes) -> float:
    began = time.thread_time()
    with contextlib.suppress(Exception):
        target.run(data)
    return time.thread_time() - began
