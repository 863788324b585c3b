"""A server in bad weather: people come, go, die, move, lose their WebSocket; strangers flood it.

``python -m tests.endurance.soak --minutes 60`` (``make soak MINUTES=60``) starts a server of its
own and a call whose pictures have to move all the time. It prints what the server holds every few
seconds and a report as JSON at the end, which is 1 when the call stood still, when something of
somebody who is gone remained, or when memory grew from the first tenth of the time to the last.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import socket
import sys
import time
from collections import Counter
from typing import Any

import aiohttp

from loadtest.lightclient import LightClient
from loadtest.refusal import JoinFailed
from tests.chaos.endings import crash, cut, move, resume, vanish
from tests.chaos.rig import Guests, Server, guests, running
from tests.endurance.cycles import settled
from tests.endurance.flood import datagrams

# What the allocator keeps differs by this much from minute to minute.
MAX_GROWTH = 0.05
# Pictures that stand still for longer are a call that does not work.
MAX_STILL_SECONDS = 10.0
_LOOK_SECONDS = 5.0
_ROOMS = 4
_AT_ONCE = 6
_STRANGERS_PER_SECOND = 1000
_STAY_SECONDS = 4.0


class Soak:
    """``stop`` is when, by the monotonic clock; ``happened`` counts what was done to the server."""

    def __init__(self, server: Server, clients: Guests, seconds: float) -> None:
        self.happened: Counter[str] = Counter()
        self.looks: list[dict[str, Any]] = []
        self.still = 0.0  # the longest time without a picture in the call that is watched
        self.began = time.monotonic()
        self.stop = self.began + seconds
        self._server, self._clients = server, clients
        self._chance = random.Random(1)
        self._rooms = [server.room() for _ in range(_ROOMS)]
        self._gone: list[LightClient] = []

    async def run(self) -> None:
        """Everything at once, until it is time."""
        await asyncio.gather(
            self._watch(),
            self._call(),
            self._strangers(),
            self._sockets(),
            *(self._visits() for _ in range(_AT_ONCE)),
        )

    async def end(self) -> None:
        """Let go of those who vanished."""
        for client in self._gone:
            await client.leave(politely=False)

    @property
    def _goes_on(self) -> bool:
        return time.monotonic() < self.stop

    async def _call(self) -> None:
        """Two who stay: each has to get the other's packets all the time."""
        room = self._server.room()
        pair = [self._clients.new(room), self._clients.new(room)]
        for client in pair:
            await client.join()
        counts, since = [0, 0], [time.monotonic()] * 2
        while self._goes_on:
            await asyncio.sleep(0.2)
            for number, client in enumerate(pair):
                if client.closed:
                    self.happened[f"thrown out of the call: {client.closed}"] += 1
                    self.still = float("inf")
                    return
                now = sum(span.received for span in client._incoming._spans.values())
                self.still = max(self.still, time.monotonic() - since[number])
                if now != counts[number]:
                    counts[number], since[number] = now, time.monotonic()
        for client in pair:
            await client.leave()

    async def _visits(self) -> None:
        """One after the other, each with something that happens to it."""
        while self._goes_on:
            room = self._chance.choice(self._rooms)
            client = self._clients.new(room)
            try:
                await client.join()
            except JoinFailed as failed:
                self.happened[f"refused: {failed.code}"] += 1
                await crash(client)
                continue
            await asyncio.sleep(self._chance.random() * _STAY_SECONDS)
            fate = self._chance.choice(("leaves", "leaves", "crashes", "vanishes", "moves", "cut"))
            self.happened[fate] += 1
            try:
                await getattr(self, f"_{fate}")(client, room)
            except JoinFailed as failed:
                self.happened[f"did not come back: {failed.code}"] += 1
                await crash(client)

    async def _leaves(self, client: LightClient, room: str) -> None:
        await client.leave()

    async def _crashes(self, client: LightClient, room: str) -> None:
        await crash(client)

    async def _vanishes(self, client: LightClient, room: str) -> None:
        await vanish(client)
        self._gone.append(client)
        if len(self._gone) > 50:
            await self._gone.pop(0).leave(politely=False)

    async def _moves(self, client: LightClient, room: str) -> None:
        for _ in range(3):
            move(client)
            await asyncio.sleep(self._chance.random())
        await client.leave()

    async def _cut(self, client: LightClient, room: str) -> None:
        token = client._signaling.joined["resume"]
        cut(client)
        await asyncio.sleep(self._chance.random() * 2)
        told = await resume(client, room, token)
        self.happened["resumed" if told["resumed"] else "came anew"] += 1
        await asyncio.sleep(self._chance.random())
        await client.leave()

    async def _strangers(self) -> None:
        """Datagrams of every kind, from several addresses."""
        made = datagrams(2)
        with contextlib.ExitStack() as stack:
            sources = []
            for _ in range(8):
                udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                udp.connect(("127.0.0.1", self._server.udp_port))
                udp.setblocking(False)
                sources.append(udp)
            while self._goes_on:
                for _ in range(_STRANGERS_PER_SECOND // 20):
                    with contextlib.suppress(OSError):
                        self._chance.choice(sources).send(self._chance.choice(made))
                        self.happened["datagrams of strangers"] += 1
                await asyncio.sleep(0.05)

    async def _sockets(self) -> None:
        """WebSockets that say nothing, nonsense, or too much."""
        while self._goes_on:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with self._clients.http.ws_connect(f"{self._server.url}/ws") as told:
                    for _ in range(self._chance.choice((0, 1, 200))):
                        await told.send_str(self._chance.choice(("{}", "[", '{"type":"leave"}')))
                self.happened["strange WebSockets"] += 1
            await asyncio.sleep(0.2)

    async def _watch(self) -> None:
        while self._goes_on:
            seen = await self._server.look()
            self.looks.append(seen | {"at": round(time.monotonic() - self.began, 1)})
            held = {name: size for name, size in seen["tables"].items() if size}
            sys.stderr.write(
                f"{self.looks[-1]['at']:7.0f} s  {seen['resident'] / 1e6:6.1f} MB  "
                f"{seen['tasks']} tasks  {seen['descriptors']} descriptors  "
                + "  ".join(f"{size} {name}" for name, size in held.items())
                + "\n"
            )
            await asyncio.sleep(min(_LOOK_SECONDS, max(0.1, self.stop - time.monotonic())))


async def soak(seconds: float, settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """All of it; the report, with ``problems``."""
    wanted = {"soon": True, "websocket_heartbeat": 2.0} | (settings or {})
    async with running(**wanted) as server, guests(server.url) as clients:
        first = await server.look()
        story = Soak(server, clients, seconds)
        await story.run()
        last = await settled(server, 30.0)
        await story.end()
    tenth = max(1, len(story.looks) // 10)
    levels = [
        max(look["resident"] for look in part)
        for part in (story.looks[tenth : 2 * tenth] or story.looks, story.looks[-tenth:])
    ]
    growth = levels[1] / levels[0] - 1
    problems = [f"{size} of {name} remain" for name, size in last["tables"].items() if size]
    problems += [f"{size} {name} remain" for name, size in last["instances"].items() if size]
    problems += [
        f"{last[name] - first[name]} more {name} than at the start"
        for name in ("tasks", "descriptors")
        if last[name] > first[name]
    ]
    problems += [f"{count} bugs at {name}" for name, count in last["bugs"].items()]
    problems += [f"{count} × {what}" for what, count in story.happened.items() if ":" in what]
    if story.still > MAX_STILL_SECONDS:
        problems.append(f"no picture for {story.still:.1f} s in the call that stayed")
    if seconds >= 600 and growth > MAX_GROWTH:
        problems.append(f"memory grew by {growth:.1%}")
    return {
        "seconds": seconds,
        "happened": dict(story.happened),
        "longest stillstand": round(story.still, 2),
        "memory": {"early": levels[0], "late": levels[1], "growth": round(growth, 4)},
        "last": {name: last[name] for name in ("tables", "tasks", "descriptors", "resident")},
        "joins": last["joins"],
        "leaves": last["leaves"],
        "problems": problems,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--settings", type=json.loads, default={}, help="of the server, as JSON")
    options = parser.parse_args()
    report = asyncio.run(soak(options.minutes * 60, options.settings))
    sys.stdout.write(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
