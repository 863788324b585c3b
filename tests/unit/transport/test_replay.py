"""Each packet is taken once, however late it comes within the window, and whoever sends it again.

The same for libsrtp and for native code. Media have a window of 1,024 packets; libsrtp gives
reports one of 128, which no setting changes: they come once in 50 ms.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Pli
from sfu.transport.dtls import SrtpKeys
from sfu.transport.native_egress import AVAILABLE, native_sender
from sfu.transport.srtp import Srtp

WINDOW, REPORT_WINDOW = 1024, 128
PROFILES = {
    "SRTP_AEAD_AES_128_GCM": 16 + 12,
    "SRTP_AEAD_AES_256_GCM": 32 + 12,
    "SRTP_AES128_CM_SHA1_80": 16 + 14,
}
# Over a rollover of the sequence numbers; the first is not within the first half of them.
FIRST, COUNT = 64_500, 3000

profiles = pytest.mark.parametrize("profile", PROFILES)
native = pytest.mark.skipif(not AVAILABLE, reason="sfu.transport._egress is not built")
receivers = pytest.mark.parametrize("code", ["python", pytest.param("native", marks=native)])


def keys(profile: str) -> tuple[SrtpKeys, SrtpKeys]:
    """The browser's and ours."""
    one, other = (bytes([n]) * PROFILES[profile] for n in (1, 2))
    return SrtpKeys(profile, remote=one, local=other), SrtpKeys(profile, remote=other, local=one)


def plain(number: int) -> bytes:
    return rtp.write(
        payload_type=96,
        sequence_number=(FIRST + number) & 0xFFFF,
        timestamp=number,
        ssrc=5,
        payload=b"picture",
    )


@cache
def media(profile: str) -> list[bytes]:
    """A stream as a browser sends it."""
    srtp = Srtp(keys(profile)[0])
    return [srtp.protect(plain(number)) for number in range(COUNT)]


@cache
def reports(profile: str) -> list[bytes]:
    """Reports as a browser sends them."""
    srtp = Srtp(keys(profile)[0])
    return [srtp.protect_rtcp(Pli(5, number).write()) for number in range(600)]


def receiver(profile: str, code: str) -> Srtp:
    ours = keys(profile)[1]
    return Srtp(ours, native_sender(ours)) if code == "native" else Srtp(ours)


def outcome(process: Any, data: bytes) -> str:
    try:
        process(data)
    except MalformedPacket as malformed:
        return malformed.reason
    return "taken"


def expected(numbers: list[int], window: int) -> list[str]:
    """What RFC 3711 section 3.3.2 says of packets that come in this order."""
    seen: set[int] = set()
    outcomes = []
    for number in numbers:
        fresh = number not in seen and max(seen, default=0) - number < window
        outcomes.append("taken" if fresh else "srtp-replay")
        if fresh:
            seen.add(number)
    return outcomes


def orders(most: int, window: int) -> st.SearchStrategy[list[int]]:
    """Steps forth and back, those at the window's edge among them, from the middle on."""
    edges = [-window - 1, -window, -window + 1, -window + 2, -1, 0, 1, 1, 1, window, window + 1]
    steps = st.lists(st.sampled_from(edges) | st.integers(-window - 20, 300), max_size=80)

    def numbers(steps: list[int]) -> list[int]:
        path, newest = [most // 2], most // 2
        for step in steps:
            number = min(max(newest + step, 0), most - 1)
            newest = max(newest, number)
            path.append(number)
        return path

    return steps.map(numbers)


@receivers
@profiles
@given(orders(COUNT, WINDOW))
def test_media_is_taken_once_and_however_late_within_the_window(code, profile, numbers) -> None:
    packets, srtp = media(profile), receiver(profile, code)
    srtp.unprotect(packets[0])  # so that the rollover counter is known
    for number in range(0, numbers[0], 500):
        outcome(srtp.unprotect, packets[number])
    first = [0, *range(0, numbers[0], 500)]
    outcomes = [outcome(srtp.unprotect, packets[number]) for number in numbers]
    assert outcomes == expected([*first, *numbers], WINDOW)[len(first) :]


@receivers
@profiles
@given(orders(600, REPORT_WINDOW))
def test_reports_are_taken_once_and_however_late_within_theirs(code, profile, numbers) -> None:
    packets, srtp = reports(profile), receiver(profile, code)
    outcomes = [outcome(srtp.unprotect_rtcp, packets[number]) for number in numbers]
    assert outcomes == expected(numbers, REPORT_WINDOW)


@receivers
@profiles
def test_a_whole_stream_that_comes_backwards_within_the_window_is_taken(code, profile) -> None:
    packets, srtp = media(profile), receiver(profile, code)
    assert outcome(srtp.unprotect, packets[WINDOW - 1]) == "taken"
    for number in reversed(range(WINDOW - 1)):
        assert outcome(srtp.unprotect, packets[number]) == "taken", number
    for number in range(WINDOW):
        assert outcome(srtp.unprotect, packets[number]) == "srtp-replay", number


def test_records_of_data_are_taken_once_and_late_ones_too(new_pair) -> None:
    pair = new_pair()
    pair.connect()
    records = []
    for number in range(40):
        pair.dtls.send(b"%d" % number)
        records.append(pair.dtls.bio_read(65536))
    order = [3, 0, 2, 1, *range(39, 3, -1)]
    for number in (*order, *range(40)):
        pair.receive(records[number])
    assert pair.sink.data == [b"%d" % number for number in order]
    assert pair.sink.closed == []


def test_a_handshake_that_is_sent_again_changes_nothing(new_pair) -> None:
    pair = new_pair()
    flights: list[bytes] = []
    receive = pair.receive

    def record(data: bytes, *address: Any) -> list[bytes]:
        flights.append(data)
        return receive(data, *address)

    pair.receive = record
    pair.connect()
    sender = pair.transport.protect
    for address in ((), (("203.0.113.9", 9),)):
        for data in list(flights):
            receive(data, *address)
    assert pair.sink.connected == 1
    assert pair.sink.closed == []
    assert pair.transport.protect is sender
    assert pair.transport.remote_address == ("192.0.2.1", 1000)
    inbound = pair.srtp()[1]
    assert inbound.unprotect(sender(plain(1))) == plain(1)
