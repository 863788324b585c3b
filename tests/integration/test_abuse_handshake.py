"""Before the keys are there: what strangers send must neither stop a join nor cost memory."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path
from random import Random

import pytest
from OpenSSL import SSL

from sfu.transport import stun
from sfu.transport.dtls import MTU
from tests.fuzz.live import BROWSER, SERVER, Server

HOME, STRANGER = ("192.0.2.1", 1000), ("203.0.113.9", 9)


def client_hello() -> bytes:
    """The first flight of somebody's DTLS."""
    dtls = SSL.Connection(BROWSER.context, None)
    dtls.set_connect_state()
    dtls.set_ciphertext_mtu(MTU)
    with pytest.raises(SSL.WantReadError):
        dtls.do_handshake()
    return dtls.bio_read(65536)


HELLO = client_hello()


def rubbish(random: Random) -> bytes:
    """A datagram that looks like each of the kinds a port gets."""
    noise = random.randbytes(random.randrange(1, 200))
    return random.choice(
        (
            HELLO,
            HELLO[: random.randrange(len(HELLO))],
            b"\x16\xfe\xff" + noise,  # a DTLS record, as far as one can see
            b"\x15\xfe\xfd\0\0\0\0\0\0\0\0\0\x02\x02\x28",  # a fatal alert
            b"\x80\x60" + noise,
            b"\x80\xc8" + noise,
            b"\0\x01" + noise,
            stun.write(stun.BINDING_REQUEST, bytes(12), {stun.USERNAME: noise[:20]}, "wrong"),
            noise,
        )
    )


def joins(count: int, per_datagram: int) -> int:
    """How many of so many joins succeed while strangers send between any two datagrams."""
    random, connected = Random(1), 0
    for _ in range(count):
        server = Server()
        browser = server.browser(HOME)

        def spray(server: Server = server) -> None:
            for _ in range(per_datagram):
                server.receive(rubbish(random), (STRANGER[0], random.randrange(1, 65536)))

        browser.between = spray
        browser.check()
        browser.handshake()
        connected += browser.transport.connected
        assert set(server.sent) == {HOME}  # nobody else was answered
    return connected


def test_strangers_stop_no_handshake() -> None:
    assert joins(60, per_datagram=20) == 60


@pytest.mark.parametrize("kind", range(8))
def test_rubbish_that_comes_with_ones_own_address_stops_no_handshake(kind: int) -> None:
    random = Random(kind)
    server = Server()
    browser = server.browser(HOME)
    browser.check()
    noise = (
        lambda: b"\x16\xfe\xff" + random.randbytes(60),
        lambda: b"\x16\xfe\xfd\0\0\0\0\0\0\0\x09\x05\xdc" + random.randbytes(30),  # cut short
        lambda: b"\x17\xfe\xfd\0\x01\0\0\0\0\0\x09\0\x20" + random.randbytes(32),
        lambda: b"\x80\x60" + random.randbytes(60),
        lambda: b"\x15\xfe\xfd\0\0\0\0\0\0\0\x63\0\x02\x02\x28",  # a fatal alert
        lambda: b"\x16\xfe\xfd" + bytes(10) + b"\x15\xfe\xfd" + bytes(8) + b"\0\x02\x02\x28",
        lambda: HELLO,
        lambda: HELLO[: random.randrange(14, len(HELLO))],
    )[kind]
    browser.between = lambda: server.receive(noise(), HOME)
    browser.handshake()
    assert (browser.transport.connected, browser.closed) == (True, [])


def grown(action) -> int:
    """Bytes of Python's memory that ``action`` leaves behind."""
    gc.collect()
    tracemalloc.start()
    action()
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size


def test_ten_thousand_hellos_of_strangers_leave_nothing_behind() -> None:
    server = Server()
    browser = server.browser(HOME)

    def flood() -> None:
        for number in range(10_000):
            server.table.receive(HELLO, (f"203.0.113.{number % 250}", number), server.now)

    assert grown(flood) < 100_000
    assert server.sent == {}
    assert server.table.addresses == 0
    browser.connect()


def test_nothing_waits_for_a_handshake() -> None:
    server = Server()
    browser = server.browser(HOME)
    browser.check()

    def flood() -> None:
        for number in range(10_000):
            server.receive(b"\x80\x60" + number.to_bytes(2, "big") + bytes(1000), HOME)

    assert grown(flood) < 100_000
    assert server.drops["media-before-handshake"] == 10_000
    browser.handshake()
    assert browser.transport.connected
    assert browser.rtp == []


def fragments(total: int, random: Random) -> list[bytes]:
    """Pieces of handshake messages that never get complete, of ``total`` bytes each."""
    pieces = []
    for number in range(300):
        body = random.randbytes(200)
        at = random.randrange(total - 200)
        message = bytes([random.choice((1, 11, 16))]) + total.to_bytes(3, "big")
        message += random.randrange(12).to_bytes(2, "big") + at.to_bytes(3, "big")
        message += len(body).to_bytes(3, "big") + body
        record = b"\x16\xfe\xfd\0\0" + number.to_bytes(6, "big")
        pieces.append(record + len(message).to_bytes(2, "big") + message)
    return pieces


@pytest.mark.parametrize("after_hello", [False, True])
def test_half_open_handshakes_with_endless_fragments_are_bounded_and_end(after_hello: bool) -> None:
    server, random = Server(), Random(2)
    browsers = [server.browser(("192.0.2.1", number)) for number in range(20)]
    before = resident()
    server.got.clear()
    for browser in browsers:
        browser.check()
        if after_hello:
            browser.send(browser.flight())
        for total in (400, 10_000, 100_000, 0xFFFFFF):
            for piece in fragments(total, random):
                server.receive(piece, browser.address)
    assert resident() - before < 20 * 1024 * 1024
    server.pass_time(10.2)
    assert all(browser.closed == ["handshake-failed"] for browser in browsers)
    assert not any(browser.transport.connected for browser in browsers)


def resident() -> int:
    """Bytes of memory of this process; OpenSSL's are not in those that Python counts."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_no_state_but_a_check_before_the_first_check() -> None:
    server = Server()
    browser = server.browser(HOME)
    for data in (HELLO, b"\x80\x60" + bytes(60), b"\x80\xc8" + bytes(60)):
        server.receive(data, HOME)
    assert browser.transport._dtls is None
    assert server.sent == {}
    assert server.drops == {"unknown-address": 3}


def test_a_certificate_that_was_not_offered_gets_no_keys() -> None:
    server = Server()
    browser = server.browser(HOME)
    browser.dtls = SSL.Connection(SERVER.context, None)  # any other than its own
    browser.dtls.set_connect_state()
    browser.dtls.set_ciphertext_mtu(MTU)
    browser.check()
    browser.handshake()
    assert browser.closed == ["handshake-failed"]
    assert browser.transport.protect is None


def test_what_a_victim_is_sent_never_exceeds_what_came_in_its_name() -> None:
    """Somebody with a seat writes a victim's address on its datagrams, before it is connected."""
    random = Random(3)
    for _ in range(20):
        server = Server()
        browser = server.browser(HOME)
        victim = ("198.51.100.7", 7)
        browser.check(victim)
        for _ in range(60):
            browser.send(
                random.choice((HELLO, browser.checked(), browser.flight() or HELLO)), victim
            )
            server.pass_time(0.2)
        assert server.sent[victim] <= server.got[victim]
