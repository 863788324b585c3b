"""The media port: one number for UDP and TCP."""

import asyncio
import socket

import pytest

from sfu.counters import Counters
from sfu.errors import InvalidSettings
from sfu.server.media_port import MediaPort
from sfu.server.udp import interface_addresses
from sfu.transport.address import TcpAddress
from sfu.transport.framing import framed

HAS_IPV6 = "::1" in interface_addresses(ipv4=False, ipv6=True)
HELLO, MEDIA = b"hello", bytes([0x80]) + bytes(999)


class Table:
    """Knows whoever said anything."""

    def __init__(self):
        self.known = set()
        self.heard = asyncio.Event()

    def receive(self, data, address, now):
        self.known.add(address)
        self.heard.set()

    def __contains__(self, address):
        return address in self.known

    def forget(self, address):
        self.known.discard(address)


@pytest.mark.skipif(not HAS_IPV6, reason="this machine has no IPv6 loopback")
async def test_both_families_share_the_number_of_the_udp_port():
    counters, table = Counters(), Table()
    media = MediaPort(host="", port=0, tcp=True, counters=counters)
    await media.start(table, None)
    try:
        for host in ("127.0.0.1", "::1"):
            reader, writer = await asyncio.open_connection(host, media.port)
            writer.write(framed(HELLO))
            async with asyncio.timeout(20):
                await table.heard.wait()
            table.heard.clear()
            address = table.known.pop()
            assert address.host == host
            assert media.send(MEDIA, address)
            async with asyncio.timeout(20):
                assert await reader.readexactly(2 + len(MEDIA)) == framed(MEDIA)
            writer.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))
            udp.settimeout(10)
            assert media.send(MEDIA, udp.getsockname())
            assert udp.recv(2000) == MEDIA
    finally:
        media.close()


async def test_without_tcp_nobody_can_connect():
    media = MediaPort(host="127.0.0.1", port=0, tcp=False, counters=Counters())
    await media.start(Table(), None)
    try:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", media.port)
        assert media.connections() == 0
        assert not media.send(MEDIA, TcpAddress("127.0.0.1", 1))
    finally:
        media.close()


def test_a_port_that_another_program_has_is_named_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(InvalidSettings, match=rf"TCP port {number} is in use.*--tcp off"):
            MediaPort(host="127.0.0.1", port=number, tcp=True, counters=Counters())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", number))  # the UDP port is free again
