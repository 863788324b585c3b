import asyncio
import socket
from contextlib import contextmanager

import pytest

from sfu.server.drain import MAX_SECONDS, Drain
from sfu.server.service_manager import ServiceManager


class Rooms:
    def __init__(self, participants=1) -> None:
        self.participants = participants
        self.told = []

    def drain(self, until) -> None:
        self.told.append(until)


@pytest.fixture
async def make_drain():
    made = []

    def make(rooms, seconds, **options):
        made.append(Drain(rooms, seconds, wall_clock=lambda: 1000.0, **options))
        return made[-1]

    yield make
    for drain in made:
        drain.close()


async def over_within(drain, seconds):
    async with asyncio.timeout(seconds):
        await drain.over.wait()


async def test_without_time_to_drain_it_is_over_at_once(make_drain):
    rooms = Rooms()
    drain = make_drain(rooms, 0.0)
    drain.signal()
    assert drain.over.is_set()
    assert rooms.told == []


async def test_everybody_is_told_the_deadline_and_nobody_is_cut_before_it(make_drain):
    rooms, statuses = Rooms(), []
    drain = make_drain(rooms, 0.3, changed=statuses.append)
    began = asyncio.get_running_loop().time()
    drain.signal()
    assert drain.active
    assert rooms.told == [1000.3]
    assert statuses == ["draining"]
    await over_within(drain, 10)
    assert asyncio.get_running_loop().time() - began >= 0.3


async def test_it_is_over_when_the_last_has_left(make_drain):
    rooms = Rooms()
    drain = make_drain(rooms, 600.0)
    drain.begin()
    await asyncio.sleep(0)
    rooms.participants = 0
    await over_within(drain, 10)


async def test_a_second_signal_ends_it_at_once(make_drain):
    drain = make_drain(Rooms(), 600.0)
    drain.signal()
    assert not drain.over.is_set()
    drain.signal()
    assert drain.over.is_set()


async def test_it_can_be_taken_back_and_begun_again(make_drain):
    rooms, statuses = Rooms(), []
    drain = make_drain(rooms, 0.05, changed=statuses.append)
    drain.begin()
    assert drain.cancel()
    await asyncio.sleep(0.15)
    assert not drain.over.is_set()
    assert not drain.active
    assert rooms.told == [1000.05, None]
    assert statuses == ["draining", "ready"]
    drain.begin()
    await over_within(drain, 10)


async def test_what_is_over_or_has_not_begun_cannot_be_taken_back(make_drain):
    drain = make_drain(Rooms(), 600.0)
    assert not drain.cancel()
    drain.begin()
    drain.hurry()
    assert not drain.cancel()


async def test_the_deadline_can_be_moved(make_drain):
    rooms = Rooms()
    drain = make_drain(rooms, 0.05)
    drain.begin()
    assert drain.begin(600.0) == 1600.0
    await asyncio.sleep(0.15)
    assert not drain.over.is_set()
    assert drain.begin(1e12) == 1000.0 + MAX_SECONDS
    assert drain.begin(-1.0) == 1000.0
    assert drain.over.is_set()


@contextmanager
def manager(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(path)
        listening.settimeout(10)
        yield listening


async def test_systemd_hears_when_the_server_is_ready_alive_and_stopping(tmp_path):
    path = str(tmp_path / "notify")
    with manager(path) as listening:
        told = ServiceManager({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "40000"})
        told.ready()
        received = [await asyncio.to_thread(listening.recv, 100) for _ in range(3)]
        assert received == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        told.close()
        told.status("draining")
        told.stopping()
        received = [listening.recv(100) for _ in range(2)]
        while received[0] == b"WATCHDOG=1":
            received = [received[1], listening.recv(100)]
        assert received == [b"STATUS=draining", b"STOPPING=1"]


async def test_without_a_watchdog_nobody_pings(tmp_path):
    path = str(tmp_path / "notify")
    for environ in (
        {},
        {"WATCHDOG_USEC": "nonsense"},
        {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"},
    ):
        with manager(path) as listening:
            told = ServiceManager({"NOTIFY_SOCKET": path, **environ})
            told.ready()
            await asyncio.sleep(0.01)
            assert listening.recv(100) == b"READY=1"
            listening.setblocking(False)
            with pytest.raises(BlockingIOError):
                listening.recv(100)
            told.close()
        (tmp_path / "notify").unlink()


async def test_an_abstract_socket_is_a_socket_too():
    with manager("\0parley-test-notify") as listening:
        ServiceManager({"NOTIFY_SOCKET": "@parley-test-notify"}).stopping()
        assert listening.recv(100) == b"STOPPING=1"


async def test_without_systemd_and_with_a_deaf_one_nothing_happens(tmp_path):
    for address in ("", "relative/path", str(tmp_path / "nobody")):
        told = ServiceManager({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000"})
        told.ready()
        told.status("ready")
        await asyncio.sleep(0.005)
        told.stopping()
        told.close()
