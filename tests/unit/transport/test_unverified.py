"""What goes to an address from which no signed check came: nothing, whatever comes from there."""

from __future__ import annotations

import hmac
import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.rtp import packet as rtp
from sfu.rtp.feedback import Pli
from sfu.transport import stun
from tests.unit.transport.conftest import HOME, Pair

PLACES: list[Any] = [HOME, ("192.0.2.1", 1001), ("203.0.113.9", 9), ("2001:db8::9", 9, 0, 0)]
# A NAT gave the browser another address (a check, or a nomination), and what strangers can do.
KINDS = ("check", "nominate", "unsigned", "guess", "stranger", "replay", "media", "report", "dtls")


def media(number: int) -> bytes:
    return rtp.write(
        payload_type=96, sequence_number=number, timestamp=0, ssrc=1, payload=b"x" * 900
    )


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(PLACES)), max_size=40))
@settings(max_examples=60)
def test_media_goes_to_no_address_before_a_signed_check_came_from_it(events) -> None:
    pair = Pair()
    pair.connect()
    outbound, _ = pair.srtp()
    # The browser's own checks, one of which a listener has.
    captured = check(pair, pair.transport.local.pwd)
    pair.receive(captured)
    verified, got, sent = {HOME}, dict.fromkeys(PLACES, 0), dict.fromkeys(PLACES, 0)
    for number, (kind, place) in enumerate(events):
        match kind:
            case "check" | "nominate":
                data = check(pair, pair.transport.local.pwd, nominate=kind == "nominate")
                verified.add(place)
            case "unsigned":
                data = check(pair, "")
            case "guess":
                data = check(pair, "guess" * 6)
            case "stranger":
                data = check(pair, pair.transport.local.pwd, username="somebody:else")
            case "replay":
                data = captured
            case "media":
                data = outbound.protect(media(number))
            case "report":
                data = outbound.protect_rtcp(Pli(1, 2).write())
            case _:
                data = b"\x16\xfe\xfd\0\0\0\0\0\0\0\x65\0\x0c" + bytes(200)
        pair.receive(data, place)
        got[place] += len(data)
        for answer, to in pair.sent:
            sent[to] += len(answer)
        pair.sent.clear()
        # What the others send goes to one address, and it passed a check.
        pair.transport.send_rtcp(Pli(3, 4).write())
        targets = {to for _, to in pair.sent}
        assert targets == {pair.transport.remote_address}
        assert targets <= verified
        for each in PLACES:
            assert each in verified or sent[each] == 0
            # Beside media, which flow to one of them, nobody gets more than came from there.
            assert sent[each] <= got[each]


def check(pair: Pair, password: str, *, nominate: bool = True, username: str = "") -> bytes:
    """A connectivity check of the browser's, or one that looks like it."""
    ours, theirs = pair.transport.local.ufrag, pair.transport.ice._remote.ufrag
    attributes = {
        stun.USERNAME: (username or f"{ours}:{theirs}").encode(),
        stun.ICE_CONTROLLING: bytes(8),
        stun.PRIORITY: bytes(4),
    }
    if nominate:
        attributes[stun.USE_CANDIDATE] = b""
    return stun.write(stun.BINDING_REQUEST, os.urandom(12), attributes, password)


def test_signatures_are_compared_in_constant_time(monkeypatch) -> None:
    compared = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return hmac.compare_digest(one, other)

    class Watched:
        digest = staticmethod(hmac.digest)
        compare_digest = staticmethod(compare)

    monkeypatch.setattr(stun, "hmac", Watched)
    pair = Pair()
    for password in (pair.transport.local.pwd, "guess" * 6):
        pair.receive(check(pair, password))
    assert compared == [(20, 20)] * 2


def test_the_oldest_checks_are_forgotten_and_the_others_known() -> None:
    pair = Pair()
    checks = [check(pair, pair.transport.local.pwd) for _ in range(1100)]
    for data in checks:
        pair.receive(data)
    elsewhere = ("203.0.113.9", 9)
    for data in checks[-1024:]:
        assert pair.receive(data, elsewhere) == []
    assert pair.counters.drops["stun-replay"] == 1024
    assert pair.transport.remote_address == HOME
    assert len(pair.transport.ice._checks._marks) == 4096
    assert pair.receive(checks[0], elsewhere) != []
