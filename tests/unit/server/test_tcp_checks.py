"""Problems with media over TCP that ``sfu doctor`` knows, provoked."""

import socket

import pytest

from sfu.config import Settings
from sfu.server import tcp_checks
from sfu.server.finding import State
from sfu.server.running import RunningServer
from sfu.server.tcp_checks import OwnTcpPort, RunningPort, reach_by_tcp, tcp_findings, tcp_port

OK, WARNING, PROBLEM = State.OK, State.WARNING, State.PROBLEM
OWN = ("192.0.2.7", "127.0.0.1")


class FakeServer(RunningServer):
    """A running server that counts nothing, or each time one more."""

    def __init__(self, step):
        self.step = step
        self.count = 0

    def checks_for_nobody(self):
        self.count += self.step
        return self.count


@pytest.fixture
def taken():
    """A TCP port that somebody has, who accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as spare:
        return spare.getsockname()[1]


def test_where_it_is_off_nothing_is_tried():
    (finding,) = tcp_findings(Settings(tcp="off"), None, OWN, OWN)
    assert finding.state is OK
    assert "TURN" in finding.text


def test_connections_to_our_own_port_are_taken():
    finding, taker = tcp_port(Settings(udp_host="127.0.0.1", udp_port=0), None)
    assert finding.state is OK
    assert isinstance(taker, OwnTcpPort)
    assert taker.takes("127.0.0.1")
    assert taker.takes("127.0.0.1")
    assert not taker.takes("127.0.0.2")
    taker.close()


def test_a_port_of_another_program_is_a_problem(taken):
    settings = Settings(udp_host="127.0.0.1", udp_port=taken)
    for running in (None, FakeServer(0)):
        finding, taker = tcp_port(settings, running)
        assert finding.state is PROBLEM
        assert "udp_port" in finding.fix
        assert "tcp" in finding.fix
        assert taker is None


def test_the_port_of_the_running_server_is_known_by_what_it_counts(taken):
    finding, taker = tcp_port(Settings(udp_host="127.0.0.1", udp_port=taken), FakeServer(1))
    assert finding.state is OK
    assert isinstance(taker, RunningPort)


def test_a_server_that_runs_without_tcp():
    settings = Settings(udp_host="127.0.0.1", udp_port=free_port())
    finding, taker = tcp_port(settings, FakeServer(1))
    assert finding.state is WARNING
    assert "settings" in finding.fix
    assert taker is None


class DeafTaker:
    def __init__(self, *heard):
        self.heard = heard

    def takes(self, address):
        return address in self.heard

    def close(self):
        pass


def test_what_is_not_taken_is_named_with_what_to_do():
    told = ("192.0.2.7", "8.8.8.8", "127.0.0.1")
    ours, routed, taken = reach_by_tcp(DeafTaker("127.0.0.1"), told, OWN, port=8081)
    assert (ours.state, routed.state, taken.state) == (WARNING, WARNING, OK)
    assert "TCP port 8081" in ours.fix
    assert "forward TCP port 8081" in routed.fix
    assert "127.0.0.1" in taken.text


def test_trying_every_address_takes_a_bounded_time(monkeypatch):
    monkeypatch.setattr(tcp_checks, "_ALL_WITHIN", -1.0)
    assert list(reach_by_tcp(DeafTaker(*OWN), OWN, OWN, port=8081)) == []
