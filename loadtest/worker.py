"""One process of a load test: its clients, and what it tells the process that started it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

import aiohttp
from aiortc import RTCCertificate

from loadtest.conditions import Network
from loadtest.lightclient import LightClient, Surroundings
from loadtest.metronome import Metronome
from loadtest.refusal import JoinFailed
from loadtest.scenario import Job, Seat
from loadtest.sockets import Sockets
from loadtest.tally import Tally

if sys.platform == "win32":
    from asyncio import run as run_loop
else:
    from uvloop import run as run_loop

# What is under way when everybody stops to send, and repairs of it, get so long to arrive.
DRAIN_SECONDS = 1.0
_REPORT_SECONDS = 1.0


@dataclass(slots=True)
class Told:
    """What a worker tells: ``phase`` is ``joining``, ``ready``, ``measuring`` or ``done``.

    ``cpu`` are seconds of this process since it measures; ``hears`` counts pairs of a receiver
    and a sender of whom something came; ``problem`` is the first refusal, as code and text.
    """

    phase: str
    tally: Tally
    cpu: float
    hears: int
    problem: tuple[str, str] | None = None


def main(job: Job, pipe: Connection) -> None:
    """Run ``job`` as the other end of ``pipe`` tells: ``measure``, then ``stop``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us tells us to stop
    # aiortc warns of what this process does on purpose, such as leaving in the middle.
    logging.disable(logging.CRITICAL)
    with contextlib.suppress(BrokenPipeError):
        run_loop(_Worker(job, pipe).run())


class _Worker:
    def __init__(self, job: Job, pipe: Connection) -> None:
        self._job = job
        self._pipe = pipe
        self._random = random.Random(job.seed)
        self._tally = Tally()
        self._phase = "joining"
        self._clients: list[LightClient] = []
        self._guests: set[asyncio.Task[None]] = set()
        self._problem: tuple[str, str] | None = None
        self._cpu = time.process_time()
        self._commands: asyncio.Queue[str] = asyncio.Queue()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._pipe.fileno(), self._read)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as http:
            self._around = Surroundings(
                url=self._job.url,
                http=http,
                certificate=RTCCertificate.generateCertificate(),
                sockets=Sockets(),
                metronome=Metronome(),
                tally=self._tally,
                sends=self._job.sends,
                network=self._job.network,
                repairs=self._job.repairs,
                sample=self._job.sample,
                tcp=self._job.tcp,
                token=self._job.token,
            )
            telling = asyncio.create_task(self._tell_often())
            try:
                await self._stay()
            finally:
                telling.cancel()
                self._around.metronome.stop()
                self._around.sockets.close()

    async def _stay(self) -> None:
        joining = asyncio.create_task(self._join_all())
        command = asyncio.create_task(self._commands.get())
        # Joins that take too long are no reason to miss being told to stop.
        await asyncio.wait([joining, command], return_when=asyncio.FIRST_COMPLETED)
        if joining.done() and await command == "measure":
            self._measure()
            coming = asyncio.create_task(self._let_guests_in())
            await self._commands.get()
            coming.cancel()
        await self._finish(joining)

    async def _join_all(self) -> None:
        pace = 1 / self._job.joins_per_second
        joins = []
        for seat in self._job.scenario.seats:
            joins.append(asyncio.create_task(self._join(seat)))
            await asyncio.sleep(pace)
        await asyncio.gather(*joins)
        self._phase = "ready"
        self._tell()

    async def _join(self, seat: Seat) -> None:
        name = f"client {seat.number}"
        client = self._client(seat.room, name, sends=seat.sends, network=seat.network)
        if await self._enter(client):
            self._clients.append(client)

    def _client(
        self, room: int, name: str, *, sends: bool, network: Network | None = None
    ) -> LightClient:
        seed = self._random.getrandbits(32)
        return LightClient(
            self._around, self._job.rooms[room], name, sends=sends, seed=seed, network=network
        )

    async def _enter(self, client: LightClient) -> bool:
        try:
            await client.join()
        except JoinFailed as failed:
            self._tally.refused[failed.code] += 1
            self._problem = self._problem or (failed.code, str(failed))
            await client.leave()
            return False
        return True

    def _measure(self) -> None:
        self._tally = self._around.tally = Tally()
        self._around.metronome.late = self._tally.late
        self._around.metronome.skipped = 0
        for client in self._clients:
            client.begin()
        self._cpu = time.process_time()
        self._phase = "measuring"

    async def _let_guests_in(self) -> None:
        rate = self._job.scenario.guests_per_second
        if not rate:
            return
        while True:
            await asyncio.sleep(self._random.expovariate(rate))
            guest = asyncio.create_task(self._be_guest())
            self._guests.add(guest)
            guest.add_done_callback(self._guests.discard)

    async def _be_guest(self) -> None:
        guest = self._client(self._random.randrange(len(self._job.rooms)), "guest", sends=True)
        if not await self._enter(guest):
            return
        self._clients.append(guest)
        try:
            await asyncio.sleep(self._job.scenario.stay)
        finally:
            if guest in self._clients:
                self._clients.remove(guest)
                guest.settle()
                self._tally.leaves += 1
                # One in five closes the lid instead of leaving.
                await guest.leave(politely=self._random.random() >= 0.2)

    async def _finish(self, joining: asyncio.Task[None]) -> None:
        joining.cancel()
        for client in self._clients:
            client.mute()
        if self._phase == "measuring":
            await asyncio.sleep(DRAIN_SECONDS)
        for client in self._clients:
            client.settle()
        for guest in list(self._guests):
            guest.cancel()
        self._phase = "done"
        self._tell()
        await asyncio.gather(
            *self._guests, *(client.leave() for client in self._clients), return_exceptions=True
        )

    async def _tell_often(self) -> None:
        while True:
            await asyncio.sleep(_REPORT_SECONDS)
            for client in [each for each in self._clients if each.closed]:
                self._clients.remove(client)
                self._tally.dropped[client.closed] += 1
                await client.leave(politely=False)
            if self._phase != "done":
                self._tell()

    def _tell(self) -> None:
        tally = self._tally
        tally.present = len(self._clients)
        tally.not_sent += self._around.metronome.skipped
        self._around.metronome.skipped = 0
        hears = sum(client.hears for client in self._clients)
        cpu = time.process_time() - self._cpu
        self._pipe.send(Told(self._phase, tally, cpu, hears, self._problem))

    def _read(self) -> None:
        try:
            self._commands.put_nowait(self._pipe.recv())
        except EOFError:
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._commands.put_nowait("stop")
