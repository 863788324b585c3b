"""Runs a load test: starts its processes, lets them join, measures, and gathers what they tell."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import aiohttp

from loadtest import worker
from loadtest.histogram import Histogram
from loadtest.report import Report, Second
from loadtest.scenario import Job
from loadtest.server_cost import Cost, CostMeter
from loadtest.tally import Tally
from loadtest.worker import DRAIN_SECONDS, Told

# Estimates climb and first pictures come before anything is measured.
SETTLE_SECONDS = 1.0
# A process that does not end by itself after it was told to.
_END_SECONDS = 20.0
_PATIENCE = aiohttp.ClientTimeout(total=10)
_ADVICE = {
    "room-full": "Start the server with a larger SFU_ROOM_CAPACITY, or take a smaller --size.",
    "room-locked": "Unlock it, or leave --room out.",
    "room-not-found": "Take the id of a room of this server, or leave --room out.",
    "server-full": "Start the server with a larger SFU_MAX_PARTICIPANTS.",
    "bad-token": "Give the --token of this --room, or leave it out.",
    "unreachable": "Start the server, or correct --url.",
    "no-answer": "The server is overloaded: take a lower --join-rate.",
    "no-media": "Open the server's UDP port, or take a lower --join-rate.",
    "disconnected": "See the server's log.",
}

Progress = Callable[[str, float, float, Tally], None]
"""Told of a phase, how much of how much of it is done, and what was counted so far."""


class Failed(Exception):
    """The load test could not be run; the text says why."""


async def create_rooms(url: str, count: int) -> tuple[str, ...]:
    """New rooms of the server at ``url``. Raises ``Failed`` when it is not one."""
    rooms = []
    try:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as http:
            for _ in range(count):
                async with http.post(f"{url.rstrip('/')}/api/rooms") as response:
                    response.raise_for_status()
                    rooms.append(str((await response.json())["room"]))
    except aiohttp.ClientResponseError as error:
        raise Failed(
            f"{url} answers, but not as Parley: {error.status} {error.message}. Correct --url."
        ) from None
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError) as error:
        raise Failed(
            f"{url} does not answer: {error or type(error).__name__}. Start the server, or "
            "correct --url."
        ) from None
    return tuple(rooms)


class Run:
    """One load test of ``duration`` seconds by so many ``workers``; fills ``report``."""

    def __init__(
        self, job: Job, *, workers: int, duration: float, pid: int | None, report: Report
    ) -> None:
        self.report = report
        self._job = job
        self._count = workers
        self._duration = duration
        self._meter = CostMeter(job.url, pid)
        self._workers: list[tuple[BaseProcess, Connection]] = []
        self._told: dict[int, Told] = {}
        self._ended: set[int] = set()
        self._news = asyncio.Event()

    async def execute(self, progress: Progress) -> None:
        """Do it all. Raises ``Failed``."""
        costs = self.report.costs
        costs[0] = await self._meter.read()
        try:
            self._start()
            await self._join(progress)
            await self._wait(SETTLE_SECONDS)
            self._look_for_problems()
            self.report.joining = self._sum()
            costs[1] = await self._meter.read()
            await self._measure(progress)
            costs[2] = await self._meter.read()
            await self._gather()
        finally:
            await self._end()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        loop = asyncio.get_running_loop()
        for number in range(self._count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=worker.main, args=(self._job.share(self._count, number), theirs), daemon=True
            )
            process.start()
            theirs.close()
            self._workers.append((process, ours))
            loop.add_reader(ours.fileno(), self._read, number)

    def _read(self, number: int) -> None:
        _, pipe = self._workers[number]
        try:
            while pipe.poll():
                self._told[number] = pipe.recv()
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(pipe.fileno())
            self._ended.add(number)
        self._news.set()

    def _tell(self, command: str) -> None:
        for _, pipe in self._workers:
            with contextlib.suppress(OSError):
                pipe.send(command)

    async def _join(self, progress: Progress) -> None:
        wanted = len(self._job.scenario.seats)
        while not self._all("ready"):
            await self._next()
            self._look_for_problems()
            progress("joining", self._sum().joins, wanted, self._sum())

    async def _measure(self, progress: Progress) -> None:
        self._tell("measure")
        start = last = time.monotonic()
        before, cost = Tally(), self.report.costs[1]
        while (passed := time.monotonic() - start) < self._duration:
            await self._wait(min(1.0, self._duration - passed))
            self._look_for_problems()
            now, tally = time.monotonic(), self._sum("measuring")
            present = await self._meter.read()
            self.report.seconds.append(
                _second(now - start, now - last, before, tally, (cost, present))
            )
            before, cost, last = _copy(tally), present, now
            progress("measuring", min(now - start, self._duration), self._duration, tally)
        self.report.duration = time.monotonic() - start

    async def _gather(self) -> None:
        """Stop all, and take what they have counted when everything under way has come."""
        busy = [told.cpu / self.report.duration for told in self._told.values()]
        self.report.generator = busy
        self._tell("stop")
        async with asyncio.timeout(DRAIN_SECONDS + _END_SECONDS):
            while not self._all("done"):
                await self._next()
        self.report.tally = self._sum()
        self.report.heard = sum(told.hears for told in self._told.values())

    async def _end(self) -> None:
        self._tell("stop")
        loop = asyncio.get_running_loop()
        deadline = time.monotonic() + _END_SECONDS
        for number, (process, pipe) in enumerate(self._workers):
            await asyncio.to_thread(process.join, max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
            if number not in self._ended:
                loop.remove_reader(pipe.fileno())
            pipe.close()

    async def _wait(self, seconds: float) -> None:
        """That long, or until a process ended too early."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, 0.2))
            self._look_for_the_dead()

    async def _next(self) -> None:
        """Until somebody tells something."""
        await self._news.wait()
        self._news.clear()
        self._look_for_the_dead()

    def _look_for_the_dead(self) -> None:
        early = [n for n in self._ended if n not in self._told or self._told[n].phase != "done"]
        if early:
            raise Failed("A process of the load test ended without a word; see its error above.")

    def _all(self, phase: str) -> bool:
        phases = [told.phase for told in self._told.values()]
        return len(phases) == self._count and all(each == phase for each in phases)

    def _sum(self, phase: str = "") -> Tally:
        total = Tally()
        for told in self._told.values():
            if not phase or told.phase == phase:
                total.add(told.tally)
        return total

    def _look_for_problems(self) -> None:
        """Raise ``Failed`` when somebody of those who stay was refused, or everybody is gone."""
        tally = self._sum()
        plan = self._job.scenario
        # Of those who come and go some may fail, but not of those who stay.
        tolerant = plan.tolerant and (not plan.guests_per_second or self._all("measuring"))
        nobody = self._all("ready") and not tally.present
        for told in self._told.values():
            if told.problem is not None and told.tally.refused and (nobody or not tolerant):
                raise Failed(explained(*told.problem))
        if self._all("measuring") and not tally.present:
            reasons = ", ".join(tally.dropped) or "nobody joined"
            raise Failed(f"The server is gone: every client lost it ({reasons}).")


def explained(code: str, text: str) -> str:
    """A refusal with what to do about it."""
    end = "" if text.endswith((".", "?", "!")) else "."
    return f"Could not join ({code}): {text}{end} {_ADVICE.get(code, '')}".rstrip()


def _second(
    at: float,
    passed: float,
    before: Tally,
    tally: Tally,
    costs: tuple[Cost | None, Cost | None],
) -> Second:
    earlier, present = costs
    counts = zip(tally.latency.counts, before.latency.counts, strict=True)
    latency = Histogram(
        [now - then for now, then in counts],
        tally.latency.total - before.latency.total,
        tally.latency.largest,
    )
    return Second(
        at=at,
        packets_in=(tally.sent - before.sent) / passed,
        packets_out=(tally.received - before.received) / passed,
        lost=tally.lost - before.lost,
        latency_p50=latency.quantile(0.5),
        latency_p99=latency.quantile(0.99),
        server_cpu=(present.cpu - earlier.cpu) / passed if present and earlier else None,
        present=tally.present,
        bitrate_in=8 * (tally.sent_bytes - before.sent_bytes) / passed,
        bitrate_out=8 * (tally.received_bytes - before.received_bytes) / passed,
        server_memory=present.memory if present else None,
    )


def _copy(tally: Tally) -> Tally:
    copy = Tally()
    copy.add(tally)
    return copy


def begun(scenario: str, options: dict[str, Any], connections: int) -> Report:
    """An empty report of a load test that starts now."""
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Report(scenario, options, started, connections)
