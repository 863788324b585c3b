"""The running server: makes every part, connects them, and stops them in the right order."""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from sfu import __version__
from sfu.config import Settings
from sfu.congestion.load import LoadState
from sfu.counters import Counters
from sfu.errors import InvalidSettings
from sfu.room.rooms import Rooms
from sfu.room.token_keys import TokenKeys
from sfu.server import inspector
from sfu.server.advertised import Advertised
from sfu.server.api import Api
from sfu.server.bugs import Bugs
from sfu.server.census import Census
from sfu.server.connection import IDLE_SECONDS, LINGER_SECONDS
from sfu.server.datachannel import DataChannels
from sfu.server.drain import Drain
from sfu.server.events import EventLog
from sfu.server.files import WebFiles, web_root
from sfu.server.http import Pages
from sfu.server.key_set import KeySet
from sfu.server.load_watch import LoadWatch
from sfu.server.logs import get_logger, observe
from sfu.server.media_port import MediaPort
from sfu.server.memory import Memory
from sfu.server.metrics import Metrics
from sfu.server.native_code import native_code
from sfu.server.runner import Runner
from sfu.server.service_manager import ServiceManager
from sfu.server.settings import LIVE
from sfu.server.ticker import Ticker
from sfu.server.tls import TlsFiles
from sfu.server.trials import Trials
from sfu.server.web_address import link, listen_sentence
from sfu.server.web_checks import is_loopback
from sfu.server.webhooks import Webhooks
from sfu.server.websocket import Signaling, WebSockets
from sfu.signaling.session import Session
from sfu.transport.certificate import Certificate
from sfu.transport.egress import PythonEgress
from sfu.transport.table import TransportTable
from sfu.transport.transport import Transport

# Requests that still run when the server stops are metrics and files: they take milliseconds.
_HTTP_GRACE = 2.0


class Server:
    """One Parley server; ``async with Server(settings)`` runs it for as long as the block lasts."""

    def __init__(self, settings: Settings, *, files: Path | None = None) -> None:
        """``files`` is the folder of the web client, when it is not the usual one."""
        self.settings = settings
        self.counters = Counters()
        self.http_port = 0
        self.udp_port = 0
        self._files = WebFiles(files or web_root())
        self._runner: web.AppRunner | None = None
        self._tls: TlsFiles | None = None
        self._advertised = Advertised(settings.advertised_addresses)
        self._manager = ServiceManager()
        self._memory = Memory(self._is_empty)
        self._bugs = Bugs(self.counters, "callback")
        self._events = EventLog()
        self._webhooks = Webhooks(settings.webhook_urls, settings.webhook_secret, self.counters)
        self._events.listeners.append(self._webhooks.take)
        # Without either nobody can ask for what happened: it is not kept.
        self._told = bool(settings.admin_keys or settings.webhook_urls)
        self._watching: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The link that opens the page on this machine."""
        return link(self.settings, self.http_port)

    async def __aenter__(self) -> Server:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Open the ports and serve; raises ``InvalidSettings`` when one cannot be opened."""
        settings, counters = self.settings, self.counters
        asyncio.get_running_loop().set_exception_handler(self._callback_failed)
        native = native_code(settings)
        if settings.tls_certificate:
            self._tls = TlsFiles(settings.tls_certificate, settings.tls_key)
        await self._advertised.update()
        self._keys = keys = TokenKeys(settings.api_keys)
        key_set = KeySet(settings.jwks if settings.auth == "token" else "", keys)
        if key_set.source:
            await key_set.update()
        self._media = media = MediaPort(
            host=settings.udp_host,
            port=settings.udp_port,
            tcp=settings.tcp == "on",
            counters=counters,
        )
        self.udp_port = media.port
        self.transports = transports = TransportTable(counters)
        egress, inbox = PythonEgress(media.send, counters), None
        if native is not None:
            egress = native.NativeEgress(media.send, counters, media.udp.descriptors)
            inbox = native.NativeInbox(egress, transports.by_address)
        self.rooms = rooms = Rooms(
            settings=settings,
            counters=counters,
            egress=egress,
            certificate=Certificate.generate(),
            transports=transports,
            send=media.send,
            candidates=self._candidates,
            observe=self._observe,
            data=DataChannels(counters, observe),
            wall_clock=time.time,
            keys=keys,
            make_transport=partial(Transport, make_sender=native.native_sender if native else None),
        )
        self.drain = Drain(rooms, settings.drain_seconds, changed=self._manager.status)
        self._api = Api(
            keys=settings.admin_keys,
            rooms=rooms,
            drain=self.drain,
            log=self._events,
            webhooks=self._webhooks,
            counters=counters,
        )
        self._trials = Trials(rooms)
        self._load = LoadWatch(settings, counters, rooms.loaded)
        self._sockets = WebSockets(settings=settings, counters=counters, connect=self._connect)
        self._pages = Pages(
            rooms=rooms,
            sockets=self._sockets,
            files=self._files,
            metrics=Metrics(counters, Census(rooms, transports, self._sockets, media)),
            counters=counters,
            draining=lambda: self.drain.active,
            full=lambda: rooms.load is LoadState.FULL,
            load=self._load.explain,
            operator=self._api.may,
            more=[
                *inspector.routes(),
                *self._trials.routes,
                *(self._api.routes if settings.admin_keys else ()),
            ],
        )
        try:
            await media.start(transports, inbox)
            await self._listen()
        except BaseException:
            media.close()
            raise
        self._ticker = Ticker(
            (transports.tick, rooms.tick, self._load.tick), counters, late=self._load.late
        )
        self._ticker.start()
        if self._tls:
            self._watching.append(asyncio.create_task(self._tls.watch()))
        if self._advertised.names:
            self._watching.append(asyncio.create_task(self._advertised.watch()))
        if key_set.source:
            self._watching.append(asyncio.create_task(key_set.watch()))
        self._webhooks.start()
        self._manager.ready()
        get_logger().info(
            "server-started",
            version=__version__,
            http_port=self.http_port,
            udp_port=self.udp_port,
            egress=self.rooms.egress.name,
            auth=settings.auth,
        )
        if settings.auth == "open" and not is_loopback(settings.http_host):
            get_logger().warning(
                "open-to-everybody", fix="set auth to token, with api_keys or jwks"
            )

    async def stop(self) -> None:
        """Tell every client that the server stops, hang up and free the ports."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None
        self._pages.stopping = True
        self._manager.stopping()
        self.drain.close()
        for task in self._watching:
            task.cancel()
        # First everybody's last message, then the rooms: nobody reads how the others leave.
        self._api.streams.close()
        self._trials.close()
        self._sockets.dismiss("server-stopping", "The server is stopping.")
        self.rooms.stop(time.monotonic())
        await self._sockets.wait_closed()
        await runner.cleanup()
        self._ticker.stop()
        self._memory.close()
        # Last, so that what leaving participants still had to say went out.
        self._media.close()
        await self._webhooks.stop()
        self._manager.close()
        get_logger().info("server-stopped")

    def take_over(self, wanted: Settings) -> None:
        """Take over from ``wanted`` what can change while it runs, for whoever comes next."""
        live = {name: getattr(wanted, name) for name in LIVE}
        self.settings = settings = msgspec.structs.replace(self.settings, **live)
        self.rooms.settings = settings
        self._sockets.change(settings)
        self._keys.change(settings.api_keys)
        self._api.change_keys(settings.admin_keys)
        self.drain.seconds = settings.drain_seconds

    def reload_certificate(self) -> None:
        """Read the files of HTTPS again; nothing without HTTPS."""
        if self._tls:
            self._tls.reload()

    def _candidates(self) -> tuple[tuple[str, int], ...]:
        """Where browsers can send media to: every interface while no advertised name is known."""
        told = tuple((address, self.udp_port) for address in self._advertised.addresses())
        return told or self._media.udp.candidates()

    def _observe(self, event: str, **fields: object) -> None:
        """What the rooms tell: to programs with the whole id of the room, to the log without."""
        observe(event, **fields)
        if event == "room-closed" and self._is_empty():
            self._memory.emptied()
        if not self._told:
            return
        try:
            self._events.take(event, fields)
        except Exception as error:
            # Rooms tell in the middle of a join or a leave, which has to be finished.
            self.counters.bugs["event"] += 1
            observe("bug", boundary="event", error=error)

    def _is_empty(self) -> bool:
        return not self.rooms.rooms

    def _callback_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A callback or a task that nobody waits for, such as a timer of SCTP, raised."""
        error = context.get("exception")
        if not isinstance(error, Exception) or isinstance(error, OSError):
            loop.default_exception_handler(context)  # a warning, or somebody's broken connection
        else:
            self._bugs.found(error, time.monotonic())

    def _connect(
        self,
        send: Callable[[bytes], None],
        close: Callable[[], None],
        may_join: Callable[[], bool],
    ) -> Signaling:
        return Session(rooms=self.rooms, send=send, close=close, may_join=may_join)

    async def _listen(self) -> None:
        settings = self.settings
        runner = Runner(
            self._pages.application(),
            access_log=None,
            shutdown_timeout=_HTTP_GRACE,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGER_SECONDS,
        )
        await runner.setup()
        site = web.TCPSite(
            runner,
            settings.http_host or None,
            settings.http_port,
            ssl_context=self._tls.context if self._tls else None,
        )
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            raise InvalidSettings(listen_sentence(error, settings)) from None
        self._runner = runner
        self.http_port = runner.addresses[0][1]


async def serve(settings: Settings, ready: Callable[[Server], None]) -> None:
    """Run a server until SIGINT or SIGTERM, and as long as it drains then; a second one ends it
    at once. ``ready`` is called once it can be used.
    """
    loop = asyncio.get_running_loop()
    async with Server(settings) as server:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.drain.signal)
        # What is loaded by now stays. Packets make few cycles: looking for them less often halves
        # what that costs under load (docs/performance.md).
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 50)
        ready(server)
        await server.drain.over.wait()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Somebody in a hurry presses Ctrl+C twice.
            loop.remove_signal_handler(number)
