"""The relay carries datagrams unchanged, as badly as it was told."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from loadtest import relay as relay_module
from loadtest.conditions import Conditions, changed, conditions_parser
from loadtest.relay import Relay

# So long does a test wait for what should come at once.
PATIENCE = 5.0


async def until(condition: Callable[[], object]) -> None:
    """Wait until ``condition`` holds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it never happened"
        await asyncio.sleep(0.005)


class Peer(asyncio.DatagramProtocol):
    """A socket that keeps what it gets; one that ``echoes`` also sends it back."""

    def __init__(self, echoes: bool = False) -> None:
        self.echoes = echoes
        self.got: list[bytes] = []
        self.came_from: list[tuple[str, int]] = []
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.got.append(data)
        self.came_from.append(addr)
        if self.echoes:
            self.transport.sendto(data, addr)

    @property
    def address(self) -> tuple[str, int]:
        return self.transport.get_extra_info("sockname")

    async def gets(self, count: int) -> list[bytes]:
        await until(lambda: len(self.got) >= count)
        return self.got


@pytest.fixture
async def server() -> AsyncIterator[Peer]:
    _, peer = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Peer(echoes=True), local_addr=("127.0.0.1", 0)
    )
    yield peer
    peer.transport.close()


@pytest.fixture
async def relay(server: Peer) -> AsyncIterator[Relay]:
    made = Relay(server.address)
    yield made
    made.close()


@pytest.fixture
async def client(relay: Relay) -> AsyncIterator[Callable[[], object]]:
    peers: list[Peer] = []

    async def connect() -> Peer:
        _, peer = await asyncio.get_running_loop().create_datagram_endpoint(
            Peer, remote_addr=relay.address
        )
        peers.append(peer)
        return peer

    yield connect
    for peer in peers:
        peer.transport.close()


async def test_datagrams_go_there_and_back_unchanged_and_in_order(server, client) -> None:
    # STUN, DTLS and RTP by their first bytes, and a full datagram.
    sent = [b"\x00\x01\x00\x00", b"\x16\xfe\xfd", b"\x80\x60" + b"x" * 1200, bytes(1472)]
    ann = await client()
    for data in sent:
        ann.transport.sendto(data)
    assert await ann.gets(len(sent)) == sent
    assert server.got == sent


async def test_each_client_has_an_address_of_its_own_at_the_server(server, client) -> None:
    ann, bob = await client(), await client()
    ann.transport.sendto(b"ann")
    bob.transport.sendto(b"bob")
    ann.transport.sendto(b"ann again")
    assert await ann.gets(2) == [b"ann", b"ann again"]
    assert await bob.gets(1) == [b"bob"]
    addresses = dict(zip(server.got, server.came_from, strict=True))
    assert addresses[b"ann"] == addresses[b"ann again"] != addresses[b"bob"]


async def test_a_delay_holds_packets_back_and_keeps_their_order(relay, client) -> None:
    relay.change(up=Conditions(delay=0.05, jitter=0.02), down=Conditions(delay=0.05))
    ann = await client()
    started = asyncio.get_running_loop().time()
    sent = [bytes([n]) for n in range(20)]
    for data in sent:
        ann.transport.sendto(data)
    assert await ann.gets(20) == sent
    assert asyncio.get_running_loop().time() - started >= 0.1


async def test_loss_in_one_direction_leaves_the_other_whole(relay, server, client) -> None:
    relay.change(down=Conditions(loss=0.5))
    ann = await client()
    for n in range(200):
        ann.transport.sendto(bytes([n]))
        await asyncio.sleep(0)
    assert len(await server.gets(200)) == 200
    ((up, down),) = relay.links
    assert up.lost == 0
    assert 50 < down.lost < 150
    assert len(await ann.gets(200 - down.lost)) == 200 - down.lost


async def test_conditions_change_while_it_runs_for_those_connected(relay, client) -> None:
    ann = await client()
    ann.transport.sendto(b"1")
    await ann.gets(1)
    relay.change(up=Conditions(loss=1.0))
    ann.transport.sendto(b"2")
    ((up, _),) = relay.links
    await until(lambda: up.lost)
    relay.change(up=Conditions())
    ann.transport.sendto(b"3")
    assert await ann.gets(2) == [b"1", b"3"]


async def test_a_rate_lets_a_burst_through_slowly_and_drops_beyond_its_queue(
    relay, server, client
) -> None:
    # 1,028 bytes on the wire: 20 packets are 0.2 s at this rate; 0.1 s of them find room.
    relay.change(up=Conditions(rate=822_400, queue=0.1))
    ann = await client()
    started = asyncio.get_running_loop().time()
    for _ in range(20):
        ann.transport.sendto(bytes(1000))
    await until(lambda: relay.links)
    ((up, _),) = relay.links
    await until(lambda: up.carried + up.overflowed == 20)
    assert up.overflowed >= 1
    assert len(await server.gets(up.carried)) == up.carried
    assert asyncio.get_running_loop().time() - started >= 0.01 * (up.carried - 1)


async def test_a_stranger_too_many_is_not_carried_until_somebody_is_idle(
    relay, server, client, monkeypatch
) -> None:
    monkeypatch.setattr(relay_module, "MAX_CLIENTS", 1)
    ann, bob = await client(), await client()
    ann.transport.sendto(b"ann")
    assert await ann.gets(1) == [b"ann"]
    bob.transport.sendto(b"bob")
    await until(lambda: relay.dropped)
    monkeypatch.setattr(relay_module, "IDLE_SECONDS", 0.0)
    bob.transport.sendto(b"bob again")
    assert await bob.gets(1) == [b"bob again"]
    assert server.got == [b"ann", b"bob again"]
    assert len(relay.links) == 1


async def test_no_more_than_the_bound_is_under_way(relay, server, client, monkeypatch) -> None:
    monkeypatch.setattr(relay_module, "MAX_UNDER_WAY", 3)
    relay.change(up=Conditions(delay=0.05))
    ann = await client()
    for n in range(5):
        ann.transport.sendto(bytes([n]))
    await until(lambda: relay.dropped == 2)
    assert await server.gets(3) == [b"\0", b"\1", b"\2"]


async def test_it_outlives_a_server_that_is_gone(relay, server, client) -> None:
    ann = await client()
    host, port = server.address
    server.transport.close()
    await asyncio.sleep(0)
    for _ in range(3):
        ann.transport.sendto(b"anybody?")
        await asyncio.sleep(0.02)
    _, back = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Peer(echoes=True), local_addr=(host, port)
    )
    ann.transport.sendto(b"back?")
    await back.gets(1)
    ann.transport.sendto(b"back?")
    assert b"back?" in await ann.gets(1)
    back.transport.close()


def test_options_tell_both_directions_or_one() -> None:
    line = "--rate 400k --down-rate none --loss 5% --up-delay 80ms --jitter 0.01 --burst 3"
    told = vars(conditions_parser().parse_args(line.split()))
    up, down = changed(Conditions(), Conditions(), told)
    assert up == Conditions(rate=400_000, delay=0.08, jitter=0.01, loss=0.05, burst=3.0)
    assert down == Conditions(rate=None, jitter=0.01, loss=0.05, burst=3.0)


def test_what_is_not_told_stays() -> None:
    before = Conditions(rate=1e6, delay=0.1), Conditions(loss=0.2)
    told = conditions_parser().parse_args(["--down-reorders", "yes"])
    assert changed(*before, vars(told)) == (before[0], Conditions(loss=0.2, reorders=True))


@pytest.mark.parametrize(
    "line",
    [
        "--rate 0",
        "--rate k",
        "--loss 101%",
        "--delay -1ms",
        "--burst 0",
        "--reorders 1",
        "--x",
        "y",
    ],
)
def test_a_mistake_in_an_option_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        conditions_parser().parse_args(line.split())


async def test_the_command_prints_its_address_and_takes_changes_from_its_input(server) -> None:
    host, port = server.address
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtest.relay", "--to", f"{host}:{port}", "--loss", "100%"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    relay_host, relay_port = (await process.stdout.readline()).decode().strip().split(":")
    process.stdin.write(b"--loss much\n--loss 0 --down-rate 1M\n")
    assert b"error" in await process.stdout.readline()
    now = json.loads(await process.stdout.readline())
    assert (now["up"]["loss"], now["down"]["loss"]) == (0, 0)
    assert (now["up"]["rate"], now["down"]["rate"]) == (None, 1e6)
    _, ann = await asyncio.get_running_loop().create_datagram_endpoint(
        Peer, remote_addr=(relay_host, int(relay_port))
    )
    ann.transport.sendto(b"hello")
    assert await ann.gets(1) == [b"hello"]
    ann.transport.close()
    process.terminate()
    assert await process.wait() == 0
