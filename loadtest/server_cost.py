"""What a server spends: processor time and memory, from /proc or from its own metrics."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import aiohttp

_PATIENCE = aiohttp.ClientTimeout(total=3)


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time so far, and resident bytes."""

    cpu: float
    memory: int


class CostMeter:
    """Asks /proc for ``pid``, else the /metrics of ``url``; both are Linux's own numbers."""

    def __init__(self, url: str, pid: int | None) -> None:
        self._metrics = f"{url.rstrip('/')}/metrics"
        self._pid = pid

    async def read(self) -> Cost | None:
        """The present cost; None when nobody tells."""
        if self._pid is not None:
            try:
                return await asyncio.to_thread(of_process, self._pid)
            except (OSError, ValueError, IndexError):
                return None
        try:
            async with (
                aiohttp.ClientSession(timeout=_PATIENCE) as http,
                http.get(self._metrics) as response,
            ):
                return from_metrics(await response.text())
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None


def of_process(pid: int, proc: Path = Path("/proc")) -> Cost:
    """What ``pid`` has used, all its threads. Raises ``OSError`` when there is no such process."""
    folder = proc / str(pid)
    # The name in brackets may hold anything; utime and stime are fields 14 and 15 (proc(5)).
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    pages = int((folder / "statm").read_text().split()[1])
    return Cost(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE"))


def from_metrics(text: str) -> Cost | None:
    """What the standard process metrics of Prometheus clients say."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name in ("process_cpu_seconds_total", "process_resident_memory_bytes"):
            found[name] = float(value)
    if len(found) < 2:
        return None
    return Cost(found["process_cpu_seconds_total"], int(found["process_resident_memory_bytes"]))
