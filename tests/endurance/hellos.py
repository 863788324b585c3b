"""A thousand joins while strangers send a thousand ClientHellos per second: all have to succeed.

``python -m tests.endurance.hellos --joins 1000 --rate 1000`` starts a server of its own, prints
figures as JSON and ends with 1 when a join failed or anything of a stranger was kept.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import sys
import time
from collections import Counter
from typing import Any

from OpenSSL import SSL

from loadtest.refusal import JoinFailed
from sfu.transport.certificate import Certificate
from sfu.transport.dtls import MTU
from tests.chaos.rig import Guests, Server, guests, running
from tests.endurance.cycles import settled

_AT_ONCE = 4
_SOURCES = 64
_BATCH_SECONDS = 0.02


def client_hello() -> bytes:
    """The first flight of a DTLS client."""
    dtls = SSL.Connection(Certificate.generate().context, None)
    dtls.set_connect_state()
    dtls.set_ciphertext_mtu(MTU)
    with contextlib.suppress(SSL.WantReadError):
        dtls.do_handshake()
    return dtls.bio_read(65536)


async def spray(port: int, rate: int, sent: Counter[str]) -> None:
    """Send ``rate`` per second from many addresses, until cancelled."""
    hello = client_hello()
    with contextlib.ExitStack() as stack:
        sources = []
        for _ in range(_SOURCES):
            udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            udp.connect(("127.0.0.1", port))
            udp.setblocking(False)
            sources.append(udp)
        began = time.monotonic()
        while True:
            while sent["hellos"] < (time.monotonic() - began) * rate:
                with contextlib.suppress(OSError):
                    sources[sent["hellos"] % _SOURCES].send(hello)
                sent["hellos"] += 1
                if sent["hellos"] % _SOURCES == 0:
                    sent["answers"] += sum(map(_answered, sources))
            await asyncio.sleep(_BATCH_SECONDS)


def _answered(udp: socket.socket) -> bool:
    with contextlib.suppress(OSError):
        return bool(udp.recv(2048))
    return False


async def join(clients: Guests, room: str, count: int, outcome: Counter[str]) -> None:
    """So many join and leave, a few at a time."""
    left = iter(range(count))

    async def one_after_another() -> None:
        for _ in left:
            client = clients.new(room)
            try:
                await client.join()
                outcome["joined"] += 1
            except JoinFailed as failed:
                outcome[failed.code] += 1
            await client.leave()

    await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))


async def under_spray(server: Server, joins: int, rate: int) -> dict[str, Any]:
    """Joins while that goes on; the figures."""
    sent: Counter[str] = Counter()
    outcome: Counter[str] = Counter()
    async with guests(server.url) as clients:
        spraying = asyncio.create_task(spray(server.udp_port, rate, sent))
        began = time.monotonic()
        await join(clients, server.room(), joins, outcome)
        seconds = time.monotonic() - began
        spraying.cancel()
        await asyncio.gather(spraying, return_exceptions=True)
        last = await settled(server)
        joining = clients.around.tally.joining
    return {
        "outcome": dict(outcome),
        "seconds": round(seconds, 1),
        "hellos_per_second": round(sent["hellos"] / seconds),
        "answers_to_strangers": sent["answers"],
        "join_p50": round(joining.quantile(0.5) or 0.0, 3),
        "join_p99": round(joining.quantile(0.99) or 0.0, 3),
        "kept": {name: size for name, size in last["tables"].items() if size},
    }


async def _run(joins: int, rate: int) -> dict[str, Any]:
    async with running() as server:
        return await under_spray(server, joins, rate)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance.hellos", description=__doc__)
    parser.add_argument("--joins", type=int, default=1000)
    parser.add_argument("--rate", type=int, default=1000, help="ClientHellos per second")
    options = parser.parse_args()
    result = asyncio.run(_run(options.joins, options.rate))
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    whole = result["outcome"] == {"joined": options.joins}
    return 0 if whole and not result["kept"] and not result["answers_to_strangers"] else 1


if __name__ == "__main__":
    sys.exit(main())
