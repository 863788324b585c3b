"""``python -m loadtest.relay``: a UDP relay that makes the way between clients and server bad.

Clients send to the relay instead of the server; each gets a socket of its own towards the server,
and each direction of each client goes through a ``Link``. Datagrams are carried as they are.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import heapq
import json
import os
import shlex
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from random import Random

from loadtest.conditions import Conditions, changed, conditions_parser
from loadtest.link import Link

Address = tuple[str, int]

# Enough for a load test; a stranger who sends from ever new ports gets no further.
MAX_CLIENTS = 64
# A second of 40 Mbit/s in full packets; what comes beyond that is dropped.
MAX_UNDER_WAY = 4096
# A client that is silent for so long makes room for another: browsers send checks each 2.5 s.
IDLE_SECONDS = 30.0
# Bursts of keyframes must be lost in the links, where they are counted, not in the sockets.
SOCKET_BUFFER_BYTES = 1 << 20
# Read so many datagrams before others get their turn.
BATCH = 64
# A link counts what SRTP adds to a packet; what arrives here is protected already.
SRTP_TAG_BYTES = 16


@dataclass(slots=True)
class _Client:
    address: Address
    upstream: socket.socket
    up: Link
    down: Link
    heard_at: float


class Relay:
    """Relays datagrams to and from ``server``, in the running event loop, until ``close``.

    ``up`` is what clients send, ``down`` what they receive. ``dropped`` counts what the relay
    itself could not carry: too many clients, too much under way, a full socket.
    """

    def __init__(
        self,
        server: Address,
        *,
        listen: Address = ("127.0.0.1", 0),
        up: Conditions | None = None,
        down: Conditions | None = None,
        seed: int = 0,
    ) -> None:
        self.server = server
        self.up = up or Conditions()
        self.down = down or Conditions()
        self.dropped = 0
        self._random = Random(seed)
        self._loop = asyncio.get_running_loop()
        self._clients: dict[Address, _Client] = {}
        # (arrival, order, how to send it, datagram); the order keeps equal arrivals in turn.
        self._under_way: list[tuple[float, int, Callable[[bytes], object], bytes]] = []
        self._order = 0
        self._timer: asyncio.TimerHandle | None = None
        self._socket = _socket()
        self._socket.bind(listen)
        self._loop.add_reader(self._socket, self._from_clients)

    @property
    def address(self) -> Address:
        """Where clients send to."""
        host, port = self._socket.getsockname()
        return str(host), int(port)

    @property
    def links(self) -> list[tuple[Link, Link]]:
        """Up and down of each client; they count what was carried and lost."""
        return [(client.up, client.down) for client in self._clients.values()]

    def change(self, *, up: Conditions | None = None, down: Conditions | None = None) -> None:
        """Other conditions from the next packet on, for those connected and those to come."""
        self.up, self.down = up or self.up, down or self.down
        for client in self._clients.values():
            self.up.apply(client.up)
            self.down.apply(client.down)

    def close(self) -> None:
        """Stop; what is under way is lost."""
        if self._timer is not None:
            self._timer.cancel()
        self._under_way.clear()
        for client in list(self._clients.values()):
            self._forget(client)
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _from_clients(self) -> None:
        with contextlib.suppress(OSError):
            for _ in range(BATCH):
                data, address = self._socket.recvfrom(65536)
                client = self._clients.get(address) or self._admit(address)
                if client is None:
                    self.dropped += 1
                    continue
                client.heard_at = self._loop.time()
                self._carry(client.up, data, client.upstream.send)

    def _from_server(self, client: _Client) -> None:
        def reply(data: bytes) -> int:
            return self._socket.sendto(data, client.address)

        # A server that is gone is told by an error on this socket; it may come back.
        with contextlib.suppress(OSError):
            for _ in range(BATCH):
                self._carry(client.down, client.upstream.recv(65536), reply)

    def _admit(self, address: Address) -> _Client | None:
        now = self._loop.time()
        if len(self._clients) >= MAX_CLIENTS:
            oldest = min(self._clients.values(), key=lambda client: client.heard_at)
            if now - oldest.heard_at < IDLE_SECONDS:
                return None
            self._forget(oldest)
        upstream = _socket()
        upstream.connect(self.server)
        up, down = Link(Random(self._random.random())), Link(Random(self._random.random()))
        self.up.apply(up)
        self.down.apply(down)
        client = self._clients[address] = _Client(address, upstream, up, down, now)
        self._loop.add_reader(upstream, self._from_server, client)
        return client

    def _forget(self, client: _Client) -> None:
        del self._clients[client.address]
        self._loop.remove_reader(client.upstream)
        client.upstream.close()

    def _carry(self, link: Link, data: bytes, send: Callable[[bytes], object]) -> None:
        arrival = link.carry(len(data) - SRTP_TAG_BYTES, self._loop.time())
        if arrival is None:
            return
        if len(self._under_way) >= MAX_UNDER_WAY:
            self.dropped += 1
            return
        self._order += 1
        heapq.heappush(self._under_way, (arrival, self._order, send, data))
        self._deliver()

    def _deliver(self) -> None:
        """Send what is due, and wake up again for the next."""
        while self._under_way and self._under_way[0][0] <= self._loop.time():
            _, _, send, data = heapq.heappop(self._under_way)
            try:
                send(data)
            except OSError:
                self.dropped += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._under_way:
            self._timer = self._loop.call_at(self._under_way[0][0], self._deliver)


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
    return made


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m loadtest.relay",
        parents=[conditions_parser()],
        allow_abbrev=False,
        description="A UDP relay that makes the network between clients and a server bad.",
        epilog="Prints its address. Reads further options from standard input, a line at a time "
        "(such as: --down-rate none --loss 0), and prints what holds then.",
    )
    options.add_argument("--to", type=address, required=True, help="the server, host:port")
    options.add_argument(
        "--listen", type=address, default="0", help="the relay's own [host:]port; 0: a free one"
    )
    options.add_argument("--seed", type=int, default=0, help="losses and jitter follow from it")
    return options


def address(text: str) -> Address:
    """``host:port``, or only a port of this machine; IPv4."""
    host, _, port = text.rpartition(":")
    if not 0 <= int(port) <= 65535:
        raise ValueError("a port is at most 65535")
    try:
        return socket.gethostbyname(host or "127.0.0.1"), int(port)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{host} is not found: {error}") from None


async def run(options: argparse.Namespace) -> None:
    """Relay until the program is told to end."""
    loop = asyncio.get_running_loop()
    up, down = changed(Conditions(), Conditions(), vars(options))
    try:
        relay = Relay(options.to, listen=options.listen, up=up, down=down, seed=options.seed)
    except OSError as error:
        host, port = options.listen
        sys.exit(f"{host}:{port} can not be listened on: {error}")
    lines = conditions_parser()

    def obey(line: str) -> None:
        try:
            told = vars(lines.parse_args(shlex.split(line)))
        except ValueError as error:
            _say(f"error: {error}")
            return
        up, down = changed(relay.up, relay.down, told)
        relay.change(up=up, down=down)
        _say(json.dumps({"up": asdict(up), "down": asdict(down)}))

    unfinished = b""

    def read() -> None:
        nonlocal unfinished
        data = os.read(0, 4096)
        if not data:
            loop.remove_reader(0)
        *complete, unfinished = (unfinished + data).split(b"\n")
        unfinished = unfinished[-4096:]
        for line in complete:
            obey(line.decode(errors="replace"))

    over = asyncio.Event()
    for end in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(end, over.set)
    host, port = relay.address
    _say(f"{host}:{port}")
    with contextlib.suppress(PermissionError):  # a file or /dev/null: nobody tells anything
        loop.add_reader(0, read)
    await over.wait()
    relay.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run(parser().parse_args()))
