"""Whole rooms in virtual time."""

from __future__ import annotations

import pytest

from tests.simulation.simulator import Call


@pytest.fixture
def new_call() -> type[Call]:
    """Makes a call: ``new_call(seed=1, room_capacity=6)``."""
    return Call
