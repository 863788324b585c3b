"""Problems with the way of the media that ``sfu doctor`` knows, provoked."""

import socket
import threading

import pytest

from sfu.config import Settings
from sfu.server import network_checks
from sfu.server.finding import State
from sfu.server.reach import OwnPort, reach
from sfu.server.running import RunningServer

OK, WARNING, PROBLEM = State.OK, State.WARNING, State.PROBLEM
OWN = ("192.0.2.7", "2001:db8::7", "127.0.0.1")


def one(findings):
    (finding,) = findings
    return finding


def is_complete(finding):
    """What is not well says what to change."""
    return bool(finding.text) and bool(finding.fix) == (finding.state is not OK)


@pytest.fixture
def taken_udp():
    """A UDP port that another program has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as spare:
        spare.bind(("127.0.0.1", 0))
        return spare.getsockname()[1]


def states(findings):
    return [finding.state for finding in findings]


def test_a_udp_port_of_another_program(taken_udp):
    settings = Settings(udp_host="127.0.0.1", udp_port=taken_udp)
    findings, listener = network_checks.udp_port(settings, None)
    assert one(findings).state is PROBLEM
    assert "udp_port" in one(findings).fix
    assert listener is None


class FakeServer(RunningServer):
    """A running server that counts nothing, or each time one more."""

    def __init__(self, step):
        self.step = step
        self.count = 0

    def checks_for_nobody(self):
        self.count += self.step
        return self.count


def test_a_udp_port_that_is_not_the_running_servers(taken_udp):
    settings = Settings(udp_host="127.0.0.1", udp_port=taken_udp)
    findings, listener = network_checks.udp_port(settings, FakeServer(0))
    assert one(findings).state is PROBLEM
    assert listener is None
    findings, listener = network_checks.udp_port(settings, FakeServer(1))
    assert one(findings).state is OK
    assert listener is not None


def test_a_server_that_runs_with_another_udp_port():
    settings = Settings(udp_host="127.0.0.1", udp_port=free_port())
    findings, listener = network_checks.udp_port(settings, FakeServer(1))
    assert one(findings).state is WARNING
    assert "settings" in one(findings).fix
    assert listener is None


def test_small_buffers_name_the_limit_to_raise():
    mebibyte = 1024 * 1024
    fine = list(network_checks.buffers(mebibyte, mebibyte, 0, 0))
    assert states(fine) == [OK, OK]
    receive, send = network_checks.buffers(212_992, 100_000, 212_992, 212_993)
    assert (receive.state, send.state) == (WARNING, WARNING)
    assert "net.core.rmem_max" in receive.fix
    assert "net.core.wmem_max" in send.fix
    assert "212993" in send.text


@pytest.mark.parametrize(
    ("address", "state", "word"),
    [
        ("192.0.2.7", OK, "of this machine"),
        ("8.8.8.8", OK, "forward UDP port 8081"),
        ("2606:4700::1", OK, "forward UDP port 8081"),
        ("10.0.0.1", WARNING, "private"),
        ("100.64.0.1", WARNING, "private"),
        ("fd00::9", WARNING, "private"),
        ("127.0.0.1", WARNING, "loopback"),
    ],
)
def test_what_an_advertised_address_is(address, state, word):
    settings = Settings(advertised_addresses=(address,))
    finding = one(network_checks.addresses(settings, {address: (address,)}, OWN))
    assert finding.state is state
    assert word in finding.text
    assert is_complete(finding)


def test_a_name_without_an_address_is_a_problem():
    settings = Settings(advertised_addresses=("call.example.org", "192.0.2.7"))
    found = {"call.example.org": (), "192.0.2.7": ("192.0.2.7",)}
    wrong, right = network_checks.addresses(settings, found, OWN)
    assert (wrong.state, right.state) == (PROBLEM, OK)
    assert "call.example.org" in wrong.text
    assert "advertised_addresses" in wrong.fix


@pytest.mark.parametrize(
    ("told", "state", "word"),
    [
        (("127.0.0.1", "::1"), WARNING, "loopback"),
        (("10.0.0.1", "127.0.0.1"), WARNING, "private"),
        (("8.8.8.8", "10.0.0.1"), OK, "8.8.8.8"),
    ],
)
def test_what_is_told_when_nothing_is_advertised(told, state, word):
    found = {address: (address,) for address in told}
    finding = one(network_checks.addresses(Settings(), found, told))
    assert finding.state is state
    assert word in finding.text
    assert is_complete(finding)


def test_names_are_looked_up_and_hanging_ones_given_up(monkeypatch):
    monkeypatch.setattr(network_checks, "_RESOLVE_TIMEOUT", 0.05)
    never = threading.Event()

    def resolve(name):
        if name == "hangs.example":
            never.wait()
        if name == "fails.example":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return ["0.0.0.0", "fe80::1%eth0", "8.8.8.8", "8.8.8.8"]

    found = network_checks.look_up(
        ["192.0.2.7", "hangs.example", "fails.example", "good.example"], resolve
    )
    never.set()
    assert found == {
        "192.0.2.7": ("192.0.2.7",),
        "hangs.example": (),
        "fails.example": (),
        "good.example": ("8.8.8.8",),
    }


def test_ipv6():
    finding = network_checks.ipv6("", has_ipv6=False, own=())
    assert finding.state is WARNING
    assert is_complete(finding)
    assert network_checks.ipv6("", has_ipv6=True, own=("fd00::1",)).state is OK
    assert "2606:4700::1" in network_checks.ipv6("", has_ipv6=True, own=("2606:4700::1",)).text
    assert "IPv4" in network_checks.ipv6("192.0.2.7", has_ipv6=False, own=()).text


def test_a_datagram_arrives_at_our_own_port_and_not_where_nobody_sends():
    findings, listener = network_checks.udp_port(Settings(udp_host="127.0.0.1", udp_port=0), None)
    assert states(findings) == [OK]
    assert isinstance(listener, OwnPort)
    assert listener.arrives("127.0.0.1")
    assert not listener.arrives("127.0.0.2")
    listener.close()


class DeafListener:
    port = 8081

    def __init__(self, *heard):
        self.heard = heard

    def arrives(self, address):
        return address in self.heard

    def close(self):
        pass


def test_what_does_not_arrive_is_a_problem_here_and_a_warning_through_a_router():
    deaf = DeafListener("127.0.0.1")
    ours, routed, arrived = reach(deaf, ("192.0.2.7", "8.8.8.8", "127.0.0.1"), OWN, port=8081)
    assert (ours.state, routed.state, arrived.state) == (PROBLEM, WARNING, OK)
    assert "8081" in ours.fix
    assert "8081" in routed.fix
    assert "127.0.0.1" in arrived.text


def test_trying_every_address_takes_a_bounded_time(monkeypatch):
    monkeypatch.setattr("sfu.server.reach._ALL_WITHIN", -1.0)
    finding = one(reach(DeafListener(*OWN), OWN, OWN, port=8081))
    assert finding.state is WARNING
    assert "192.0.2.7" in finding.text
