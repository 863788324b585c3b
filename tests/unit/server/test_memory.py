"""Memory goes back to the system when nobody is here, and only then."""

from __future__ import annotations

import asyncio

import pytest

from sfu.server import memory
from sfu.server.memory import Memory


@pytest.mark.parametrize("empty", [True, False])
async def test_it_is_given_back_once_nobody_is_here(
    monkeypatch: pytest.MonkeyPatch, empty: bool
) -> None:
    monkeypatch.setattr(memory, "EMPTY_SECONDS", 0.01)
    calls: list[int] = []
    kept = Memory(lambda: empty)
    kept._trim = calls.append
    kept.emptied()
    kept.emptied()
    await asyncio.sleep(0.1)
    assert calls == [0] * empty


async def test_it_is_not_given_back_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "EMPTY_SECONDS", 0.01)
    calls: list[int] = []
    kept = Memory(lambda: True)
    kept._trim = calls.append
    kept.emptied()
    kept.close()
    await asyncio.sleep(0.1)
    assert calls == []
