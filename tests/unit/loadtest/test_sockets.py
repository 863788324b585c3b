"""Many sockets behind one entry in the event loop."""

from __future__ import annotations

import asyncio
import socket

from loadtest.sockets import Sockets, kernel_time, of_one_family, udp_socket


async def test_each_socket_reads_its_own_datagrams_until_it_is_removed() -> None:
    sockets = Sockets()
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made = [udp_socket([("127.0.0.1", 9)]) for _ in range(3)]
    got: list[tuple[int, bytes]] = []
    done = asyncio.Event()

    def reader(index: int) -> None:
        got.append((index, made[index].recv(100)))
        if len(got) == 6:
            done.set()

    for index, each in enumerate(made):
        each.bind(("127.0.0.1", 0))
        sockets.add(each, lambda index=index: reader(index))
    for index, each in enumerate(made):
        for number in range(2):
            sender.sendto(b"%d %d" % (index, number), each.getsockname())
    await asyncio.wait_for(done.wait(), 10)
    assert sorted(got) == [(i, b"%d %d" % (i, n)) for i in range(3) for n in range(2)]
    sockets.remove(made[0])
    sender.sendto(b"late", made[0].getsockname())
    sender.sendto(b"1 2", made[1].getsockname())
    while len(got) < 7:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    assert got[6] == (1, b"1 2")
    sockets.close()
    for each in (*made, sender):
        each.close()


def test_the_time_of_an_arrival_is_read_from_what_the_kernel_tells() -> None:
    value = (1_700_000_000).to_bytes(8, "little") + (250_000_000).to_bytes(8, "little")
    assert kernel_time([(1, 35, value)]) == 1_700_000_000.25


def test_ipv4_and_loopback_are_taken_first() -> None:
    candidates = [("10.0.0.1", 1), ("::1", 1), ("127.0.0.1", 1)]
    assert of_one_family(candidates) == [("127.0.0.1", 1), ("10.0.0.1", 1)]
    assert of_one_family([("2001:db8::1", 1), ("::1", 1)])[0] == ("::1", 1)
