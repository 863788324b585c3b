"""Small stand-ins for the session and the rooms, and a server made of the real HTTP parts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from aiohttp.test_utils import TestClient, TestServer

from sfu.config import Settings
from sfu.counters import Counters
from sfu.server.files import WebFiles
from sfu.server.http import Pages
from sfu.server.metrics import Metrics
from sfu.server.websocket import WebSockets

ROOM = "known-room"


class FakeSession:
    """Remembers what it was told; ``answers`` says what it does with each message."""

    def __init__(self, send, close, may_join=lambda: True) -> None:
        self.may_join = may_join
        self.send = send
        self.close = close
        self.closed = False
        self.joined = False
        self.received: list[str] = []
        self.ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def receive(self, text, now) -> None:
        self.received.append(text)
        match text:
            case "join":
                self.joined = True
                self.send(b'{"type":"joined"}')
            case "leave":
                self.send(b'{"type":"closed","code":"left"}')
                self.closed = True
                self.close()
                self.send(b"after the end")
            case "bug":
                raise RuntimeError("a bug")
            case _:
                self.send(b"heard " + text.encode())

    def fail(self, code, message, now) -> None:
        self.send(f'{{"type":"error","code":"{code}"}}'.encode())
        self.closed = True
        self.close()

    def disconnected(self, clean, now) -> None:
        # A second call raises here: the future is set already.
        self.ended.set_result(clean)


class FakeRoom:
    def __init__(self) -> None:
        self.participants: dict[str, Any] = {}

    def describe(self) -> dict[str, Any]:
        return {"participants": {"p1": {"routes": {1234: ["camera", "media"]}}}}


class FakeRooms:
    needs_token = False

    def __init__(self) -> None:
        self.rooms: dict[str, Any] = {}
        self.egress = SimpleNamespace(name="python")

    def create_id(self) -> str:
        return ROOM

    def host_token(self, room_id: str) -> str:
        return f"token-of-{room_id}"

    def is_valid(self, room_id: str) -> bool:
        return room_id == ROOM


class FakeCensus:
    def rooms(self) -> int:
        return 1

    def participants(self) -> int:
        return 2

    def waiting(self) -> int:
        return 4

    def load(self) -> int:
        return 1

    def tracks(self) -> dict[tuple[str, str], int]:
        return {("video", "camera"): 2, ("audio", "microphone"): 1}

    def transports(self) -> int:
        return 2

    def websockets(self) -> int:
        return 3

    def tcp_connections(self) -> int:
        return 5


@dataclass
class Site:
    """The HTTP side of a server on a free port, with its fakes in reach."""

    client: TestClient[Any, Any]
    counters: Counters
    pages: Pages
    sockets: WebSockets
    rooms: FakeRooms
    web: Path
    sessions: list[FakeSession] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"{self.client.host}:{self.client.port}"


@pytest.fixture(autouse=True)
def restore_logging():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def census():
    return FakeCensus()


@pytest.fixture
def room():
    return FakeRoom()


@pytest.fixture
def web(tmp_path):
    """A web client of a few files, and one beside it that nobody may read."""
    root = tmp_path / "web"
    (root / "src" / "sdk").mkdir(parents=True)
    (root / "styles").mkdir()
    (root / "test").mkdir()
    (root / "index.html").write_text("<!doctype html><title>Parley</title>")
    (root / "embed.html").write_text("<!doctype html><title>Framed</title>")
    (root / "src" / "sdk" / "client.js").write_text("export const word = 'größer';")
    (root / "styles" / "page.css").write_text("body { margin: 0 }")
    (root / "test" / "client.test.js").write_text("not for the public")
    (root / "src" / "notes.txt").write_text("not for the public")
    (tmp_path / "secret.js").write_text("not for the public")
    return root


@pytest.fixture
async def start_site(web, census):
    """Starts a site with the given settings; all of them are stopped at the end."""
    clients = []

    async def start(**changes: Any) -> Site:
        counters, rooms = Counters(), FakeRooms()
        sessions: list[FakeSession] = []

        def connect(*arguments):
            sessions.append(FakeSession(*arguments))
            return sessions[-1]

        sockets = WebSockets(settings=Settings(**changes), counters=counters, connect=connect)
        pages = Pages(
            rooms=rooms,
            sockets=sockets,
            files=WebFiles(web),
            metrics=Metrics(counters, census),
            counters=counters,
        )
        client = TestClient(TestServer(pages.application()))
        await client.start_server()
        clients.append(client)
        return Site(client, counters, pages, sockets, rooms, web, sessions)

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def site(start_site):
    return await start_site()


@pytest.fixture
def site_rooms():
    return FakeRooms()


@pytest.fixture
def run_in_thread(web, census):
    """A site on an event loop in another thread, for clients that block."""

    @contextlib.contextmanager
    def run() -> Iterator[tuple[str, int]]:
        loop = asyncio.new_event_loop()
        counters = Counters()
        pages = Pages(
            rooms=FakeRooms(),
            sockets=WebSockets(settings=Settings(), counters=counters, connect=FakeSession),
            files=WebFiles(web),
            metrics=Metrics(counters, census),
            counters=counters,
        )
        server = TestServer(pages.application())
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(server.start_server(), loop).result(10)
            yield server.host, server.port
        finally:
            asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()

    return run
