"""Receiving in native code: what libsrtp takes, drops and why; and where each datagram goes."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.counters import Counters
from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Pli
from sfu.transport.dtls import SrtpKeys
from sfu.transport.egress import NO_SOCKET
from sfu.transport.native_egress import AVAILABLE, NativeEgress, NativeInbox, native_sender
from sfu.transport.srtp import Srtp

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="sfu.transport._egress is not built")

KEY_AND_SALT = {
    "SRTP_AEAD_AES_128_GCM": 16 + 12,
    "SRTP_AEAD_AES_256_GCM": 32 + 12,
    "SRTP_AES128_CM_SHA1_80": 16 + 14,
}
profiles = pytest.mark.parametrize("profile", KEY_AND_SALT)


def both_sides(profile: str = "SRTP_AEAD_AES_128_GCM") -> tuple[SrtpKeys, SrtpKeys]:
    """The browser's keys and ours."""
    one, other = (bytes([n]) * KEY_AND_SALT[profile] for n in (1, 2))
    return SrtpKeys(profile, remote=one, local=other), SrtpKeys(profile, remote=other, local=one)


def media(number: int, payload: bytes = b"picture", ssrc: int = 5, **fields: Any) -> bytes:
    return rtp.write(
        payload_type=96,
        sequence_number=number & 0xFFFF,
        timestamp=7,
        ssrc=ssrc,
        payload=payload,
        **fields,
    )


def outcome(srtp: Srtp, data: bytes) -> bytes | str:
    try:
        return srtp.unprotect(data)
    except MalformedPacket as malformed:
        return malformed.reason


def outcome_of_report(srtp: Srtp, data: bytes) -> bytes | str:
    try:
        return srtp.unprotect_rtcp(data)
    except MalformedPacket as malformed:
        return malformed.reason


def of_libsrtp(srtp: Srtp, data: bytes) -> bytes | str:
    found = outcome(srtp, data)
    # What is shorter than even the tag of AES-GCM gets past its check of lengths, to the cipher.
    return "srtp-malformed" if found == "srtp-failed" and len(data) < 16 else found


def spoilt(data: bytes, position: int, change: int, cut: int) -> bytes:
    changed = bytearray(data)
    changed[position % len(data)] ^= change
    # What is not even of this version of RTP never comes here.
    changed[0] = changed[0] & 0x3F | 0x80
    return bytes(changed[: len(changed) - cut])


@profiles
@pytest.mark.parametrize("size", [12, 15, 21, 22, 27])
def test_a_packet_without_room_for_its_tag_has_the_outcome_of_libsrtp(profile, size) -> None:
    browser, ours = both_sides(profile)
    native, other = Srtp(ours, native_sender(ours)), Srtp(ours)
    data = Srtp(browser).protect(media(1))
    for each in (data[:size], data, data[:size]):  # of a new stream, and of a known one
        assert outcome(native, each) == of_libsrtp(other, each)


@profiles
@given(
    st.binary(max_size=40) | st.integers(1300, 1356).map(bytes),
    st.dictionaries(st.integers(1, 20), st.binary(max_size=20), max_size=3),
    st.lists(st.integers(0, 2**32 - 1), max_size=15),
    st.integers(0, 0xFFFF),
    st.integers(0, 2000),
    st.sampled_from([0, 0, 1, 0x80, 0xFF]),
    st.sampled_from([0, 0, 1, 20]),
)
@settings(max_examples=60, deadline=None)
def test_any_datagram_has_the_outcome_of_libsrtp(
    profile, payload, extensions, csrcs, number, position, change, cut
) -> None:
    browser, ours = both_sides(profile)
    try:
        data = Srtp(browser).protect(media(number, payload, extensions=extensions, csrcs=csrcs))
    except Exception:
        return  # too long to be sent
    data = spoilt(data, position, change, cut)
    native, other = Srtp(ours, native_sender(ours)), Srtp(ours)
    for _ in range(2):  # a replay the second time
        assert outcome(native, data) == of_libsrtp(other, data)


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_bytes_that_are_no_packet_are_dropped_for_the_reason_of_libsrtp(data) -> None:
    _, ours = both_sides()
    data = b"\x80" + data
    assert outcome(Srtp(ours, native_sender(ours)), data) == of_libsrtp(Srtp(ours), data)


STEPS = st.sampled_from([1, 2, 500, 20_000, 32_767, 32_768, 32_769, -1, -1023, -1024, -40_000])


@profiles
@given(st.integers(0, 0xFFFF), st.lists(STEPS | st.integers(-1100, 1100), max_size=60))
@settings(max_examples=60, deadline=None)
def test_lateness_replays_and_rollovers_are_judged_as_by_libsrtp(profile, first, steps) -> None:
    browser, ours = both_sides(profile)
    native, other = Srtp(ours, native_sender(ours)), Srtp(ours)
    number = first
    for step in [0, *steps]:
        number += step
        # A sender of its own for each: the rollover counter is 0, and wrong after a rollover.
        data = Srtp(browser).protect(media(number))
        assert outcome(native, data) == of_libsrtp(other, data)


@profiles
def test_a_long_stream_passes_its_rollovers_with_late_packets(profile) -> None:
    browser, ours = both_sides(profile)
    protect, native = native_sender(browser).protect, Srtp(ours, native_sender(ours))
    late: list[bytes] = []
    for number in range(65_000, 2 * 65_536 + 500, 7):
        data = protect(media(number))
        if number % 5 == 0:
            late.append(data)
        else:
            native.unprotect(data)
        if len(late) == 3:
            for each in reversed(late):
                native.unprotect(each)
                assert outcome(native, each) == "srtp-replay"
            late.clear()


def test_the_number_of_streams_is_bounded_and_forgeries_take_no_place() -> None:
    browser, ours = both_sides()
    stranger, _ = both_sides()
    forger = Srtp(SrtpKeys(stranger.profile, stranger.remote, bytes(28)))
    protect, native = native_sender(browser).protect, Srtp(ours, native_sender(ours))
    for ssrc in range(100):
        assert outcome(native, forger.protect(media(1, ssrc=ssrc))) == "srtp-auth"
    for ssrc in range(64):
        native.unprotect(protect(media(1, ssrc=ssrc)))
    assert outcome(native, protect(media(1, ssrc=64))) == "srtp-too-many-ssrcs"
    assert native.unprotect(protect(media(2, ssrc=3))) == media(2, ssrc=3)


# --- datagrams ---


class Route:
    """A transport as native code sees it."""

    def __init__(self, sender: Any) -> None:
        self.sender = sender


@pytest.fixture
def wire():
    """A socket of ours, and one of a browser's."""
    ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    browser = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with ours, browser:
        for each in (ours, browser):
            each.bind(("127.0.0.1", 0))
        ours.setblocking(False)
        browser.connect(ours.getsockname())
        yield ours, browser


def inbox(routes: Any) -> NativeInbox:
    egress = NativeEgress(lambda data, to: True, Counters(), lambda: (NO_SOCKET, NO_SOCKET))
    return NativeInbox(egress, routes)


def received(ours: socket.socket, routes: Any, count: int = 32) -> list[Any]:
    return inbox(routes).receive(ours.fileno(), count)[0]


def test_media_comes_unprotected_with_its_transport_and_all_else_as_it_is(wire) -> None:
    ours, browser = wire
    theirs, keys = both_sides()
    route, home = Route(native_sender(keys)), browser.getsockname()
    srtp = Srtp(theirs)
    good, empty = srtp.protect(media(1)), srtp.protect(media(2, b""))
    others = [
        b"",
        b"\x80",
        b"\x00\x01 STUN",
        b"\x16\xfe\xfd DTLS",
        bytes([0x80, 200]) + bytes(30),  # RTCP
        good,  # a replay
        good[:-1] + bytes([good[-1] ^ 1]),
        bytes([0x80, 96]) + bytes(2046),
    ]
    for data in (good, empty, *others):
        browser.send(data)
    assert received(ours, {home: route}) == [
        (rtp.parse(media(1)), home, route),
        (rtp.parse(media(2, b"")), home, route),
        *((data, home, None) for data in others),
    ]


@profiles
def test_reports_come_unprotected_once_with_their_transport(wire, profile) -> None:
    ours, browser = wire
    theirs, keys = both_sides(profile)
    route, home = Route(native_sender(keys)), browser.getsockname()
    srtp, report = Srtp(theirs), Pli(5, 6).write()
    first, second = srtp.protect_rtcp(report), srtp.protect_rtcp(report)
    forged, short = second[:8] + bytes([second[8] ^ 1]) + second[9:], second[:20]
    for data in (first, first, forged, short, second):
        browser.send(data)
    assert received(ours, {home: route}) == [
        (report, home, route),
        *((data, home, None) for data in (first, forged, short)),
        (report, home, route),
    ]
    for data, reason in ((first, "srtp-replay"), (forged, "srtp-replay")):
        assert outcome_of_report(Srtp(keys, route.sender), data) == reason


def test_a_malformed_packet_of_somebody_comes_as_its_bytes_with_its_transport(wire) -> None:
    ours, browser = wire
    theirs, keys = both_sides()
    route = Route(native_sender(keys))
    padded = bytearray(media(1))
    padded[0] |= 0x20
    padded[-1] = 200  # more than there is
    browser.send(native_sender(theirs).protect(bytes(padded)))
    home = browser.getsockname()
    assert received(ours, {home: route}) == [(bytes(padded), home, route)]


def test_a_class_that_makes_its_objects_otherwise_gets_the_bytes(wire) -> None:
    from sfu.transport import _egress

    class Choosy:
        def __new__(cls, *arguments: Any) -> Any:
            raise TypeError("arguments are missing")

    ours, browser = wire
    theirs, keys = both_sides()
    home, route = browser.getsockname(), Route(native_sender(keys))
    browser.send(native_sender(theirs).protect(media(1)))
    routes: Any = {home: route}
    datagrams, _ = _egress.receive(routes, Choosy, ours.fileno(), 3)  # type: ignore[arg-type]
    assert datagrams == [(media(1), home, route)]


@pytest.mark.parametrize("routes", ["nobody", "no keys yet", "other code"])
def test_media_that_native_code_cannot_unprotect_is_left_to_python(wire, routes) -> None:
    ours, browser = wire
    home, data = browser.getsockname(), Srtp(both_sides()[0]).protect(media(1))
    browser.send(data)
    known = {"nobody": {}, "no keys yet": {home: Route(None)}, "other code": {home: Route("x")}}
    assert received(ours, known[routes]) == [(data, home, None)]


def test_a_batch_is_bounded_and_nothing_is_an_error(wire) -> None:
    ours, browser = wire
    for number in range(5):
        browser.send(bytes([number]))
    assert [data for data, _, _ in received(ours, {}, 3)] == [b"\0", b"\1", b"\2"]
    assert [data for data, _, _ in received(ours, {}, 3)] == [b"\3", b"\4"]
    with pytest.raises(BlockingIOError):
        received(ours, {}, 3)
    for count in (0, 65):
        with pytest.raises(ValueError, match="at once"):
            received(ours, {}, count)


def test_a_known_address_is_the_same_object_and_equal_to_the_sockets_own(wire) -> None:
    ours, browser = wire
    for _ in range(2):
        browser.send(b"x")
    first, second = (address for _, address, _ in received(ours, {}))
    assert first is second
    browser.send(b"x")
    assert ours.recvfrom(10)[1] == first


def test_an_ipv6_address_is_as_the_socket_module_makes_it() -> None:
    family = socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as ours, socket.socket(family, 2) as browser:
        try:
            ours.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
        ours.setblocking(False)
        for _ in range(2):
            browser.sendto(b"x", ours.getsockname())
        ((_, address, _),) = received(ours, {}, 1)
        assert address == ours.recvfrom(10)[1]


def test_more_addresses_than_are_remembered_are_all_right(wire) -> None:
    ours, _ = wire
    for number in range(5000):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind((f"127.0.{number // 250}.{number % 250 + 1}", 0))
            one.sendto(b"x", ours.getsockname())
            home = one.getsockname()
        assert received(ours, {}) == [(b"x", home, None)]


def test_a_closed_socket_is_an_error() -> None:
    with pytest.raises(OSError, match="Bad file"):
        inbox({}).receive(-1, 3)
