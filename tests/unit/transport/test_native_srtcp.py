"""SRTCP by native code against libsrtp and against what the RFCs say, written down once more."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Pli
from sfu.transport.dtls import SrtpKeys
from sfu.transport.native_egress import AVAILABLE, native_sender
from sfu.transport.srtp import Srtp
from sfu.transport.transport import LEAST_MEDIA_BYTES, MEDIA_BYTES_AT_ONCE

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="sfu.transport._egress is not built")

GCM, GCM256, CM = "SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM", "SRTP_AES128_CM_SHA1_80"
KEY_AND_SALT = {GCM: (16, 12), GCM256: (32, 12), CM: (16, 14)}
TRAILER = {GCM: 20, GCM256: 20, CM: 14}
LAST_INDEX = 2**31 - 1
HOME = ("192.0.2.1", 1000)
profiles = pytest.mark.parametrize("profile", KEY_AND_SALT)


def both_sides(profile: str = GCM) -> tuple[SrtpKeys, SrtpKeys]:
    """The browser's keys and ours."""
    one, other = (bytes([n]) * sum(KEY_AND_SALT[profile]) for n in (1, 2))
    return SrtpKeys(profile, remote=one, local=other), SrtpKeys(profile, remote=other, local=one)


def by_native_code(keys: SrtpKeys) -> Srtp:
    return Srtp(keys, native_sender(keys))


def by_hand(keys: SrtpKeys, data: bytes, index: int, *, encrypted: bool = True) -> bytes:
    """``data`` protected with an index of our choice (RFC 3711 3.4 and 4, RFC 7714 9)."""
    size, _ = KEY_AND_SALT[keys.profile]
    master, salt = keys.local[:size], keys.local[size:].ljust(14, b"\0")

    def derived(label: int, length: int) -> bytes:
        counter = (int.from_bytes(salt, "big") ^ label << 48).to_bytes(14, "big") + bytes(2)
        return Cipher(AES(master), CTR(counter)).encryptor().update(bytes(length))

    word = (index | encrypted << 31).to_bytes(4, "big")
    header, body = data[:8], data[8:]
    nonce = data[4:8] + index.to_bytes(6, "big")
    if keys.profile == CM:
        session_salt = int.from_bytes(derived(5, 14) + bytes(2), "big")
        counter = (session_salt ^ int.from_bytes(nonce + bytes(2), "big")).to_bytes(16, "big")
        if encrypted:
            body = Cipher(AES(derived(3, 16)), CTR(counter)).encryptor().update(body)
        tag = hmac.digest(derived(4, 20), header + body + word, hashlib.sha1)[:10]
        return header + body + word + tag
    session_salt = int.from_bytes(derived(5, 12), "big")
    nonce = (session_salt ^ int.from_bytes(nonce, "big")).to_bytes(12, "big")
    gcm = AESGCM(derived(3, size))
    if encrypted:
        return header + gcm.encrypt(nonce, body, header + word) + word
    return header + body + gcm.encrypt(nonce, b"", header + body + word) + word


def report(payload: bytes = b"", ssrc: int = 5) -> bytes:
    return bytes([0x81, 201, 0, 7]) + ssrc.to_bytes(4, "big") + payload


def outcome(process: Any, data: bytes) -> bytes | str:
    try:
        return bytes(process(data))
    except MalformedPacket as malformed:
        return malformed.reason


# --- protect ---

payloads = st.binary(max_size=64) | st.integers(1300, 1346).map(bytes)
reports = st.builds(report, payloads, st.sampled_from([0, 5, 6, 2**32 - 1]))


@profiles
@given(st.lists(reports, max_size=20))
@settings(max_examples=60, deadline=None)
def test_reports_are_protected_as_by_libsrtp_index_by_index(profile, compounds) -> None:
    _, ours = both_sides(profile)
    native, libsrtp = by_native_code(ours), Srtp(ours)
    for data in compounds:
        assert outcome(native.protect_rtcp, data) == outcome(libsrtp.protect_rtcp, data)


@profiles
@given(st.binary(max_size=20) | st.integers(1340, 1520).map(bytes))
@settings(max_examples=60, deadline=None)
def test_bytes_that_are_no_report_are_protected_as_by_libsrtp(profile, data) -> None:
    _, ours = both_sides(profile)
    native, libsrtp = by_native_code(ours), Srtp(ours)
    assert outcome(native.protect_rtcp, data) == outcome(libsrtp.protect_rtcp, data)


@profiles
def test_what_is_protected_is_what_the_rfcs_say(profile) -> None:
    _, ours = both_sides(profile)
    native = by_native_code(ours)
    for index in range(1, 300):
        data = report(bytes(index % 50))
        assert native.protect_rtcp(data) == by_hand(ours, data, index)


def test_each_of_many_ssrcs_has_indices_of_its_own_up_to_a_bound() -> None:
    _, ours = both_sides()
    native = by_native_code(ours)
    for index in (1, 2):
        for ssrc in range(192):
            data = report(ssrc=ssrc)
            assert native.protect_rtcp(data) == by_hand(ours, data, index)
    assert outcome(native.protect_rtcp, report(ssrc=192)) == "srtp-too-many-ssrcs"


@profiles
def test_media_and_reports_of_one_ssrc_do_not_disturb_each_other(profile) -> None:
    browser, ours = both_sides(profile)
    sending, receiving = by_native_code(browser), by_native_code(ours)
    for number in range(200):
        media = rtp.write(
            payload_type=96, sequence_number=number, timestamp=7, ssrc=5, payload=b"picture"
        )
        pli = Pli(5, number).write()
        assert receiving.unprotect(sending.protect(media)) == media
        assert receiving.unprotect_rtcp(sending.protect_rtcp(pli)) == pli


# --- unprotect ---


@profiles
@given(
    st.lists(
        st.tuples(
            st.builds(report, st.binary(max_size=30), st.sampled_from([5, 6])),
            st.sampled_from([0, 1, 2, 127, 128, 129, 255, 256, 2**30, LAST_INDEX - 128])
            | st.integers(LAST_INDEX - 2, LAST_INDEX)
            | st.integers(0, 400),
            st.sampled_from([0, 0, 0, 1, 0x80, 0xFF]),
            st.integers(0, 60),
            st.sampled_from([0, 0, 0, 1, 4, 20, 40]),
        ),
        max_size=30,
    )
)
@settings(max_examples=80, deadline=None)
def test_reports_in_any_order_and_state_have_the_outcome_of_libsrtp(profile, arriving) -> None:
    browser, ours = both_sides(profile)
    native, libsrtp = by_native_code(ours), Srtp(ours)
    for data, index, change, position, cut in arriving:
        changed = bytearray(by_hand(browser, data, index))
        changed[position % len(changed)] ^= change
        each = bytes(changed[: len(changed) - cut])
        assert outcome(native.unprotect_rtcp, each) == outcome(libsrtp.unprotect_rtcp, each)


@profiles
@given(st.binary(max_size=60) | st.integers(1490, 1510).map(bytes))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_dropped_for_the_reason_of_libsrtp(profile, data) -> None:
    _, ours = both_sides(profile)
    found = outcome(by_native_code(ours).unprotect_rtcp, data)
    assert isinstance(found, str)
    assert found == outcome(Srtp(ours).unprotect_rtcp, data)


@profiles
def test_a_report_passes_once_and_nothing_but_itself(profile) -> None:
    browser, ours = both_sides(profile)
    native, data = by_native_code(ours), report(b"one block of a report...")
    good = by_hand(browser, data, 1)
    flag = len(good) - TRAILER[profile] + (16 if profile != CM else 0)
    for bit in range(8 * len(good)):
        forged = bytearray(good)
        forged[bit // 8] ^= 0x80 >> bit % 8
        reason = "srtp-failed" if profile == CM and bit == 8 * flag else "srtp-auth"
        assert outcome(native.unprotect_rtcp, bytes(forged)) == reason, bit
    for size in range(8 + TRAILER[profile]):
        assert outcome(native.unprotect_rtcp, good[:size]) == "srtp-malformed", size
    assert outcome(native.unprotect_rtcp, bytes(1501)) == "srtp-too-long"
    assert native.unprotect_rtcp(good) == data
    assert outcome(native.unprotect_rtcp, good) == "srtp-replay"


@profiles
@pytest.mark.parametrize("receiver", [by_native_code, Srtp])
def test_an_authentic_report_that_everybody_can_read_is_not_taken(profile, receiver) -> None:
    browser, ours = both_sides(profile)
    for index in (1, 2):
        clear = by_hand(browser, report(b"for everybody to read"), index, encrypted=False)
        reason = "srtp-failed" if profile == CM else "srtp-auth"
        assert outcome(receiver(ours).unprotect_rtcp, clear) == reason


@profiles
def test_after_the_last_index_only_those_within_the_window_pass(profile) -> None:
    browser, ours = both_sides(profile)
    native = by_native_code(ours)
    indices = [LAST_INDEX, LAST_INDEX - 127, LAST_INDEX - 128, LAST_INDEX, 0, 1]
    found = [outcome(native.unprotect_rtcp, by_hand(browser, report(), n)) for n in indices]
    assert found == [report(), report(), *["srtp-replay"] * 4]


def test_the_number_of_reporters_is_bounded_and_forgeries_take_no_place() -> None:
    browser, ours = both_sides()
    forger = SrtpKeys(browser.profile, browser.remote, bytes(28))
    native = by_native_code(ours)
    for ssrc in range(100):
        forged = by_hand(forger, report(ssrc=ssrc), 1)
        assert outcome(native.unprotect_rtcp, forged) == "srtp-auth"
    for ssrc in range(64):
        native.unprotect_rtcp(by_hand(browser, report(ssrc=ssrc), 1))
    late = by_hand(browser, report(ssrc=64), 1)
    assert outcome(native.unprotect_rtcp, late) == "srtp-too-many-ssrcs"
    assert native.unprotect_rtcp(by_hand(browser, report(ssrc=3), 2)) == report(ssrc=3)


@pytest.mark.parametrize("wrong", [None, 7, "x", bytearray(40)])
def test_only_bytes_are_taken(wrong) -> None:
    sender = native_sender(both_sides()[1])
    for process in (sender.protect_rtcp, sender.unprotect_rtcp):
        with pytest.raises(TypeError):
            process(wrong)


# --- in a transport ---


@pytest.mark.parametrize("make_sender", [None, native_sender])
def test_reports_of_a_transport_pass_both_ways_and_what_does_not_is_counted(
    new_pair, make_sender
) -> None:
    pair = new_pair(make_sender=make_sender)
    pair.connect()
    protect, unprotect = pair.srtp()
    good = protect.protect_rtcp(report(b"to us"))
    pair.receive(good)
    pair.receive(good)
    pair.receive(good[:-1] + bytes([good[-1] ^ 1]))
    pair.receive(good[:12])
    assert pair.sink.rtcp == [report(b"to us")]
    assert pair.counters.drops["srtp-replay"] == 1
    assert pair.counters.drops["srtp-malformed"] == 1
    pair.sent.clear()
    pair.transport.send_rtcp(report(b"to them"))
    pair.transport.send_rtcp(bytes(1353))
    pair.transport.send_rtcp(b"short")
    assert [unprotect.unprotect_rtcp(data) for data, _ in pair.sent] == [report(b"to them")]
    assert pair.counters.drops["srtp-too-long"] == 1
    assert pair.counters.drops["srtp-malformed"] == 2


def whole(pair: Any) -> Any:
    """How reports come to a transport: protected, as they do without native code."""
    protect = pair.srtp()[0].protect_rtcp
    return lambda data, address: pair.receive(protect(data), address)


def unprotected(pair: Any) -> Any:
    """As native code hands them over."""
    return lambda data, address: pair.transport.receive_rtcp(data, address, pair.now)


ways = pytest.mark.parametrize("way", [whole, unprotected])


@ways
def test_too_many_reports_are_a_flood_whichever_way_they_come(new_pair, way) -> None:
    pair = new_pair(make_sender=native_sender)
    pair.connect()
    receive = way(pair)
    for _ in range(MEDIA_BYTES_AT_ONCE // LEAST_MEDIA_BYTES + 7):
        receive(report(b"small"), HOME)
    assert pair.counters.drops == {"media-flood": 7}
    pair.now += 1.0
    receive(report(b"later"), HOME)
    assert pair.sink.rtcp[-1] == report(b"later")


@ways
def test_media_follows_reports_to_an_address_whichever_way_they_come(new_pair, way) -> None:
    pair, other = new_pair(make_sender=native_sender), ("203.0.113.9", 9)
    pair.connect()
    pair.check(other, nominate=False)
    receive = way(pair)
    receive(report(), HOME)
    pair.now += 1.0
    receive(report(), other)
    assert pair.sink.moved == 1
    assert pair.transport.remote_address == other


def test_a_closed_transport_takes_no_reports(new_pair) -> None:
    pair = new_pair(make_sender=native_sender)
    pair.connect()
    pair.transport.close(pair.now)
    pair.transport.receive_rtcp(report(), HOME, pair.now)
    assert pair.sink.rtcp == []
