"""A server process with a back door for tests: what it holds, and faults that are put into it.

``python -m tests.chaos.server '{"setting": value}'`` serves as ``sfu serve`` does and prints one
line of JSON: ``url``, ``udp`` and ``door``, a TCP port. There a line of JSON asks, one answers.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import uvloop

from sfu.config import Settings
from sfu.room import seats
from sfu.server import logs
from sfu.server.app import Server, serve
from sfu.transport import ice_lite
from tests.chaos import faults
from tests.chaos.tables import allocated, instances, tables

# Who dies is noticed sooner, so that a thousand can die in minutes; the order stays the same.
SOON = {
    (seats, "AWAY_SECONDS"): 0.5,
    (seats, "GHOST_SECONDS"): 1.5,
    (seats, "SILENT_SECONDS"): 3.0,
    (seats, "SEAT_SECONDS"): 4.0,
    (ice_lite, "CONSENT_SECONDS"): 6.0,
}


class BackDoor:
    """Answers ``look``, ``fault``, ``faults``, ``trim``, ``trace`` and ``traced_since``."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._traced: tracemalloc.Snapshot | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it ends."""
        while line := await reader.readline():
            asked = json.loads(line)
            answer = getattr(self, f"_{asked.pop('ask')}")(**asked)
            writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    def _look(self) -> dict[str, Any]:
        gc.collect()
        return {
            "tables": tables(self._server),
            "tasks": len(asyncio.all_tasks()),
            "descriptors": len(list(Path("/proc/self/fd").iterdir())),
            "resident": int(Path("/proc/self/statm").read_text().split()[1])
            * os.sysconf("SC_PAGE_SIZE"),
            "allocated": allocated(),
            "instances": instances(),
            "bugs": dict(self._server.counters.bugs),
            "joins": self._server.counters.joins,
            "leaves": dict(self._server.counters.leaves),
        }

    def _fault(self, point: str, participant: str, kind: str, seconds: float = 0.0) -> bool:
        faults.inject(self._server, point, participant, kind, seconds)
        return True

    def _faults(self) -> list[str]:
        return list(faults.POINTS)

    def _trim(self) -> int:
        """Memory when the C library has given back what it only keeps."""
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        return int(self._look()["resident"])

    def _trace(self) -> bool:
        tracemalloc.start(12)
        gc.collect()
        self._traced = tracemalloc.take_snapshot()
        return True

    def _traced_since(self) -> list[str]:
        assert self._traced is not None
        gc.collect()
        now = tracemalloc.take_snapshot()
        found = now.compare_to(self._traced, "traceback")
        return [
            f"{each.size_diff:+d} B in {each.count_diff:+d}: " + " < ".join(each.traceback.format())
            for each in found[:15]
        ]


def main() -> None:
    wanted = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    if wanted.pop("soon", False):
        for (module, name), value in SOON.items():
            assert hasattr(module, name)
            setattr(module, name, value)
    lists = {name: tuple(value) for name, value in wanted.items() if isinstance(value, list)}
    settings = Settings(**{"http_port": 0, "udp_port": 0} | wanted | lists)
    logs.configure(sys.stderr, level=settings.log_level, form="json")
    doors: list[asyncio.Task[Any]] = []

    def ready(server: Server) -> None:
        async def open_door() -> None:
            back = BackDoor(server)
            door = await asyncio.start_server(back.serve, "127.0.0.1", 0)
            told = {
                "url": server.url.rstrip("/"),
                "udp": server.udp_port,
                "door": door.sockets[0].getsockname()[1],
            }
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()

        doors.append(asyncio.get_running_loop().create_task(open_door()))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, ready))


if __name__ == "__main__":
    main()
