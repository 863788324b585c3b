"""One association from the first check to the last, and everything strangers may try."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Pli

HOME = ("192.0.2.1", 1000)
STRANGER = ("198.51.100.7", 7)
NEW_HOME = ("192.0.2.99", 2000)


def media(number: int = 1) -> bytes:
    return rtp.write(
        payload_type=96, sequence_number=number, timestamp=1, ssrc=5, payload=b"picture"
    )


def test_check_handshake_and_media_in_both_directions(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    assert pair.sink.connected == 1
    assert pair.dtls.get_selected_srtp_profile() == b"SRTP_AEAD_AES_128_GCM"
    protect, unprotect = pair.srtp()
    pair.receive(protect.protect(media()))
    assert pair.sink.rtp == [media()]
    pair.receive(protect.protect_rtcp(Pli(1, 5).write()))
    assert pair.sink.rtcp == [Pli(1, 5).write()]
    pair.sent.clear()
    pair.transport.send_rtcp(Pli(2, 6).write())
    assert unprotect.unprotect_rtcp(pair.sent[0][0]) == Pli(2, 6).write()
    assert unprotect.unprotect(pair.transport.protect(media())) == media()
    assert pair.counters.join_phases["ice"].counts != [0]
    assert not pair.counters.drops


def test_replayed_and_forged_media_is_dropped(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    protect, _ = pair.srtp()
    data = protect.protect(media())
    pair.receive(data)
    pair.receive(data)
    pair.receive(protect.protect(media(2))[:-1] + b"\x00")
    assert len(pair.sink.rtp) == 1
    assert pair.counters.drops == {"srtp-replay": 1, "srtp-auth": 1}


def test_a_browser_with_endless_ssrcs_is_bounded(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    protect, _ = pair.srtp()
    for ssrc in range(200):
        data = rtp.write(payload_type=96, sequence_number=1, timestamp=1, ssrc=ssrc, payload=b"x")
        pair.receive(protect.protect(data))
    assert len(pair.sink.rtp) == 64
    assert pair.counters.drops == {"srtp-too-many-ssrcs": 136}


def test_a_wrong_fingerprint_ends_the_transport_before_any_media(new_pair) -> None:
    pair = new_pair(wrong_fingerprint=True)
    pair.check()
    pair.handshake()
    assert not pair.transport.connected
    assert pair.sink.connected == 0
    assert pair.sink.closed == ["handshake-failed"]
    assert pair.counters.handshake_failures == {"dtls": 1}


def test_nothing_but_checks_is_taken_from_a_stranger(new_pair) -> None:
    pair = new_pair()
    stranger = new_pair()
    pair.check()
    first = pair.hello()
    assert pair.receive(stranger.hello(), STRANGER) == []
    for data in pair.receive(first):
        pair.dtls.bio_write(data)
    assert pair.receive(os.urandom(200), STRANGER) == []
    assert pair.receive(b"\x16\xfe\xfd" + bytes(60), STRANGER) == []
    pair.handshake()
    assert pair.transport.connected
    assert pair.counters.drops["unknown-address"] >= 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"password": "wrong" * 5}, "stun-integrity"),
        ({"username": "nobody:theirs"}, "stun-unknown-ufrag"),
    ],
)
def test_checks_with_wrong_credentials_change_nothing(new_pair, changes, reason) -> None:
    pair = new_pair()
    assert pair.check(STRANGER, **changes) == []
    assert pair.counters.drops == {reason: 1}
    assert pair.transport.remote_address is None
    assert pair.table.addresses == 0


def test_a_check_for_another_browser_is_refused(new_pair) -> None:
    pair = new_pair()
    assert pair.check(username=f"{pair.transport.local.ufrag}:else") == []
    assert pair.counters.drops == {"stun-username": 1}


def test_a_new_network_moves_the_media(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    protect, _ = pair.srtp()
    pair.check(NEW_HOME, nominate=False)
    assert pair.transport.remote_address != NEW_HOME
    pair.check(NEW_HOME)
    assert pair.transport.remote_address == NEW_HOME
    pair.receive(protect.protect(media()), NEW_HOME)
    assert len(pair.sink.rtp) == 1
    pair.sent.clear()
    pair.transport.send_rtcp(Pli(1, 2).write())
    assert pair.sent[0][1] == NEW_HOME


def test_an_ice_restart_keeps_media_and_takes_the_new_credentials(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    before = pair.transport.local
    after = pair.transport.restart_ice(type(before)("again", "q" * 24), pair.now)
    pair.table.add(pair.transport)
    assert after != before
    assert pair.check(username=f"{before.ufrag}:theirs", password=before.pwd)
    assert pair.check(NEW_HOME)
    assert pair.transport.remote_address == NEW_HOME
    assert not pair.check(username=f"{before.ufrag}:theirs", password=before.pwd)
    assert pair.transport.connected


def test_consent_runs_out_after_thirty_seconds(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    pair.now += 29
    pair.table.tick(pair.now)
    pair.check()
    pair.now += 29
    pair.table.tick(pair.now)
    assert pair.sink.closed == []
    pair.now += 2
    pair.table.tick(pair.now)
    assert pair.sink.closed == ["consent-lost"]


def test_a_handshake_that_does_not_end_is_given_up(new_pair) -> None:
    pair = new_pair()
    pair.check()
    pair.receive(pair.hello())
    pair.now += 11
    pair.table.tick(pair.now)
    assert pair.sink.closed == ["handshake-failed"]
    assert pair.counters.handshake_failures == {"dtls": 1}


def test_a_browser_that_never_comes_is_given_up(new_pair) -> None:
    pair = new_pair()
    pair.now += 31
    pair.table.tick(pair.now)
    assert pair.counters.handshake_failures == {"ice": 1}


def test_lost_flights_are_sent_again(new_pair) -> None:
    pair = new_pair()
    pair.check()
    for data in pair.receive(pair.hello()):  # the cookie
        pair.dtls.bio_write(data)
    lost = pair.receive(pair.hello())
    assert sum(map(len, lost)) > 500
    pair.sent.clear()
    # OpenSSL keeps a clock of its own: its first timer runs for a second.
    time.sleep(1.05)
    pair.table.tick(pair.now)
    assert pair.sent
    for data, _ in pair.sent:
        pair.dtls.bio_write(data)
    pair.handshake()
    assert pair.transport.connected


def test_a_goodbye_of_the_browser_closes(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    pair.dtls.shutdown()
    pair.receive(pair.dtls.bio_read(2000))
    assert pair.sink.closed == ["dtls-closed"]


def test_our_goodbye_reaches_the_browser_and_leaves_no_trace(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    pair.sent.clear()
    pair.table.remove(pair.transport)
    pair.transport.close(pair.now)
    assert pair.sink.closed == ["closed"]
    assert pair.sent
    assert len(pair.table) == pair.table.addresses == 0
    pair.transport.close(pair.now)
    assert pair.sink.closed == ["closed"]


def test_before_an_address_proved_itself_it_gets_no_more_than_it_sent(new_pair) -> None:
    pair = new_pair()
    pair.check()
    steps = 0
    while not pair.transport.connected:
        for data in pair.receive(pair.hello()):
            pair.dtls.bio_write(data)
        steps += 1
        received, sent = pair.flows[HOME]
        if not pair.transport._credit.is_proven(HOME):
            assert sent <= received
        assert steps < 10
    assert steps == 3  # with the cookie, one more than without


def test_a_victim_whose_address_is_forged_gets_no_more_than_was_sent(new_pair) -> None:
    pair = new_pair()
    pair.check(STRANGER)
    hello = pair.hello()
    for _ in range(20):
        pair.receive(hello, STRANGER)
        pair.now += 0.5
        pair.table.tick(pair.now)
    received, sent = pair.flows[STRANGER]
    assert 0 < sent <= received


def test_a_cookie_is_bound_to_its_address(new_pair) -> None:
    pair = new_pair()
    pair.check()
    pair.check(STRANGER)
    for data in pair.receive(pair.hello()):
        pair.dtls.bio_write(data)
    echoed = pair.hello()
    pair.receive(echoed, STRANGER)
    received, sent = pair.flows[STRANGER]
    assert sent <= received
    assert not pair.transport._credit.is_proven(STRANGER)


def test_data_passes_in_both_directions(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    datagram = b""
    for word in (b"one", b"two", b"three"):
        pair.dtls.send(word)
        datagram += pair.dtls.bio_read(2048)
    pair.receive(datagram)
    assert pair.sink.data == [b"one", b"two", b"three"]
    pair.sent.clear()
    pair.transport.send_data(b"answer")
    [(data, to)] = pair.sent
    assert to == pair.transport.remote_address
    pair.dtls.bio_write(data)
    assert pair.dtls.recv(2048) == b"answer"


def test_no_data_passes_before_the_handshake_or_after_the_end(new_pair) -> None:
    pair = new_pair()
    pair.check()
    pair.sent.clear()
    pair.transport.send_data(b"early")
    assert pair.sent == []
    pair.connect()
    pair.dtls.send(b"late")
    record = pair.dtls.bio_read(2048)
    pair.transport.close(pair.now)
    pair.sent.clear()
    pair.receive(record)
    pair.transport.send_data(b"late")
    assert pair.sink.data == []
    assert pair.sent == []


def test_data_is_sent_only_up_to_the_bound(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    pair.sent.clear()
    pair.transport.send_data(bytes(2049))
    assert pair.sent == []
    assert pair.counters.drops["data-too-large"] == 1


def test_addresses_are_bounded(new_pair) -> None:
    pair = new_pair()
    for port in range(100):
        pair.check(("192.0.2.1", port), nominate=False)
    assert pair.table.addresses <= 17
    assert len(pair.transport.ice.addresses) == 16
    assert len(pair.transport._credit) <= 17


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.binary(max_size=300), max_size=20), st.booleans())
def test_random_datagrams_raise_nothing(new_pair, datagrams, before) -> None:
    pair = new_pair()
    pair.check()
    if not before:
        pair.connect()
    for data in datagrams:
        pair.receive(data)
        pair.receive(data, STRANGER)
    assert not pair.counters.bugs


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.integers(0, 255), st.binary(max_size=100))
def test_datagrams_of_each_kind_raise_nothing(new_pair, first: int, rest: bytes) -> None:
    pair = new_pair()
    pair.connect()
    pair.receive(bytes([first]) + rest)
    assert not pair.counters.bugs
