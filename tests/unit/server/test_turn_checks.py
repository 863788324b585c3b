"""What ``sfu doctor`` says of TURN servers: one in miniature, that can be made to fail."""

import hashlib
import socket
import threading
import time

import pytest

from sfu.config import Settings
from sfu.server import turn_checks
from sfu.server.finding import State
from sfu.server.turn_checks import turn_findings
from sfu.signaling.ice_servers import turn_login
from sfu.transport import stun

OK, WARNING, PROBLEM = State.OK, State.WARNING, State.PROBLEM
SECRET = "a secret of both"
REALM, NONCE = b"turn.test", b"once"
ALLOCATE, PERMIT, SEND = 0x0003, 0x0008, 0x0016


class TurnServer:
    """Answers over UDP; ``errors`` are by method, ``open`` asks nobody who it is."""

    def __init__(self):
        self.errors = {}
        self.open = False
        self.relayed = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.url = f"turn:127.0.0.1:{self._socket.getsockname()[1]}?transport=udp"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self):
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _run(self):
        while not self._over.is_set():
            try:
                data, address = self._socket.recvfrom(2048)
            except TimeoutError:
                continue
            answer = self._answer(stun.parse(data))
            if answer:
                self._socket.sendto(answer, address)

    def _answer(self, message):
        if message.kind == SEND:
            self.relayed.append(message.attributes[0x0013])
            return b""
        error = self.errors.get(message.kind, 0)
        attributes = {}
        if not self.open and not self._knows(message):
            error, attributes = 401, {0x0014: REALM, 0x0015: NONCE}
        if error:
            attributes[stun.ERROR_CODE] = stun.error_code(error, "no")
        kind = message.kind | (0x0110 if error else 0x0100)
        return stun.write(kind, message.transaction, attributes, "")

    def _knows(self, message):
        name = message.attributes.get(stun.USERNAME, b"").decode()
        until, _, participant = name.partition(":")
        if not until.isdecimal() or int(until) < time.time():
            return False
        _, password = turn_login(SECRET, participant, int(until))
        key = hashlib.md5(b":".join((name.encode(), REALM, password.encode()))).digest()
        return message.signed_by(key)


class Listener:
    """Hears what the TURN server relayed."""

    port = 8081

    def __init__(self, server, deaf=False):
        self.server, self.deaf = server, deaf

    def arrives(self, address):
        raise AssertionError("not asked here")

    def hears(self, send):
        send(b"check")
        for _ in range(0 if self.deaf else 200):
            if b"check" in self.server.relayed:
                return True
            time.sleep(0.01)
        return False

    def close(self):
        pass


@pytest.fixture
def server():
    made = TurnServer()
    yield made
    made.close()


def examine(server, *, deaf=False, secret=SECRET, seconds=600, told=("192.0.2.7",)):
    settings = Settings(turn_urls=(server.url,), turn_secret=secret, turn_seconds=seconds)
    (found,) = turn_findings(settings, told, Listener(server, deaf), now=time.time())
    assert bool(found.fix) == (found.state is not OK)
    assert secret not in repr(found)
    return found


def test_one_that_works(server):
    found = examine(server)
    assert found.state is OK
    assert "relays to 192.0.2.7" in found.text


def test_a_wrong_secret(server):
    found = examine(server, secret="the secret of somebody else")
    assert found.state is PROBLEM
    assert "turn_secret" in found.fix
    assert not server.relayed


def test_one_that_may_not_relay_to_us(server):
    server.errors[PERMIT] = 403
    found = examine(server)
    assert found.state is PROBLEM
    assert "may not relay to 192.0.2.7" in found.text
    assert "allowed-peer-ip" in found.fix


def test_one_whose_packets_get_lost(server):
    found = examine(server, deaf=True)
    assert found.state is PROBLEM
    assert "does not arrive" in found.text


def test_one_that_has_no_way_to_our_family_of_addresses(server):
    server.errors[PERMIT] = 443
    found = examine(server)
    assert found.state is OK
    assert "not tried" in found.text


@pytest.mark.parametrize(("code", "state"), [(486, WARNING), (508, WARNING), (500, PROBLEM)])
def test_one_that_refuses(server, code, state):
    server.errors[ALLOCATE] = code
    found = examine(server)
    assert found.state is state
    assert str(code) in found.text


def test_one_that_is_open_to_everybody(server):
    server.open = True
    found = examine(server)
    assert found.state is WARNING
    assert "use-auth-secret" in found.fix


def test_without_an_address_to_relay_to_the_secret_is_tried_all_the_same(server):
    assert examine(server, told=()).state is OK
    assert examine(server, told=(), secret="the secret of somebody else").state is PROBLEM


def test_one_that_is_silent_or_not_there_is_given_up(monkeypatch):
    monkeypatch.setattr(turn_checks, "_SECONDS", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        urls = (f"turn:127.0.0.1:{port}", "turn:127.0.0.1:9?transport=tcp", "turn:name.invalid")
        settings = Settings(turn_urls=urls, turn_secret=SECRET)
        found = list(turn_findings(settings, ("192.0.2.7",), None, now=time.time()))
    assert [each.state for each in found] == [PROBLEM] * 3
    for url, each in zip(urls, found, strict=True):
        assert url in each.text
        assert "turn_urls" in each.fix


def test_trying_all_of_them_takes_a_bounded_time(monkeypatch, server):
    monkeypatch.setattr(turn_checks, "_ALL_WITHIN", -1.0)
    assert examine(server).state is WARNING
