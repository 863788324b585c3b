"""Between receive and send there is one call stack: nothing is decoded, queued or awaited."""

from __future__ import annotations

import ast
import asyncio
import sys
import threading
from pathlib import Path

import pytest

import sfu
from tests.simulation.simulator import Call

SOURCE = Path(sfu.__file__).parent
# What the forwarding path runs through; it must not even be able to decode or wait.
PATH = ("rtp", "sdp", "congestion", "transport", "media", "room", "signaling")
FORBIDDEN = {"asyncio", "threading", "concurrent", "queue", "multiprocessing", "av", "aiortc"}


@pytest.mark.parametrize("package", PATH)
def test_the_core_imports_nothing_that_decodes_or_waits(package: str) -> None:
    files = list((SOURCE / package).rglob("*.py"))
    assert files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not {name.partition(".")[0] for name in names} & FORBIDDEN, file
            assert not isinstance(node, ast.AsyncFunctionDef | ast.Await), file


def test_a_call_runs_without_tasks_threads_futures_and_codecs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    created: list[str] = []

    def note(what: str):
        def forbidden(*_args: object, **_kwargs: object) -> None:
            created.append(what)
            raise AssertionError(f"the forwarding path made a {what}")

        return forbidden

    call = Call()
    ann, bob = call.browser("ann", up={"loss": 0.02}), call.browser("bob", down={"loss": 0.02})
    call.run(1.0)
    monkeypatch.setattr(asyncio, "create_task", note("task"))
    monkeypatch.setattr(asyncio, "ensure_future", note("future"))
    monkeypatch.setattr(asyncio.events, "get_running_loop", note("loop"))
    monkeypatch.setattr(threading.Thread, "start", note("thread"))
    if "av" in sys.modules:
        monkeypatch.setattr(sys.modules["av"], "CodecContext", note("codec"))
    before = call.counters.video.packets_out
    call.run(3.0)
    assert call.counters.video.packets_out > before + 200
    assert call.counters.retransmitted_out > 0
    assert call.counters.bugs.total() == 0
    assert created == []
    assert ann.picture_of(bob) is not None
