"""A call goes on while strangers flood the server; run by hand, for it needs a quiet machine.

``python -m tests.endurance.flood datagrams`` sends 50,000 datagrams per second that look like all
that a port gets; ``websockets`` opens 1,000 that say nothing, and others that read or write too
fast or too slowly. Both start a server and a call of their own, measure the call before and during
the flood, and end with 1 when the call or the memory of the server suffered.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from sfu.transport import stun

MAX_LOSS = 0.005
# The sockets of 1,000 clients belong to the load; what is left when they are gone is growth.
MAX_GROWTH_BYTES = 10 * 1024 * 1024
_BATCH_SECONDS = 0.002
_SOURCES = 16
# What Linux tells first of a connection (netinet/tcp.h): closed, or by the other side.
_CLOSED = (7, 8)
_FIRST_SECONDS = 20.0
_LET_GO_SECONDS = 5.0


class Server:
    """A server process with free ports."""

    def __init__(self) -> None:
        environment = os.environ | {"SFU_HTTP_PORT": "0", "SFU_UDP_PORT": "0"}
        # Everybody here has one address: the limits that it has are not what is measured.
        environment |= {"SFU_MAX_WEBSOCKETS_PER_ADDRESS": "10000"}
        environment |= {"SFU_JOINS_PER_MINUTE": "100000", "SFU_OVERLOAD": "off"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sfu", "serve"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = ""
        for line in self.process.stdout:
            if found := re.search(r"open (http://\S+?)/?\s*$", line):
                self.url = found[1]
                break
        self.udp_port = _udp_port(self.process.pid)

    @property
    def resident(self) -> int:
        """Bytes of its memory."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def drops(self) -> int:
        """Datagrams it dropped so far."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as response:
            text = response.read().decode()
        found = re.findall(r"^parley_drops_total\{[^}]*\} (\S+)$", text, re.MULTILINE)
        return int(sum(map(float, found)))

    def room(self) -> str:
        """A new room's id."""
        request = urllib.request.Request(f"{self.url}/api/rooms", method="POST", data=b"")
        with urllib.request.urlopen(request, timeout=10) as response:
            return str(json.load(response)["room"])

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def _udp_port(pid: int) -> int:
    """The port of the process's UDP socket, as Linux tells it."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if found := re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink())):
                inodes.add(found[1])
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[9] in inodes:
            return int(fields[1].rpartition(":")[2], 16)
    raise RuntimeError("the server has no UDP port")


def call(server: Server, seconds: float) -> subprocess.Popen[bytes]:
    """A call of three, measured for so long; its report goes to a file."""
    report = tempfile.NamedTemporaryFile(suffix=".json", delete=False)  # noqa: SIM115
    command = [sys.executable, "-m", "loadtest", "room", "--size", "3", "--url", server.url]
    command += ["--duration", str(seconds), "--json", report.name]
    command += ["--server-pid", str(server.process.pid)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    process.report = report.name  # type: ignore[attr-defined]
    return process


def figures(process: Any) -> dict[str, Any]:
    """What the call measured."""
    process.wait(300)
    return dict(json.loads(Path(process.report).read_text()))


def datagrams(seed: int) -> list[bytes]:
    """Random ones, and such as look like STUN, DTLS, SRTP and SRTCP."""
    source = random.Random(seed)
    made = []
    for _ in range(200):
        noise = source.randbytes(source.randrange(1, 1200))
        made += [
            noise,
            stun.write(stun.BINDING_REQUEST, noise[:12].ljust(12), {stun.USERNAME: b"a:b"}, "x"),
            b"\x16\xfe\xff" + noise,
            b"\x80\x60" + noise,
            b"\x80\xc8" + noise,
        ]
    return made


def spray(port: int, rate: int, goes_on: Callable[[], bool]) -> int:
    """Send that many per second from several addresses; how many it were per second."""
    sockets = []
    for _ in range(_SOURCES):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.connect(("127.0.0.1", port))
        udp.setblocking(False)
        sockets.append(udp)
    made = datagrams(1)
    sent = 0
    began = time.monotonic()
    while goes_on():
        elapsed = time.monotonic() - began
        while sent < elapsed * rate:
            with contextlib.suppress(OSError):  # full, or refused: the server is what counts
                sockets[sent % _SOURCES].send(made[sent % len(made)])
            sent += 1
        time.sleep(_BATCH_SECONDS)
    return round(sent / (time.monotonic() - began))


async def _reset(raw: socket.socket) -> None:
    """Until the other side has closed or reset the connection."""
    with contextlib.suppress(OSError):
        while raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] not in _CLOSED:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def websockets(server: Server, idle: int, goes_on: Callable[[], bool]) -> dict[str, int]:
    """Clients that misbehave each in their way; how they ended."""
    ends = {"opened": 0, "floods-ended": 0, "garbage-ended": 0, "deaf-ended": 0}
    room = server.room()
    over = asyncio.Event()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:

        async def silent() -> None:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with http.ws_connect(f"{server.url}/ws", autoping=True) as socket:
                    ends["opened"] += 1
                    await asyncio.wait(
                        [asyncio.create_task(socket.receive()), asyncio.create_task(over.wait())],
                        return_when=asyncio.FIRST_COMPLETED,
                    )

        async def flooder() -> None:
            while not over.is_set():
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with http.ws_connect(f"{server.url}/ws") as socket:
                        await socket.send_json({"type": "join", "room": room, "name": "flood"})
                        for _ in range(1000):
                            await socket.send_str('{"type":"candidate"}')
                        ends["floods-ended"] += 1
                await asyncio.sleep(0.05)

        async def talker() -> None:
            # As fast as is allowed, of what everybody in the room is told.
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with http.ws_connect(f"{server.url}/ws") as socket:
                    await socket.send_json({"type": "join", "room": room, "name": "talker"})
                    raised = False
                    while not over.is_set():
                        raised = not raised
                        await socket.send_json({"type": "hand", "raised": raised})
                        ends["told"] = ends.get("told", 0) + 1
                        await asyncio.sleep(0.03)

        async def garbage() -> None:
            while not over.is_set():
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with http.ws_connect(f"{server.url}/ws") as socket:
                        await socket.send_str("[" * 60_000)
                        ends["garbage-ended"] += (await socket.receive(10)).type is not None
                await asyncio.sleep(0.1)

        async def deaf() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await one_deaf()
                await asyncio.sleep(0.2)

        async def one_deaf() -> None:
            # Small buffers, so that it is soon noticed that nobody reads.
            raw = socket.socket()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            raw.setblocking(False)
            port = int(server.url.rpartition(":")[2])
            await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=raw, limit=1024)
            writer.write(
                b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            )
            await reader.readuntil(b"\r\n\r\n")
            join = json.dumps({"type": "join", "room": room, "name": "deaf"}).encode()
            writer.write(bytes([0x81, 0x80 | len(join)]) + bytes(4) + join)
            # Only what the system says: read is nothing.
            closing = asyncio.create_task(_reset(raw))
            await asyncio.wait(
                [closing, asyncio.create_task(over.wait())],
                return_when=asyncio.FIRST_COMPLETED,
            )
            ends["deaf-ended"] += closing.done()
            closing.cancel()
            writer.transport.abort()

        async def watch() -> None:
            while goes_on():  # noqa: ASYNC110 - another process ends it
                await asyncio.sleep(0.2)
            over.set()

        await asyncio.gather(
            watch(),
            *(silent() for _ in range(idle)),
            *(flooder() for _ in range(5)),
            *(talker() for _ in range(5)),
            *(garbage() for _ in range(5)),
            *(deaf() for _ in range(5)),
            return_exceptions=True,
        )
    return ends


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance.flood", description=__doc__)
    parser.add_argument("kind", choices=["datagrams", "websockets"])
    parser.add_argument("--rate", type=int, default=50_000, help="datagrams per second")
    parser.add_argument("--sockets", type=int, default=1000, help="that say nothing")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    server = Server()
    try:

        def flood(goes_on: Callable[[], bool]) -> Any:
            if options.kind == "datagrams":
                return spray(server.udp_port, options.rate, goes_on)
            return asyncio.run(websockets(server, options.sockets, goes_on))

        calm = figures(call(server, min(10.0, options.seconds)))
        # What a first flood takes is kept by the allocator for the next one: that is no growth.
        until = time.monotonic() + _FIRST_SECONDS
        flood(lambda: time.monotonic() < until)
        time.sleep(_LET_GO_SECONDS)
        before, drops = server.resident, server.drops()
        running = call(server, options.seconds)
        told = flood(lambda: running.poll() is None)  # from before they join until all is measured
        during = figures(running)
        time.sleep(_LET_GO_SECONDS)
        grown = server.resident - before
        result = {
            "flood": told,
            "dropped": server.drops() - drops,
            "calm": _shown(calm),
            "during": _shown(during),
            "grown_bytes": grown,
        }
        sys.stdout.write(json.dumps(result, indent=1) + "\n")
        lost = during["figures"]["loss"]
        return 1 if lost is None or lost > MAX_LOSS or grown > MAX_GROWTH_BYTES else 0
    finally:
        server.close()


def _shown(report: dict[str, Any]) -> dict[str, Any]:
    wanted = ("loss", "latency_p50", "latency_p99", "failed_joins", "dropped", "server_cpu")
    return {name: report["figures"].get(name) for name in wanted if name in report["figures"]}


if __name__ == "__main__":
    sys.exit(main())
