import asyncio
import errno
import ipaddress
import socket

import pytest

from sfu.counters import Counters
from sfu.errors import InvalidSettings
from sfu.server import udp
from sfu.server.udp import UdpPort, interface_addresses
from sfu.transport.egress import NO_SOCKET
from sfu.transport.native_egress import AVAILABLE

HAS_IPV6 = "::1" in interface_addresses(ipv4=False, ipv6=True)
needs_ipv6 = pytest.mark.skipif(not HAS_IPV6, reason="this machine has no IPv6 loopback")
MEDIA = bytes([0x80, 96]) + bytes(30)
# How datagrams are received; what they lead to must not depend on it.
needs_native = pytest.mark.skipif(not AVAILABLE, reason="sfu.transport._egress is not built")
both = pytest.mark.parametrize("native", [False, pytest.param(True, marks=needs_native)])


def inbox_for(native, counters, routes=None):
    """What ``start`` takes for receiving with native code; None for the other way."""
    if not native:
        return None
    from sfu.transport.native_egress import NativeEgress, NativeInbox

    egress = NativeEgress(lambda data, to: True, counters, lambda: (NO_SOCKET, NO_SOCKET))
    return NativeInbox(egress, {} if routes is None else routes)


class Inbox:
    """What a port received; ``wait`` lets the event loop run until there is enough."""

    def __init__(self):
        self.datagrams = []
        self.more = asyncio.Event()

    def receive(self, data, address, now):
        self.datagrams.append((data, address))
        self.more.set()

    async def wait(self, count):
        async with asyncio.timeout(10):
            while len(self.datagrams) < count:
                self.more.clear()
                await self.more.wait()


@pytest.fixture
async def opened():
    """Opens ports; all of them are closed at the end."""
    ports = []

    def open_port(**changes):
        options = {"host": "", "port": 0, "advertised": (), "counters": Counters()}
        ports.append(UdpPort(**(options | changes)))
        return ports[-1]

    yield open_port
    for port in ports:
        port.close()


def client(family=socket.AF_INET):
    plain = socket.socket(family, socket.SOCK_DGRAM)
    plain.settimeout(10)
    return plain


@both
async def test_datagrams_arrive_with_the_address_that_answers_go_to(opened, native):
    counters, inbox = Counters(), Inbox()
    port = opened(counters=counters)
    port.start(inbox.receive, inbox_for(native, port._counters))
    with client() as browser:
        browser.sendto(b"hello", ("127.0.0.1", port.port))
        await inbox.wait(1)
        data, address = inbox.datagrams[0]
        assert data == b"hello"
        assert port.send(b"answer", address)
        answer, source = browser.recvfrom(100)
    assert (answer, source) == (b"answer", ("127.0.0.1", port.port))
    assert (counters.datagrams_in, counters.datagrams_out) == (1, 1)


@both
@needs_ipv6
async def test_both_families_share_one_port_number(opened, native):
    inbox = Inbox()
    port = opened()
    port.start(inbox.receive, inbox_for(native, port._counters))
    with client() as old, client(socket.AF_INET6) as new:
        old.sendto(b"four", ("127.0.0.1", port.port))
        new.sendto(b"six", ("::1", port.port))
        await inbox.wait(2)
        for data, address in inbox.datagrams:
            assert port.send(b"to " + data, address)
        assert old.recvfrom(100)[0] == b"to four"
        assert new.recvfrom(100)[0] == b"to six"


@both
async def test_a_burst_arrives_in_order_and_completely(opened, native):
    counters, inbox = Counters(), Inbox()
    port = opened(counters=counters)
    port.start(inbox.receive, inbox_for(native, port._counters))
    count = 3 * udp._MAX_DATAGRAMS_AT_ONCE + 5
    with client() as browser:
        for number in range(count):
            browser.sendto(number.to_bytes(2, "big"), ("127.0.0.1", port.port))
        await inbox.wait(count)
    assert [int.from_bytes(data, "big") for data, _ in inbox.datagrams] == list(range(count))
    assert counters.datagrams_in == count


@both
@pytest.mark.parametrize("data", [b"x", MEDIA])
async def test_all_that_waits_is_taken_in_one_turn_of_a_busy_loop(
    opened, native, data, monkeypatch
):
    monkeypatch.setattr(udp, "_MAX_TURN", 10.0)  # as long as it takes on any machine
    inbox = Inbox()
    port = opened()
    port.start(inbox.receive, inbox_for(native, port._counters))
    count = 5 * udp._MAX_DATAGRAMS_AT_ONCE + 5
    with client() as browser:
        for _ in range(count):
            browser.sendto(data, ("127.0.0.1", port.port))
    turns = 0
    while not inbox.datagrams:
        await asyncio.sleep(0)
        turns += 1
        assert turns < 10
    assert len(inbox.datagrams) == count


@both
@pytest.mark.parametrize("data", [b"x", MEDIA])
async def test_a_flood_leaves_the_loop_its_turn(opened, native, data, monkeypatch):
    now, taken = [0.0], []
    port = opened()
    each = 0.0021  # seconds of work, by a clock of our own
    count = 4 * udp._MAX_DATAGRAMS_AT_ONCE

    def receive(data, address, at):
        now[0] += each
        taken.append(at)

    with client() as browser:
        for _ in range(count):
            browser.sendto(data, ("127.0.0.1", port.port))
    port._receive, port._inbox = receive, inbox_for(native, port._counters)
    monkeypatch.setattr(udp.time, "monotonic", lambda: now[0])
    turns = []
    while len(taken) < count and len(turns) < count:
        before = len(taken)
        port._readable_natively(port._ipv4.fileno()) if native else port._readable(port._ipv4)
        turns.append(len(taken) - before)
    port._receive = None
    least = udp._MAX_DATAGRAMS_AT_ONCE if native else 1
    assert sum(turns) == count
    assert max(turns) <= max(least, udp._MAX_TURN / each + 2)


@both
async def test_a_bug_costs_one_datagram_and_is_counted(opened, native):
    counters, inbox = Counters(), Inbox()
    port = opened(counters=counters)

    def receive(data, address, now):
        if data == b"bad":
            raise RuntimeError("a bug")
        inbox.receive(data, address, now)

    port.start(receive, inbox_for(native, port._counters))
    with client() as browser:
        for data in (b"one", b"bad", b"two"):
            browser.sendto(data, ("127.0.0.1", port.port))
        await inbox.wait(2)
    assert [data for data, _ in inbox.datagrams] == [b"one", b"two"]
    assert counters.bugs["datagram"] == 1


async def test_the_forwarding_latency_is_measured_on_a_sample_of_the_media(opened):
    counters, inbox = Counters(), Inbox()
    port = opened(counters=counters)
    port.start(inbox.receive)
    with client() as browser:
        total = 0
        for _ in range(5):
            for _ in range(udp._SAMPLE_EVERY):
                browser.sendto(MEDIA, ("127.0.0.1", port.port))
                browser.sendto(b"\x00\x01 STUN", ("127.0.0.1", port.port))
                browser.sendto(bytes([0x80, 200]) + b" SRTCP", ("127.0.0.1", port.port))
                total += 3
            await inbox.wait(total)
    assert len(inbox.datagrams) == total
    assert counters.datagrams_in == total
    measured = sum(counters.forwarding_latency.counts)
    assert total // udp._SAMPLE_EVERY - 2 <= measured <= total // udp._SAMPLE_EVERY
    assert 0.0 < counters.forwarding_latency.total < 10.0


@needs_native
async def test_the_latency_of_native_receiving_is_measured_on_a_sample_of_the_media(opened):
    counters, inbox = Counters(), Inbox()
    port = opened(counters=counters)
    port.start(inbox.receive, inbox_for(True, counters))
    with client() as browser:
        for number in range(5 * udp._SAMPLE_EVERY):
            browser.sendto(MEDIA, ("127.0.0.1", port.port))
            await inbox.wait(number + 1)
    # At most one of a wake-up is measured, which may have taken several.
    assert 1 <= sum(counters.forwarding_latency.counts) <= 5
    assert 0.0 < counters.forwarding_latency.total < 10.0


class Talker:
    """A transport that has keys, and answers what it gets, once with a bug."""

    def __init__(self, sender, answer):
        self.sender = sender
        self.answer = answer
        self.packets = []
        self.failures = 0

    def receive_rtp(self, packet, now):
        self.packets.append(packet)
        self.answer(packet)

    def fail(self, now):
        self.failures += 1


@needs_native
async def test_media_from_a_known_address_goes_straight_to_its_transport(opened):
    from sfu.rtp.packet import write
    from sfu.transport.dtls import SrtpKeys
    from sfu.transport.native_egress import native_sender

    ours = SrtpKeys("SRTP_AEAD_AES_128_GCM", remote=b"1" * 28, local=b"2" * 28)
    theirs = SrtpKeys(ours.profile, remote=ours.local, local=ours.remote)
    counters, inbox, routes = Counters(), Inbox(), {}
    port = opened(counters=counters)
    port.start(inbox.receive, inbox_for(True, counters, routes))

    def answer(packet):
        if packet.sequence_number == 1:
            raise RuntimeError("a bug")

    talker, protect = Talker(native_sender(ours), answer), native_sender(theirs).protect
    packets = [
        write(payload_type=96, sequence_number=n, timestamp=0, ssrc=1, payload=b"x")
        for n in range(3)
    ]
    with client() as browser:
        browser.bind(("127.0.0.1", 0))
        routes[browser.getsockname()] = talker
        for packet in packets:
            browser.sendto(protect(packet), ("127.0.0.1", port.port))
        browser.sendto(b"\x00\x01 STUN", ("127.0.0.1", port.port))
        await inbox.wait(1)
    assert [packet.data for packet in talker.packets] == packets
    assert [data for data, _ in inbox.datagrams] == [b"\x00\x01 STUN"]
    assert (counters.bugs["datagram"], talker.failures) == (1, 1)
    assert counters.datagrams_in == 4


class SlowInbox:
    """Gives five datagrams at once, and remembers when what they led to was held and sent."""

    def __init__(self, clock):
        self.clock = clock
        self.calls = []

    def receive(self, descriptor, count):
        return [(b"\x00", ("127.0.0.1", 9), None)] * 5, 0.0

    def hold(self):
        self.calls.append(("hold", self.clock()))

    def flush(self):
        self.calls.append(("flush", self.clock()))


async def test_nothing_is_held_for_longer_than_a_moment(opened, monkeypatch):
    now = [0.0]
    port, inbox = opened(), SlowInbox(lambda: now[0])
    monkeypatch.setattr(udp.time, "monotonic", lambda: now[0])

    def receive(data, address, at):
        now[0] += 0.75 * udp._MAX_HELD

    port._receive, port._inbox = receive, inbox
    port._readable_natively(port._ipv4.fileno())
    port._receive = None
    assert [name for name, _ in inbox.calls] == ["hold", "flush"] * 3
    held = [
        end - start
        for (_, start), (_, end) in zip(inbox.calls[::2], inbox.calls[1::2], strict=True)
    ]
    assert max(held) < 2 * udp._MAX_HELD
    assert port._counters.datagrams_in == 5


@both
async def test_only_media_is_measured(opened, native):
    counters, inbox = Counters(), Inbox()
    port = opened(counters=counters)
    port.start(inbox.receive, inbox_for(native, port._counters))
    count = 2 * udp._SAMPLE_EVERY
    with client() as browser:
        for data in (
            b"\x16\xfe\xfd DTLS",
            bytes([0x81, 206]) + b" SRTCP",
            b"\x00\x01",
            b"",
            b"\x80",
        ):
            for _ in range(count):
                browser.sendto(data, ("127.0.0.1", port.port))
    await inbox.wait(5 * count)
    assert sum(counters.forwarding_latency.counts) == 0


class FullSocket:
    """A socket whose ``sendto`` always fails."""

    def __init__(self, error):
        self.error = error

    def sendto(self, data, address):
        raise self.error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BlockingIOError(), "socket-full"),
        (OSError(errno.ENETUNREACH, "no route"), "send-failed"),
        (PermissionError(), "send-failed"),
    ],
)
async def test_what_the_system_does_not_take_is_dropped_and_counted(opened, error, reason):
    counters = Counters()
    port = opened(counters=counters)
    port._ipv4 = FullSocket(error)
    assert not port.send(b"data", ("127.0.0.1", 9))
    assert counters.drops == {reason: 1}
    assert counters.datagrams_out == 0


async def test_a_family_that_is_not_bound_is_dropped_and_counted(opened):
    counters = Counters()
    port = opened(host="127.0.0.1", counters=counters)
    assert not port.send(b"data", ("::1", 9, 0, 0))
    assert counters.drops == {"no-such-family": 1}


async def test_candidates_are_every_interface_with_loopback_last(opened):
    port = opened()
    addresses = [ipaddress.ip_address(address) for address, _ in port.candidates()]
    assert {number for _, number in port.candidates()} == {port.port}
    assert ipaddress.ip_address("127.0.0.1") in addresses
    loopback = [address.is_loopback for address in addresses]
    assert loopback == sorted(loopback)
    assert not any(address.version == 6 and address.is_link_local for address in addresses)


async def test_candidates_are_what_the_operator_advertises(opened):
    port = opened(advertised=("203.0.113.7", "2001:db8::7"))
    assert port.candidates() == (("203.0.113.7", port.port), ("2001:db8::7", port.port))


async def test_a_port_on_one_address_has_that_candidate_only(opened):
    port = opened(host="127.0.0.1")
    assert port.candidates() == (("127.0.0.1", port.port),)


async def test_a_port_on_every_ipv4_address_has_no_ipv6_candidates(opened):
    port = opened(host="0.0.0.0")
    assert {ipaddress.ip_address(address).version for address, _ in port.candidates()} == {4}


class Adapter:
    def __init__(self, *ips):
        self.ips = [type("IP", (), {"ip": ip}) for ip in ips]


def test_interfaces_are_sorted_and_unreachable_addresses_left_out(monkeypatch):
    adapters = [
        Adapter("127.0.0.1", ("::1", 0, 0)),
        Adapter(("fe80::1", 0, 2), ("2001:db8::7", 0, 0), "192.168.1.7"),
        Adapter("192.168.1.7", "10.0.0.7"),
    ]
    monkeypatch.setattr(udp.ifaddr, "get_adapters", lambda: adapters)
    assert interface_addresses(ipv4=True, ipv6=True) == (
        "192.168.1.7",
        "10.0.0.7",
        "2001:db8::7",
        "127.0.0.1",
        "::1",
    )
    assert interface_addresses(ipv4=True, ipv6=False) == ("192.168.1.7", "10.0.0.7", "127.0.0.1")


def test_a_machine_with_many_addresses_names_a_bounded_number(monkeypatch):
    adapters = [Adapter(*(f"10.0.{i}.{j}" for j in range(1, 200))) for i in range(10)]
    monkeypatch.setattr(udp.ifaddr, "get_adapters", lambda: adapters)
    assert len(interface_addresses(ipv4=True, ipv6=True)) == udp._MAX_CANDIDATES


async def test_a_port_in_use_is_a_sentence_with_the_port_and_the_flag(opened):
    first = opened(host="127.0.0.1")
    with pytest.raises(InvalidSettings) as refused:
        opened(host="127.0.0.1", port=first.port)
    assert str(first.port) in str(refused.value)
    assert "--udp-port" in str(refused.value)


async def test_an_address_of_another_machine_is_a_sentence_with_the_flag(opened):
    with pytest.raises(InvalidSettings, match=r"203\.0\.113\.7.*--udp-host"):
        opened(host="203.0.113.7")


async def test_a_machine_without_ipv6_works_with_ipv4(opened, monkeypatch):
    real = socket.socket

    def without_ipv6(family, kind):
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "no IPv6")
        return real(family, kind)

    monkeypatch.setattr(udp.socket, "socket", without_ipv6)
    port = opened()
    assert all("." in address for address, _ in port.candidates())
    with pytest.raises(InvalidSettings, match="no IPv6"):
        opened(host="::1")


async def test_a_closed_port_is_free_again(opened):
    first = opened(host="127.0.0.1")
    first.start(lambda data, address, now: None)
    first.close()
    assert opened(host="127.0.0.1", port=first.port).port == first.port
