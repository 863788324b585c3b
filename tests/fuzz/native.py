"""Feeds native code with broken and hostile input; it must survive, and keep its promises.

Run by ``scripts/fuzz_native.sh``, which builds it with sanitizers: a fault ends the process.
"""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import sys
import time
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import sfu.congestion
import sfu.transport
from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.rewrite import ExtensionBlock, ExtensionPlan, Rewrite, extension_block
from sfu.transport.egress import NO_SOCKET
from tests.fuzz.native_intake import IntakeFuzzer
from tests.fuzz.native_measures import MeasuresFuzzer

PROFILES = {
    "SRTP_AEAD_AES_128_GCM": 28,
    "SRTP_AEAD_AES_256_GCM": 44,
    "SRTP_AES128_CM_SHA1_80": 30,
}
SIZES = (0, 1, 2, 11, 12, 13, 16, 20, 28, 100, 1200, 1339, 1340, 1356, 1357, 1500, 1501, 2048, 4000)
NUMBERS = (
    -(2**63),
    -(2**31),
    -2,
    -1,
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFFFF,
    0x10000,
    2**32 - 1,
    2**32,
    2**64,
)
# scripts/fuzz_native.sh builds it so that an SSRC runs out of indices of RTCP after so many.
LAST_INDEX = 4

ADDRESSES = (None, (), ("127.0.0.1",), ("x", 9), ("127.0.0.1", -1), ("::1", 9, 0, 0), ("\0", 9), 7)

CLASSES = (object, int, type, type(None), type(x for x in ()), rtp.RtpPacket)


class Traffic:
    """What emit counts in."""

    packets_out = bytes_out = 0


class Bag:
    """Any attributes; those of a copy or of a transport."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class History:
    """Numbers packets; sometimes with nonsense, or by emitting another one meanwhile."""

    def __init__(self, fuzzer: Fuzzer) -> None:
        self.fuzzer = fuzzer

    def record(self, size: int, now: float) -> Any:
        """The next transport-wide number."""
        random = self.fuzzer.random
        if random.random() < 0.02:
            self.fuzzer.emit_again()
        if random.random() < 0.02:
            return random.choice([None, "x", *NUMBERS])
        return random.randrange(0x10000)


class Fuzzer:
    """One run: senders that live for a while, and what is thrown at them."""

    def __init__(self, native: ModuleType, seed: int) -> None:
        self.native = native
        self.random = Random(seed)
        self.calls = 0
        self.inbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inbox.bind(("127.0.0.1", 0))
        self.inbox.setblocking(False)
        self.home = self.inbox.getsockname()
        self.out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.out.setblocking(False)
        self.history = History(self)
        self.pairs: list[tuple[Any, Any]] = []  # a browser's sender and ours
        self.reports: dict[tuple[Any, bytes], int] = {}  # how many a sender protected of an SSRC
        self.again: tuple[Any, ...] | None = None

    def new_pair(self) -> None:
        """Two ends of an association."""
        profile = self.random.choice(list(PROFILES))
        one, other = (self.random.randbytes(PROFILES[profile]) for _ in range(2))
        self.pairs.append(
            (self.native.Sender(profile, one, other), self.native.Sender(profile, other, one))
        )
        del self.pairs[: len(self.pairs) - 8]
        senders = [sender for sender, _ in self.pairs]
        self.reports = {key: n for key, n in self.reports.items() if key[0] in senders}

    def packet(self) -> bytes:
        """An RTP packet, of a few streams whose numbers go forwards, or noise."""
        random = self.random
        if random.random() < 0.1:
            return random.randbytes(random.choice(SIZES))
        data = rtp.write(
            payload_type=random.randrange(128),
            sequence_number=(self.calls // 8 + random.choice([0, 0, 0, -1, -40, 1024, 40_000]))
            & 0xFFFF,
            timestamp=random.randrange(2**32),
            ssrc=random.choice([1, 2, 3, random.randrange(2**32)]),
            payload=random.randbytes(random.choice(SIZES)),
            extensions={n: random.randbytes(n) for n in range(1, random.randrange(1, 5))},
            csrcs=[0] * random.choice([0, 0, 15]),
        )
        return self.mutated(data)

    def mutated(self, data: bytes) -> bytes:
        """``data`` with a few bytes changed, cut or repeated, most of the time not."""
        random, changed = self.random, bytearray(data)
        for _ in range(random.choice([0, 0, 0, 1, 3])):
            if changed:
                changed[random.randrange(min(len(changed), 40))] = random.randrange(256)
        if random.random() < 0.1:
            del changed[random.randrange(len(changed) + 1) :]
        return bytes(changed)

    def protect(self) -> None:
        """There and back again: what was not touched comes out as it went in."""
        browser, ours = self.random.choice(self.pairs)
        packet = self.packet()
        try:
            data = browser.protect(packet)
        except ValueError:
            return
        sent = self.mutated(data)
        for _ in range(2):
            try:
                plain = ours.unprotect(sent)
            except ValueError:
                continue
            assert plain == packet, "other bytes passed"
        ours.stamps(self.random.randrange(2**32), self.random.randrange(0x10000))

    def protected_report(self, browser: Any) -> tuple[bytes, bytes]:
        """An RTCP packet, or noise, and what protects it. Raises ``ValueError``."""
        random = self.random
        packet = random.randbytes(random.choice(SIZES))
        if len(packet) > 8 and random.random() < 0.9:
            packet = bytes([0x80, 200, 0, 6, 0, 0, 0, random.randrange(50)]) + packet[8:]
        key = (browser, packet[4:8])
        sent = self.reports.get(key, 0)
        try:
            data = browser.protect_rtcp(packet)
        except ValueError:
            assert sent == LAST_INDEX or not 8 <= len(packet) <= 1352, "refused without a reason"
            raise
        assert sent < LAST_INDEX, "more packets than there are indices"
        self.reports[key] = sent + 1
        return packet, data

    def report(self) -> None:
        """There and back again with RTCP; no index is used twice."""
        browser, ours = self.random.choice(self.pairs)
        try:
            packet, data = self.protected_report(browser)
        except ValueError:
            return
        for each in (self.mutated(data), data):
            for _ in range(2):
                with contextlib.suppress(ValueError):
                    assert ours.unprotect_rtcp(each) == packet, "other bytes passed"
                    assert each == data, "a forgery passed"

    def nonsense(self) -> None:
        """Arguments of wrong types, lengths and numbers raise exceptions, and no others."""
        random = self.random
        anything = [None, "x", b"", b"x" * 28, 2**70, -1, 0.5, [], {}, object(), *CLASSES, *NUMBERS]
        function = random.choice(
            [
                self.native.Sender,
                self.native.emit,
                self.native.receive,
                self.native.parse,
                self.native.decide,
                self.native.flush,
                random.choice(self.pairs)[0].protect,
                random.choice(self.pairs)[0].unprotect,
                random.choice(self.pairs)[0].protect_rtcp,
                random.choice(self.pairs)[0].unprotect_rtcp,
                random.choice(self.pairs)[0].stamps,
            ]
        )
        try:
            function(*(random.choice(anything) for _ in range(random.randrange(10))))
        except (TypeError, ValueError, OverflowError, AttributeError, OSError):
            return

    def number(self, usual: int) -> Any:
        """Nearly always the usual."""
        return self.random.choice(NUMBERS) if self.random.random() < 0.01 else usual

    def copy(self) -> Any:
        """An outgoing copy, some with what no parser and no forwarder makes."""
        random, number = self.random, self.number
        plan = ExtensionPlan(
            tuple((n, n + 1) for n in range(random.randrange(3))),
            random.choice([0, 3]),
            random.choice([0, 4]),
            random.choice([0, 1]),
        )
        rewrite = Rewrite(
            number(random.randrange(4)),
            number(random.randrange(128)),
            number((self.calls // 8) & 0xFFFF),
            number(random.randrange(2**32)),
            plan if random.random() < 0.99 else random.choice([None, 7, "x"]),  # type: ignore[arg-type]
            number(random.choice([-1, 5])),
            number(random.choice([-1, 5])),
            number(random.choice([-1, 5])),
            random.random() < 0.5,
            random.random() < 0.1,
        )
        address = random.choice(ADDRESSES) if random.random() < 0.02 else self.home
        sender = (
            random.choice(self.pairs)[0] if random.random() < 0.98 else random.choice([None, 7])
        )
        return Bag(
            transport=Bag(remote_address=address, sender=sender),
            rewrite=rewrite if random.random() < 0.99 else None,
            history=self.history if random.random() < 0.99 else None,
            packets_sent=0,
            octets_sent=0,
        )

    def incoming(self) -> Any:
        """A parsed packet, with offsets that may point anywhere."""
        while True:
            try:
                packet = rtp.parse(self.packet())
                break
            except Exception:
                continue
        if self.random.random() < 0.5:
            near = self.random.randrange(packet.payload_offset, packet.payload_end + 2)
            packet.mark = PayloadMark(
                False,
                False,
                picture_id_offset=self.number(near),
                picture_id_long=self.random.random() < 0.5,
                tl0picidx_offset=self.number(near),
            )
        packet.payload_offset = self.number(packet.payload_offset)
        packet.payload_end = self.number(packet.payload_end)
        return packet

    def block(self, packet: Any, plan: Any) -> Any:
        """The header extensions; sometimes with a layout that does not fit them."""
        block = extension_block(packet, plan)
        if self.random.random() < 0.02:
            return self.random.choice([None, ExtensionBlock(bytes(600)), Bag(data="x")])
        if self.random.random() < 0.02:
            return ExtensionBlock(block.data, *(self.random.choice(NUMBERS) for _ in range(3)))
        return block

    def emit(self) -> None:
        """Some copies of a packet, held or not."""
        random = self.random
        copies = [self.copy() for _ in range(random.choice([0, 1, 2, 9]))] * random.choice(
            [1, 1, 90]
        )
        ipv4 = random.choice([NO_SOCKET, -1]) if random.random() < 0.02 else self.out.fileno()
        if random.random() < 0.1:
            self.native.hold()
        arguments = (self.incoming(), copies, Traffic(), self.calls * 0.001, self.block, ipv4)
        self.again = (*arguments, NO_SOCKET, 44)
        self.native.emit(*self.again)
        if random.random() < 0.1:
            self.native.flush()

    def emit_again(self) -> None:
        """From within an emission: all is left to the caller."""
        if self.again is not None:
            copies = self.again[1]
            assert self.native.emit(*self.again)[-1] == copies

    def receive(self) -> None:
        """Datagrams of anybody, some of them media that can be unprotected."""
        browser, ours = self.random.choice(self.pairs)
        for _ in range(self.random.randrange(4)):
            data = self.packet()
            with contextlib.suppress(ValueError):
                if self.random.random() < 0.3:
                    _, data = self.protected_report(browser)
                else:
                    data = browser.protect(data)
                data = self.mutated(data)
            self.out.sendto(data[:2048], self.home)
        routes = {("127.0.0.1", self.out.getsockname()[1]): Bag(sender=ours)}
        with contextlib.suppress(BlockingIOError):
            while True:
                count = self.random.randrange(1, 65)
                datagrams, _ = self.native.receive(
                    routes, rtp.RtpPacket, self.inbox.fileno(), count
                )
                for data, _, transport in datagrams:
                    assert isinstance(data, bytes) or transport is not None

    def parse(self) -> None:
        """Headers of all kinds, as Python reads them."""
        data = self.packet()
        try:
            expected = rtp.parse(data)
        except MalformedPacket:
            expected = None
        assert self.native.parse(rtp.RtpPacket, data) == expected

    def run(self, seconds: float) -> None:
        """Everything in turns."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.calls % 2000 == 0:
                self.new_pair()
            self.random.choice(
                [
                    *(self.protect, self.protect, self.report, self.emit, self.emit),
                    *(self.receive, self.parse, self.nonsense),
                ]
            )()
            self.calls += 1
        self.native.flush()


def load(package: ModuleType, library: Path) -> ModuleType:
    """The native module of ``package`` in the file ``library``, in place of the installed one."""
    name = f"{package.__name__}.{library.stem}"
    spec = importlib.util.spec_from_file_location(name, library)
    assert spec is not None
    assert spec.loader is not None
    native = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(native)
    setattr(package, library.stem, native)
    return native


def main() -> int:
    """``native.py folder seconds seed``."""
    folder, seconds, seed = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    fuzzer = Fuzzer(load(sfu.transport, folder / "_egress.so"), seed)
    fuzzer.run(seconds / 3)
    intake = IntakeFuzzer(fuzzer.native, seed)
    intake.run(seconds / 3)
    measures = MeasuresFuzzer(load(sfu.congestion, folder / "_measures.so"), seed)
    measures.run(seconds / 3)
    calls = fuzzer.calls + intake.calls + measures.calls
    sys.stdout.write(f"{calls} calls in {seconds:g} s, seed {seed}: nothing found\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
