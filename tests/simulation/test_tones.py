"""Keys pressed in a call (RFC 4733, telephone-event) pass through the server as they are."""

from __future__ import annotations

import itertools
import struct

import pytest

from sfu.rtp.packet import RtpPacket
from sfu.rtp.packet import parse as parse_rtp
from tests.simulation.browser import Browser
from tests.simulation.simulator import Call

# The payload type that each user gives to telephone-event; nobody the same.
TYPES = {"user1": 110, "user2": 126}
DIGIT, VOLUME = 5, 10
HEADER = struct.Struct("!BBHII")


def offers_tones(monkeypatch: pytest.MonkeyPatch, *users: str) -> None:
    """Let these users offer telephone-event, in every m-line of sound."""
    plain = Browser.offer_text

    def with_tones(browser: Browser) -> str:
        text = plain(browser)
        if browser.user not in users:
            return text
        kind = TYPES[browser.user]
        return text.replace("SAVPF 111\r\n", f"SAVPF 111 {kind}\r\n").replace(
            "a=rtpmap:111 opus/48000/2\r\n",
            "a=rtpmap:111 opus/48000/2\r\n"
            f"a=rtpmap:{kind} telephone-event/48000\r\na=fmtp:{kind} 0-16\r\n",
        )

    monkeypatch.setattr(Browser, "offer_text", with_tones)


class Key:
    """Presses a key: makes packets of sound those of an event (section 2.5.1.2)."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, bytes]] = []
        self._timestamp = 0

    def spoil(self, data: bytes) -> list[bytes]:
        first, _, number, timestamp, ssrc = HEADER.unpack_from(data)
        if len(self.sent) >= 8:
            return [data]
        begin = not self.sent
        if begin:
            self._timestamp = timestamp
        turn = min(len(self.sent), 5)  # the end comes three times
        end = 0x80 if turn == 5 else 0
        payload = struct.pack("!BBH", DIGIT, end | VOLUME, (turn + 1) * 960)
        self.sent.append((number, payload))
        kind = TYPES["user1"] | (0x80 if begin else 0)
        extensions = 4 * struct.unpack_from("!H", data, 14)[0]
        return [
            HEADER.pack(first, kind, number, self._timestamp, ssrc)
            + data[12 : 16 + extensions]
            + payload
        ]


def call_with_a_key(key: Key) -> tuple[Call, list[RtpPacket]]:
    """Ann speaks, presses a key and speaks; returns what Bob gets of her sound."""
    call = Call()
    ann, bob = call.browser("ann", camera=False), call.browser("bob", sends=False)
    got: list[RtpPacket] = []
    take = bob.receiver.take

    sound = b""

    def listen(data: bytes) -> None:
        nonlocal sound
        packet = parse_rtp(data)
        if packet.payload_type == 111:
            sound = data[packet.payload_offset :]
        if packet.payload_type in (111, *TYPES.values()):
            got.append(packet)
            data = data[: packet.payload_offset] + sound  # the receiver reads only Opus
        take(data)

    bob.receiver.take = listen  # type: ignore[method-assign]
    call.run(2.0)
    ann.sender.spoil = key.spoil
    call.run(2.0)
    return call, got


def test_a_key_arrives_with_its_number_duration_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    offers_tones(monkeypatch, "user1", "user2")
    key = Key()
    call, got = call_with_a_key(key)
    events = [packet for packet in got if packet.payload_type == TYPES["user2"]]
    content = [bytes(each.data[each.payload_offset : each.payload_end]) for each in events]
    assert content == [payload for _, payload in key.sent]
    assert len({packet.timestamp for packet in events}) == 1
    assert [packet.marker for packet in events] == [True] + [False] * 7
    numbers = [packet.sequence_number for packet in got]
    assert {(b - a) & 0xFFFF for a, b in itertools.pairwise(numbers)} == {1}
    at = got.index(events[0])
    assert (events[0].timestamp - got[at - 1].timestamp) & 0xFFFFFFFF == 960
    assert (got[at + 8].timestamp - events[0].timestamp) & 0xFFFFFFFF == 8 * 960
    assert not call.counters.bugs


def test_who_does_not_know_keys_gets_none_and_misses_no_sound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offers_tones(monkeypatch, "user1")
    key = Key()
    call, got = call_with_a_key(key)
    assert len(key.sent) == 8
    assert {packet.payload_type for packet in got} == {111}
    filled = [packet for packet in got if packet.payload_end > packet.payload_offset]
    assert len(filled) > 150
    assert not call.counters.bugs
