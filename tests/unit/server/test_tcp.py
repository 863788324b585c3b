"""The media port over TCP: who gets in, and what slow and hostile peers cost."""

import asyncio
import contextlib

import pytest

from sfu.counters import Counters
from sfu.server import tcp
from sfu.server.tcp import TcpPort
from sfu.transport.framing import MAX_FRAME_BYTES, framed

HELLO, MEDIA, DTLS = b"hello", bytes([0x80]) + bytes(999), bytes([22]) + bytes(99)


class Table:
    """Knows whoever said hello."""

    def __init__(self):
        self.frames = []
        self.known = set()
        self.forgotten = []

    def receive(self, data, address, now):
        if data == b"bug":
            raise RuntimeError("a bug")
        if data == HELLO:
            self.known.add(address)
        self.frames.append((data, address))

    def __contains__(self, address):
        return address in self.known

    def forget(self, address):
        self.known.discard(address)
        self.forgotten.append(address)


class Port:
    """A port, its table and its counters."""

    def __init__(self, host="127.0.0.1"):
        self.counters = Counters()
        self.table = Table()
        self.port = TcpPort(host=host, port=0, counters=self.counters)
        self.number = self.port._sockets[0].getsockname()[1]
        self.writers = []

    async def connect(self, *first, host="127.0.0.1"):
        reader, writer = await asyncio.open_connection(host, self.number)
        self.writers.append(writer)
        for frame in first:
            writer.write(framed(frame))
        return reader, writer


async def until(condition):
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not within 20 s")


async def ended(reader):
    """Whether the port hung up."""
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionResetError):
            return await reader.read(100) == b""
    return True


async def frame_of(reader):
    async with asyncio.timeout(20):
        return await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))


@pytest.fixture
async def port():
    made = Port()
    await made.port.start(made.table)
    yield made
    for writer in made.writers:
        writer.close()
    made.port.close()


async def test_frames_arrive_and_answers_come_back_on_the_same_connection(port):
    reader, writer = await port.connect(HELLO, MEDIA)
    await until(lambda: len(port.table.frames) == 2)
    (hello, address), (media, again) = port.table.frames
    assert (hello, media) == (HELLO, MEDIA)
    assert address is again
    assert (address.host, address.port) == writer.get_extra_info("sockname")
    assert port.port.send(b"answer", address)
    assert await frame_of(reader) == b"answer"
    assert (port.counters.tcp_frames_in, port.counters.tcp_frames_out) == (2, 1)
    assert len(port.port) == 1


@pytest.mark.parametrize("first", [MEDIA, b"", b"GET / HTTP/1.1"])
async def test_whoever_does_not_begin_with_a_check_is_sent_away(port, first):
    reader, _ = await port.connect(first, HELLO)
    assert await ended(reader)
    assert port.counters.drops["tcp-first-frame"] == 1
    await until(lambda: len(port.port) == 0)
    assert not port.table.known


async def test_whoever_says_nothing_is_sent_away(port, monkeypatch):
    monkeypatch.setattr(tcp, "FIRST_FRAME_SECONDS", 0.1)
    reader, writer = await port.connect()
    writer.write(framed(HELLO)[:3])  # no whole frame
    assert await ended(reader)
    assert port.counters.drops["tcp-first-frame"] == 1


async def test_a_connection_on_which_nothing_comes_any_more_is_closed(port, monkeypatch):
    monkeypatch.setattr(tcp, "IDLE_SECONDS", 0.1)
    reader, _ = await port.connect(HELLO)
    assert await ended(reader)
    assert port.counters.drops["tcp-idle"] == 1
    assert [address for _, address in port.table.frames] == port.table.forgotten


async def test_a_frame_that_is_too_long_ends_the_connection(port):
    reader, writer = await port.connect(HELLO)
    await until(lambda: port.table.known)
    writer.write((MAX_FRAME_BYTES + 1).to_bytes(2, "big"))
    assert await ended(reader)
    assert port.counters.drops["tcp-frame-length"] == 1
    await until(lambda: not port.table.known)


async def test_the_connection_of_somebody_who_left_is_closed_after_the_goodbye(port):
    reader, _ = await port.connect(HELLO)
    await until(lambda: port.table.known)
    (address,) = port.table.known
    port.port.send(b"goodbye", address)
    port.table.known.clear()
    assert await frame_of(reader) == b"goodbye"
    assert await ended(reader)
    assert not port.port.send(b"too late", address)
    assert port.counters.drops["tcp-closed"] == 1


async def test_a_slow_reader_loses_its_media_and_keeps_what_it_needs(port):
    _, writer = await port.connect(HELLO)
    writer.transport.pause_reading()
    await until(lambda: port.table.known)
    (address,) = port.table.known
    sent = 0
    while port.port.send(MEDIA, address):
        sent += len(MEDIA)
        if sent % 50_000 < len(MEDIA):
            await asyncio.sleep(0)
        assert sent < 100_000_000, "media waits without end"
    connection = port.port._connections[address].transport
    waits = connection.get_write_buffer_size()
    assert tcp.MAX_MEDIA_WAITING < waits <= tcp.MAX_MEDIA_WAITING + 2 * len(MEDIA)
    assert port.port.send(DTLS, address)
    while port.port.send(DTLS, address):
        pass
    assert connection.get_write_buffer_size() <= tcp.MAX_WAITING + 2 * len(DTLS)
    assert port.counters.drops["tcp-slow-reader"] == 2


async def test_others_are_not_held_up_by_a_slow_reader(port):
    _, slow = await port.connect(HELLO)
    slow.transport.pause_reading()
    await until(lambda: port.table.known)
    (stuck,) = port.table.known

    def full():
        return not all(port.port.send(MEDIA, stuck) for _ in range(100))

    await until(full)
    reader, _ = await port.connect(HELLO)
    await until(lambda: len(port.table.known) == 2)
    (other,) = port.table.known - {stuck}
    assert port.port.send(MEDIA, other)
    assert await frame_of(reader) == MEDIA


async def test_a_burst_leaves_the_loop_its_turn_and_comes_whole(port):
    count = 5 * tcp._MAX_FRAMES_PER_TURN + 3
    turns = []

    def receive(data, address, now):
        port.table.known.add(address)
        turns.append(len(ticks))

    ticks = []

    async def tick():
        while len(turns) < count:
            ticks.append(1)
            await asyncio.sleep(0)

    port.table.receive = receive
    _, writer = await port.connect()
    writer.write(b"".join(framed(bytes([1])) for _ in range(count)))
    async with asyncio.timeout(20):
        await tick()
    assert max(turns.count(turn) for turn in turns) <= tcp._MAX_FRAMES_PER_TURN


async def test_only_so_many_strangers_of_one_address_are_heard(port, monkeypatch):
    monkeypatch.setattr(tcp, "MAX_STRANGERS_PER_HOST", 3)
    for _ in range(3):
        await port.connect()
    reader, _ = await port.connect()
    assert await ended(reader)
    assert len(port.port) == 3
    assert port.counters.drops["tcp-refused"] == 1
    port.writers[0].write(framed(HELLO))  # no stranger any more
    await until(lambda: port.table.known)
    await port.connect()
    await until(lambda: len(port.port) == 4)


async def test_the_oldest_stranger_makes_room_for_the_newest(port, monkeypatch):
    monkeypatch.setattr(tcp, "MAX_STRANGERS", 2)
    oldest, _ = await port.connect()
    await port.connect()
    await until(lambda: len(port.port) == 2)
    await port.connect(HELLO)
    assert await ended(oldest)
    await until(lambda: port.table.known)
    assert len(port.port) == 2


@pytest.mark.parametrize("limit", ["MAX_CONNECTIONS", "MAX_PER_HOST"])
async def test_only_so_many_connections_are_open(port, monkeypatch, limit):
    monkeypatch.setattr(tcp, limit, 2)
    for count in (1, 2):
        await port.connect(HELLO)
        await until(lambda count=count: len(port.table.known) == count)
    reader, _ = await port.connect(HELLO)
    assert await ended(reader)
    assert port.counters.drops["tcp-refused"] == 1
    port.writers[0].close()
    await until(lambda: len(port.port) == 1)
    await port.connect(HELLO)
    await until(lambda: len(port.table.known) == 2)


async def test_nothing_is_left_of_those_who_went(port):
    for _ in range(20):
        await port.connect(HELLO)
    await until(lambda: len(port.table.known) == 20)
    for writer in port.writers:
        writer.close()
    await until(lambda: len(port.port) == 0)
    assert not port.port._hosts
    assert not port.port._strangers
    assert not port.port._strange_hosts
    assert len(port.table.forgotten) == 20


async def test_a_bug_hurts_nobody_else(port):
    await port.connect(HELLO, b"bug", MEDIA)
    await until(lambda: len(port.table.frames) == 2)
    assert port.counters.bugs["datagram"] == 1


def test_a_whole_ipv6_network_counts_as_one_address():
    assert tcp._counted_as("2001:db8:1:2:3:4:5:6") == tcp._counted_as("2001:db8:1:2:9:9:9:9")
    assert tcp._counted_as("2001:db8:1:2:3:4:5:6") != tcp._counted_as("2001:db8:1:3:3:4:5:6")
    assert tcp._counted_as("192.0.2.1") != tcp._counted_as("192.0.2.2")
