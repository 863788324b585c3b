"""Fuzz targets that keep state: a live transport, a participant in a call, data channels."""

from __future__ import annotations

import asyncio
import hmac
import zlib
from random import Random
from typing import Any

import google_crc32c

from sfu.rtp import packet as rtp
from sfu.rtp.packet import is_rtcp
from tests.fuzz.live import Browser, Server
from tests.fuzz.targets import Target, corpus
from tests.simulation.bad_publisher import Blind
from tests.simulation.simulator import Call
from tests.unit.server.data_peer import DataPeer, DataRoom

_HOME, _STRANGER = ("192.0.2.1", 1000), ("203.0.113.9", 9)
_WARM_UP = 3.0  # seconds of a call
_SEEDS = 200  # of it
_TICKS = 0.1


class LiveTransport:
    """A connected transport; strangers, and its own browser, send it what was once a datagram.

    What the browser sends is sometimes broken before it is protected, sometimes after.
    """

    def __init__(self) -> None:
        self._random = Random(1)
        self._server = Server()
        self._browser: Browser = self._server.browser(_HOME)
        self._browser.connect()
        self._number = 0

    def target(self) -> Target:
        """The target."""
        seeds = corpus("stun") + corpus("dtls") + corpus("rtp") + corpus("rtcp")
        return Target("transport", seeds, self._run, (), between=self._still_works)

    def _run(self, data: bytes) -> None:
        browser, random = self._browser, self._random
        way = random.randrange(4)
        if way == 0:
            self._server.receive(data, _STRANGER)
        elif way == 1:
            self._server.receive(data, _HOME)
        elif way == 2:
            self._server.receive(_resigned(browser, data), _HOME)
        else:
            try:
                protect = browser.outbound.protect_rtcp if is_rtcp(data) else None
                protected = bytearray((protect or browser.outbound.protect)(data))
            except Exception:
                return  # no packet for a library that writes none
            if random.random() < 0.5:
                protected[random.randrange(len(protected))] ^= 1 << random.randrange(8)
            self._server.receive(bytes(protected), _HOME)
        browser.inbox.clear()

    def _still_works(self) -> None:
        browser = self._browser
        assert browser.closed == []
        assert self._server.table.addresses <= 16
        assert self._server.sent.get(_STRANGER, 0) == 0
        browser.rtp.clear()
        browser.rtcp.clear()
        self._server.now += _TICKS
        browser.check()
        self._number += 1
        packet = rtp.write(
            payload_type=96,
            sequence_number=self._number & 0xFFFF,
            timestamp=0,
            ssrc=0xFEED,
            payload=b"x",
        )
        browser.send_rtp(packet)
        assert browser.rtp == [packet]
        browser.captured.clear()


def _resigned(browser: Browser, data: bytes) -> bytes:
    """``data`` as the attributes of a check that this browser has signed."""
    check = bytearray(browser.checked())
    user = check[20 : 24 + check[23] + -check[23] % 4]
    body = bytes(user) + data[20 : 20 + (len(data) - 20) // 4 * 4]
    head = b"\0\x01" + (len(body) + 24).to_bytes(2, "big") + bytes(check[4:20])
    key = browser.transport.local.pwd.encode()
    signed = head + body + b"\0\x08\0\x14" + hmac.digest(key, head + body, "sha1")
    whole = signed[:2] + (len(body) + 32).to_bytes(2, "big") + signed[4:]
    crc = zlib.crc32(whole) ^ 0x5354554E
    return whole + b"\x80\x28\0\x04" + crc.to_bytes(4, "big")


class InCall:
    """One of three in a call; what it sends is broken, but protected as it should be."""

    def __init__(self) -> None:
        self._call = call = Call(seed=1)
        self._ann = call.browser("ann", simulcast=True)
        self._bob = call.browser("bob")
        self._eve = call.browser("eve", simulcast=True)
        call.run(_WARM_UP / 2)
        seeds: list[bytes] = []
        transport: Any = self._eve.transport
        for name in ("take_rtp", "take_rtcp"):
            setattr(transport, name, _noted(getattr(transport, name), seeds))
        call.run(_WARM_UP / 2)
        step = max(1, len(seeds) // _SEEDS)
        self._seeds = tuple(seeds[::step]) + corpus("rtp") + corpus("rtcp")
        self._participant: Any = self._eve.session._participant
        for viewer in (self._ann, self._bob):  # they take what eve sends as it comes
            for stream in (viewer.picture_of(self._eve), viewer.sound_of(self._eve)):
                assert stream is not None
                stream.pictures = Blind()  # type: ignore[assignment]

    def target(self) -> Target:
        """The target."""
        return Target("call", self._seeds, self._run, (), between=self._still_works)

    def _run(self, data: bytes) -> None:
        if is_rtcp(data):
            self._participant.rtcp_received(data, self._call.now)
        else:
            self._participant.rtp_received(data, self._call.now)
        assert not self._call.counters.bugs, self._call.observed[-2:]

    def _still_works(self) -> None:
        stream = self._ann.picture_of(self._bob)
        assert stream is not None
        before = stream.highest
        self._call.run(_TICKS)
        assert not self._call.counters.bugs, self._call.observed[-2:]
        assert len(self._call.table) == 3
        assert stream.highest > before


def _noted(take: Any, seeds: list[bytes]) -> Any:
    def noting(data: bytes) -> None:
        seeds.append(data)
        take(data)

    return noting


class Data:
    """Data channels of two; one of them sends broken SCTP, with the right tag and checksum."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._random = Random(1)
        self._count = 0
        self._loop.run_until_complete(self._begin())

    def target(self) -> Target:
        """The target; a new association, every now and then, takes longer than a packet."""
        seeds, check = corpus("sctp"), self._still_works
        return Target("sctp", seeds, self._run, (), seconds=0.05, between=check)

    async def _begin(self) -> None:
        self._room = DataRoom()
        self._bob = self._room.peer("bob")
        await self._bob.connect()
        self._eve: DataPeer | None = None

    def _run(self, data: bytes) -> None:
        self._loop.run_until_complete(self._take(data))

    async def _take(self, data: bytes) -> None:
        room = self._room
        association = room.data._associations.get("p-eve")
        if self._eve is None or association is None or association.ended:
            if self._eve is not None:
                room.leave(self._eve)
            self._eve = room.peer("eve")
            if self._random.random() < 0.9:
                await self._eve.connect()
            self._eve.deaf = True  # its own end is not what is tested
            return
        tag = association._sctp._local_verification_tag.to_bytes(4, "big")
        if self._random.random() < 0.05:
            tag = data[4:8]
        head = data[:4] + tag + bytes(4)
        body = data[12:]
        if len(body) >= 8 and body[0] in (0, 3) and self._random.random() < 0.8:
            # A number that is due, or nearly.
            last = association._sctp._last_received_tsn or 0
            number = (last + self._random.choice((1, 1, 1, 2, 9, 0))) % (1 << 32)
            body = body[:4] + number.to_bytes(4, "big") + body[8:]
        checksum = google_crc32c.value(head + body)
        self._eve.inject(head[:8] + checksum.to_bytes(4, "little") + body)
        await asyncio.sleep(0)
        assert not room.counters.bugs, room.observed[-2:]

    def _still_works(self) -> None:
        self._loop.run_until_complete(self._talk())

    async def _talk(self) -> None:
        self._count += 1
        self._bob.heard.clear()
        self._bob.tell("chat", type="say", id=str(self._count), text="hello")
        await self._bob.settle(50)
        said = [m["id"] for m in self._bob.heard if m.get("sender") == "p-bob"]
        assert said == [str(self._count)] or self._refused()
        assert not self._room.counters.bugs

    def _refused(self) -> bool:
        """Saying hello more than twice per second is refused."""
        return any(message["type"] == "refused" for message in self._bob.heard)


def stateful() -> list[Target]:
    """All of them, each anew."""
    return [LiveTransport().target(), InCall().target(), Data().target()]
