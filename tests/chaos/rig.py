"""A server with a back door and light clients for it, for tests and for endurance runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from aiortc import RTCCertificate

from loadtest.encoded import audio, video
from loadtest.lightclient import LightClient, Surroundings
from loadtest.metronome import Metronome
from loadtest.sockets import Sockets
from loadtest.tally import Tally

# All clients of a test have one address, and the machine may be busy with other things: what keeps
# one stranger, or everybody together, from filling a server is off.
_UNLIMITED = {
    "max_websockets_per_address": 200_000,
    "joins_per_minute": 100_000,
    "overload": "off",
}


class Server:
    """A process of ``tests.chaos.server``; ``log`` is where its log goes."""

    def __init__(self) -> None:
        self.url = ""
        self.udp_port = 0
        self.pid = 0
        self.log = Path()

    async def ask(self, what: str, **fields: Any) -> Any:
        """The answer of the back door."""
        async with self._turn:
            self._writer.write(json.dumps({"ask": what} | fields).encode() + b"\n")
            return json.loads(await self._reader.readline())

    async def look(self) -> dict[str, Any]:
        """What it holds."""
        return dict(await self.ask("look"))

    async def fault(self, point: str, participant: str, kind: str = "raise") -> None:
        """Let ``point`` fail for that participant."""
        await self.ask("fault", point=point, participant=participant, kind=kind)

    def room(self) -> str:
        """A new room's id."""
        request = urllib.request.Request(f"{self.url}/api/rooms", method="POST", data=b"")
        with urllib.request.urlopen(request, timeout=20) as response:
            return str(json.load(response)["room"])

    def lines(self, event: str) -> list[dict[str, Any]]:
        """What its log says of ``event``."""
        found = []
        for line in self.log.read_text().splitlines():
            with contextlib.suppress(ValueError):
                told = json.loads(line)
                if isinstance(told, dict) and told.get("event") == event:
                    found.append(told)
        return found

    async def _start(self, settings: dict[str, Any]) -> None:
        self._turn = asyncio.Lock()
        with tempfile.NamedTemporaryFile(suffix=".log", delete=False) as log:
            self.log = Path(log.name)
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.chaos.server"),
                json.dumps(_UNLIMITED | settings),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env={name: value for name, value in os.environ.items() if name[:4] != "SFU_"},
            )
        self.pid = self.process.pid
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert line, self.log.read_text()
        told = json.loads(line)
        self.url, self.udp_port = told["url"], told["udp"]
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", told["door"], limit=1 << 20
        )

    async def _stop(self) -> None:
        self._writer.close()
        if self.process.returncode is None:
            self.process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), 20)
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self.log.unlink()


class Guests:
    """What light clients share, and one more each time ``new`` is called."""

    def __init__(self, url: str, http: aiohttp.ClientSession, sends: dict[str, Any]) -> None:
        self.http = http
        self.around = Surroundings(
            url=url,
            http=http,
            certificate=RTCCertificate.generateCertificate(),
            sockets=Sockets(),
            metronome=Metronome(),
            tally=Tally(),
            sends=sends,
        )
        self._number = 0

    def new(self, room: str, *, sends: bool = True) -> LightClient:
        """A client that has yet to join."""
        self._number += 1
        return LightClient(
            self.around, room, f"guest {self._number}", sends=sends, seed=self._number
        )


@contextlib.asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Server]:
    """A server with these settings; ``soon=True`` lets it notice deaths in seconds."""
    server = Server()
    await server._start(settings)
    try:
        yield server
    finally:
        await server._stop()


@contextlib.asynccontextmanager
async def guests(url: str) -> AsyncIterator[Guests]:
    """Light clients that send a voice and small pictures."""
    # aiortc warns of what is done here on purpose, such as leaving in the middle.
    logging.getLogger("aiortc").setLevel(logging.CRITICAL)
    sends = {
        "audio": (audio(),),
        "video": (video((200, 40, 40), bitrate=100_000, fps=10),),
    }
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        made = Guests(url, http, sends)
        try:
            yield made
        finally:
            made.around.metronome.stop()
            made.around.sockets.close()
