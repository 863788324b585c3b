"""Network namespaces: machines of their own inside this one, with cables and firewalls between."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import itertools
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_NUMBERS = itertools.count(1)
_CLONE_NEWNET = 0x40000000


def missing() -> str:
    """What these tests lack here; empty when they can run."""
    if os.geteuid() != 0:
        return "network namespaces are made by root"
    for command, package in (("ip", "iproute2"), ("nft", "nftables")):
        if shutil.which(command, path=_PATH) is None:
            return f"to install what is missing: sudo apt-get install {package}"
    name = f"parley{os.getpid()}probe"
    try:
        run("ip", "netns", "add", name)
        run("ip", "netns", "delete", name)
    except AssertionError as error:
        return f"network namespaces cannot be made here: {error}"
    return ""


def run(*command: str, stdin: str = "") -> str:
    """Run a command that has to succeed; what it printed."""
    outcome = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PATH": _PATH},
    )
    assert outcome.returncode == 0, f"{command}: {outcome.stderr}"
    return outcome.stdout


class Namespace:
    """One machine; it ends with ``delete``, after the programs in it."""

    def __init__(self, name: str) -> None:
        self.name = f"parley{os.getpid()}{name}{next(_NUMBERS)}"
        run("ip", "netns", "add", self.name)
        self.run("ip", "link", "set", "lo", "up")

    def delete(self) -> None:
        run("ip", "netns", "delete", self.name)

    def run(self, *command: str, stdin: str = "") -> str:
        """Run a command in here."""
        return run(*self.prefix, *command, stdin=stdin)

    @property
    def prefix(self) -> tuple[str, ...]:
        """What a command begins with to run in here."""
        return (shutil.which("ip", path=_PATH) or "ip", "netns", "exec", self.name)

    def plug(self, other: Namespace, *pairs: tuple[str, str]) -> None:
        """A cable; ``pairs`` are our address and the other's, as ``10.0.0.1/24``."""
        number = next(_NUMBERS)
        ours, theirs = f"pv{number}a", f"pv{number}b"
        run(
            *("ip", "link", "add", ours, "netns", self.name, "type", "veth"),
            *("peer", "name", theirs, "netns", other.name),
        )
        for each, device, side in ((self, ours, 0), (other, theirs, 1)):
            for pair in pairs:
                # Without nodad an IPv6 address cannot be used for the first second.
                extra = ["nodad"] if ":" in pair[side] else []
                each.run("ip", "address", "add", pair[side], "dev", device, *extra)
            # A link-local address that becomes usable a second later is a change of network, for
            # which Chromium gives up what it loads.
            dad = f"/proc/sys/net/ipv6/conf/{device}/accept_dad"
            each.run("sh", "-c", f"[ ! -e {dad} ] || echo 0 > {dad}")
            each.run("ip", "link", "set", device, "up")

    def firewall(self, rules: str) -> None:
        """Filter what comes in, except from itself, by rules of nftables: a line each."""
        lines = "\n".join(f"add rule inet test input {rule}" for rule in rules.strip().splitlines())
        self.run(
            "nft",
            "-f",
            "-",
            stdin="add table inet test\n"
            "add chain inet test input { type filter hook input priority 0; }\n"
            f"flush chain inet test input\n{lines}\n",
        )

    def script(self, folder: Path, program: str) -> str:
        """A script that runs ``program`` in here, for those who start it by its path."""
        script = folder / f"{self.name}-{Path(program).name}"
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.prefix)} {program} "$@"\n')
        script.chmod(0o755)
        return str(script)

    def socket(self, make: Callable[[], socket.socket]) -> socket.socket:
        """A socket that belongs to this machine: the thread that makes it is in here."""
        made: list[socket.socket] = []

        def enter() -> None:
            with Path(f"/run/netns/{self.name}").open() as file:
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.setns(file.fileno(), _CLONE_NEWNET) == 0:
                    with contextlib.suppress(OSError):
                        made.append(make())

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        assert made, f"no socket could be made in {self.name}"
        return made[0]


class Doorway:
    """Leads ``localhost`` of some machines (None: this one) to a TCP port of another.

    By it pages and signaling go around the networks that are tested, and the page is one that gets
    a camera.
    """

    def __init__(self, to: Namespace, port: int) -> None:
        self._to, self._target = to, port
        self.port = 0
        # In a thread of its own: tests ask the server for this and that and wait for it.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def open(self, *places: Namespace | None) -> None:
        for place in places:

            def listen() -> socket.socket:
                return socket.create_server(("127.0.0.1", self.port))

            listening = listen() if place is None else place.socket(listen)
            self.port = listening.getsockname()[1]
            serving = asyncio.start_server(self._carry, sock=listening)
            asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected = self._to.socket(
            lambda: socket.create_connection(("127.0.0.1", self._target), timeout=10)
        )
        connected.setblocking(False)
        there, back = await asyncio.open_connection(sock=connected)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
