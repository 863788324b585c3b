"""Thousands of joins and leaves, with sudden deaths among them: nothing may be left of any of them.

``python -m tests.endurance.cycles --joins 10000 --deaths 1000`` starts a server of its own. Each
join is a real one (WebSocket, offer, ICE, DTLS, media both ways where somebody else is there). Half
of the dead reset their connections, half just fall silent. It
prints figures as JSON and ends with 1 when memory grew by more than 5 % after the first 500, or
when a table, a task, a descriptor or an object of somebody who is gone remains.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from loadtest.refusal import JoinFailed
from sfu.server.memory import EMPTY_SECONDS
from tests.chaos.endings import crash, vanish
from tests.chaos.rig import Guests, Server, guests, running

MAX_GROWTH = 0.05
WARM_UP = 500
_AT_ONCE = 8
_ROOMS = 20
# The longest that a dead one is kept with ``soon``, and a heartbeat before it is noticed.
_FORGOTTEN_SECONDS = 20.0
_STAY_SECONDS = 0.1


async def settled(server: Server, seconds: float = _FORGOTTEN_SECONDS) -> dict[str, Any]:
    """What the server holds as soon as nobody is there; or after so long, whatever it is."""
    until = time.monotonic() + seconds
    while True:
        seen = await server.look()
        held = any(seen["tables"].values()) or any(seen["instances"].values())
        if not held or time.monotonic() > until:
            return seen
        await asyncio.sleep(0.5)


async def churn(
    server: Server, clients: Guests, numbers: Iterable[int], every: float
) -> Counter[str]:
    """One comes for each number, and leaves or, one in ``every``, dies; how that went."""
    rooms = [server.room() for _ in range(_ROOMS)]
    chance = random.Random(1)
    outcome: Counter[str] = Counter()
    left = iter(numbers)
    gone = []

    async def one_after_another() -> None:
        for number in left:
            client = clients.new(chance.choice(rooms))
            try:
                await client.join()
            except JoinFailed as failed:
                outcome[f"refused: {failed.code} ({failed})"] += 1
                await crash(client)
                continue
            await asyncio.sleep(chance.random() * _STAY_SECONDS)
            dead = int(number / every) - int((number - 1) / every)
            if not dead:
                await client.leave()
                outcome["left"] += 1
            elif int(number / every) % 2:
                await crash(client)
                outcome["crashed"] += 1
            else:
                await vanish(client)
                gone.append(client)
                outcome["vanished"] += 1

    await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))
    # Their TCP connections stand open until the server has given them up by itself.
    await settled(server)
    for client in gone:
        await client.leave(politely=False)
    return outcome


async def run(joins: int, deaths: int, settings: dict[str, Any], trace: bool) -> dict[str, Any]:
    """All of it; the figures, with ``problems``."""
    settings = {"soon": True, "websocket_heartbeat": 2.0, "max_websockets": 5000} | settings
    steps: list[dict[str, Any]] = []
    outcome: Counter[str] = Counter()
    async with running(**settings) as server, guests(server.url) as clients:
        first = await server.look()
        began = time.monotonic()
        total = joins + deaths
        for start in range(0, total, WARM_UP):
            done = min(start + WARM_UP, total)
            outcome += await churn(
                server, clients, range(start + 1, done + 1), total / max(1, deaths)
            )
            await settled(server)
            await asyncio.sleep(EMPTY_SECONDS + 1.0)  # until memory is given back
            seen = await server.look()
            steps.append({"cycles": done, "resident": seen["resident"]} | seen["allocated"])
            _say(
                f"{done} cycles, {time.monotonic() - began:.0f} s, "
                f"{seen['resident'] / 1e6:.1f} MB, {seen['allocated']}, {seen['tasks']} tasks, "
                f"{seen['descriptors']} descriptors, {sum(seen['instances'].values())} objects"
            )
            if trace and done == WARM_UP:
                await server.ask("trace")
        last = await settled(server)
        trimmed = await server.ask("trim")
        if trace:
            for line in await server.ask("traced_since"):
                _say(line)
    level, end = steps[0]["resident"], steps[-1]["resident"]
    result = {
        "outcome": outcome,
        "seconds": round(time.monotonic() - began, 1),
        "level": level,
        "end": end,
        "trimmed": trimmed,
        "growth": round(end / level - 1, 4),
        "first": _shown(first),
        "last": _shown(last),
        "steps": steps,
        "log": last["bugs"],
    }
    return result | {"problems": _problems(result, first, last)}


def _problems(result: dict[str, Any], first: dict[str, Any], last: dict[str, Any]) -> list[str]:
    found = [f"{size} of {name} remain" for name, size in last["tables"].items() if size]
    found += [f"{size} {name} objects remain" for name, size in last["instances"].items() if size]
    found += [
        f"{last[name] - first[name]} more {name} than at the start"
        for name in ("tasks", "descriptors")
        if last[name] > first[name]
    ]
    found += [f"{count} bugs at {name}" for name, count in last["bugs"].items()]
    found += [f"{count} × {name}" for name, count in result["outcome"].items() if ":" in name]
    if result["growth"] > MAX_GROWTH:
        found.append(f"memory grew by {result['growth']:.1%} after the first {WARM_UP}")
    return found


def _shown(seen: dict[str, Any]) -> dict[str, Any]:
    return {name: seen[name] for name in ("tables", "tasks", "descriptors", "resident")}


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance.cycles", description=__doc__)
    parser.add_argument("--joins", type=int, default=10_000)
    parser.add_argument("--deaths", type=int, default=1_000)
    parser.add_argument("--settings", type=json.loads, default={}, help="of the server, as JSON")
    parser.add_argument("--trace", action="store_true", help="where memory grew after the warm-up")
    options = parser.parse_args()
    result = asyncio.run(run(options.joins, options.deaths, options.settings, options.trace))
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 1 if result["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
