"""One client's way to the server: a UDP socket, its checks, DTLS by aiortc, and SRTP around media.

aiortc's own path costs five hand-overs for each packet; a load test of hundreds of clients needs
the packets at once, and the time at which the kernel got them.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence

import pylibsrtp
from aioice import stun
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from loadtest.description import Answer
from loadtest.link import Link
from loadtest.refusal import JoinFailed

Address = tuple[str, int]

# Until the first answer checks are sent this often, then as often as browsers do.
_FIRST_CHECKS_SECONDS, _CHECK_SECONDS = 0.1, 2.5
# After so long without an answer to a check the server is gone.
GONE_SECONDS = 10.0
# Of ICE and of DTLS together; a server that needs longer is overloaded.
_CONNECT_SECONDS = 10.0
# Read so many datagrams before others get their turn.
_BATCH = 32
# A keyframe for everybody arrives at once; what waits for this process must not be lost.
_SOCKET_BUFFER_BYTES = 1 << 20
# Linux: the kernel notes when each datagram arrived (asm-generic/socket.h; Python has no name).
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@qq")
_ANCILLARY_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)
# RFC 8445 5.1.2: peer reflexive, the only kind of candidate that this client has.
_PRIORITY = 110 << 24 | 0xFFFFFF
# What SRTP adds; a link counts it itself.
_SRTP_TAG_BYTES = 16


class Wire:
    """Connects once, then ``send`` and ``send_rtcp`` protect, and ``received`` gets what comes.

    ``received`` takes the unprotected packet, whether it is RTCP, and the Unix time of its
    arrival. ``up`` and ``down`` make the way worse than it is. ``refused`` counts what the
    socket did not take.
    """

    def __init__(
        self,
        certificate: RTCCertificate,
        received: Callable[[bytes, bool, float], None],
        *,
        up: Link | None = None,
        down: Link | None = None,
    ) -> None:
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(12)
        self.refused = 0
        self.broken = 0
        self._received = received
        self._up, self._down = up, down
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(64)
        self._dtls = RTCDtlsTransport(self, [certificate])  # type: ignore[arg-type]
        self._dtls._set_role("client")
        self._protect: pylibsrtp.Session | None = None
        self._unprotect: pylibsrtp.Session | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._remote = ("", "")
        self._transactions: dict[bytes, Address] = {}
        self._chosen: asyncio.Future[Address] = self._loop.create_future()
        self._answered_at = 0.0

    role = "controlling"  # what RTCDtlsTransport asks its transport for

    @property
    def fingerprint(self) -> str:
        """SHA-256 of our certificate, as SDP writes it."""
        return str(self._dtls.getLocalParameters().fingerprints[0].value)

    @property
    def connected(self) -> bool:
        """Whether media can be sent."""
        return self._protect is not None

    @property
    def gone(self) -> bool:
        """Whether the server has stopped to answer, or has closed the association."""
        if not self.connected:
            return False
        return self._dtls.state != "connected" or (
            self._loop.time() - self._answered_at > GONE_SECONDS
        )

    async def connect(self, answer: Answer) -> None:
        """Find the candidate that answers, and shake hands. Raises ``JoinFailed``."""
        self._remote = (answer.ufrag, answer.password)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await self._connect(answer)
        except TimeoutError:
            phase = "DTLS" if self._chosen.done() else "ICE"
            raise JoinFailed(
                "no-media",
                f"{phase} was not done within {_CONNECT_SECONDS:.0f} s; is the server's UDP port "
                f"reachable? Candidates: {', '.join(f'{h} {p}' for h, p in answer.candidates)}",
            ) from None
        if self._dtls.state != "connected":
            raise JoinFailed("no-media", "the DTLS handshake failed")
        self._protect, self._unprotect = self._dtls._tx_srtp, self._dtls._rx_srtp

    async def _connect(self, answer: Answer) -> None:
        candidates = _of_one_family(answer.candidates)
        self._socket = _socket(candidates)
        self._loop.add_reader(self._socket, self._readable)
        self._tasks.append(asyncio.create_task(self._check(candidates)))
        await asyncio.shield(self._chosen)
        algorithm, value = answer.fingerprint
        await self._dtls.start(
            RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(algorithm=algorithm, value=value)])
        )

    async def close(self, *, politely: bool = True) -> None:
        """Let go of the socket, and ``politely`` say goodbye before."""
        self._protect = self._unprotect = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not politely and self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        await self._dtls.stop()
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    # --- out ---

    def send(self, packet: bytes) -> bytes:
        """Protect and send an RTP packet; the datagram, to be repeated when it is asked for."""
        if self._protect is None:
            return b""
        data = self._protect.protect(packet)
        self.repeat(data)
        return data

    def send_rtcp(self, compound: bytes) -> None:
        """Protect and send a compound RTCP packet."""
        if self._protect is not None:
            self.repeat(self._protect.protect_rtcp(compound))

    def repeat(self, datagram: bytes) -> None:
        """Send a datagram as it is."""
        if self._up is None:
            self._transmit(datagram)
            return
        now = self._loop.time()
        for arrival in self._up.arrivals(len(datagram) - _SRTP_TAG_BYTES, now):
            self._loop.call_at(arrival, self._transmit, datagram)

    def _transmit(self, datagram: bytes) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(datagram)
        except OSError:
            self.refused += 1

    async def _send(self, data: bytes) -> None:
        """What RTCDtlsTransport sends."""
        self.repeat(data)

    async def _recv(self) -> bytes:
        """What RTCDtlsTransport receives: DTLS alone."""
        return await self._waiting.get()

    # --- in ---

    def _readable(self) -> None:
        assert self._socket is not None
        read = self._socket.recvmsg
        for _ in range(_BATCH):
            try:
                data, ancillary, _, _ = read(2048, _ANCILLARY_BYTES)
            except BlockingIOError:
                return
            except OSError:
                continue  # the server's port is closed: told by the checks that stay unanswered
            arrived = _kernel_time(ancillary) if ancillary else time.time()
            if self._down is None:
                self._take(data, arrived)
            else:
                self._take_later(data, arrived, self._down)
            if self._socket is None:
                return

    def _take_later(self, data: bytes, arrived: float, down: Link) -> None:
        now = self._loop.time()
        for arrival in down.arrivals(len(data) - _SRTP_TAG_BYTES, now):
            later = max(arrival - now, 0.0)
            self._loop.call_at(arrival, self._take, data, arrived + later)

    def _take(self, data: bytes, arrived: float) -> None:
        first = data[0] if data else 255
        if 127 < first < 192:
            unprotect = self._unprotect
            if unprotect is None or len(data) < 12:
                return
            rtcp = 192 <= data[1] <= 223
            try:
                plain = unprotect.unprotect_rtcp(data) if rtcp else unprotect.unprotect(data)
            except pylibsrtp.Error:
                self.broken += 1
                return
            self._received(plain, rtcp, arrived)
        elif first < 4:
            self._take_stun(data)
        elif 19 < first < 64:
            with contextlib.suppress(asyncio.QueueFull):
                self._waiting.put_nowait(data)

    # --- checks ---

    async def _check(self, candidates: Sequence[Address]) -> None:
        while not self._chosen.done():
            for candidate in candidates:
                self._send_check(candidate)
            await asyncio.wait([self._chosen], timeout=_FIRST_CHECKS_SECONDS)
        while True:
            self._send_check(None)
            await asyncio.sleep(_CHECK_SECONDS)

    def _send_check(self, candidate: Address | None) -> None:
        """To a candidate, or along the connected socket, which that nominates."""
        theirs, password = self._remote
        message = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.REQUEST,
            attributes={
                "USERNAME": f"{theirs}:{self.ufrag}",
                "PRIORITY": _PRIORITY,
                "ICE-CONTROLLING": 1,
            },
        )
        if candidate is None:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(password.encode())
        while len(self._transactions) >= 16:
            del self._transactions[next(iter(self._transactions))]
        self._transactions[message.transaction_id] = candidate or ("", 0)
        if candidate is None:
            self.repeat(bytes(message))
        elif self._socket is not None:
            with contextlib.suppress(OSError):  # no way there: another candidate will do
                self._socket.sendto(bytes(message), candidate)

    def _take_stun(self, data: bytes) -> None:
        try:
            message = stun.parse_message(data)
        except ValueError:
            return
        candidate = self._transactions.pop(message.transaction_id, None)
        if candidate is None or message.message_class is not stun.Class.RESPONSE:
            return
        self._answered_at = self._loop.time()
        if not self._chosen.done() and self._socket is not None:
            self._socket.connect(candidate)
            self._chosen.set_result(candidate)


def _of_one_family(candidates: Sequence[Address]) -> list[Address]:
    """The IPv4 ones if there are any, for one socket; loopback first."""
    four = [each for each in candidates if ":" not in each[0]]
    return sorted(four or candidates, key=lambda each: each[0] not in ("127.0.0.1", "::1"))


def _socket(candidates: Sequence[Address]) -> socket.socket:
    six = bool(candidates) and ":" in candidates[0][0]
    made = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER_BYTES)
    if sys.platform == "linux":
        made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    return made


def _kernel_time(ancillary: list[tuple[int, int, bytes]]) -> float:
    seconds, nanoseconds = _TIMESPEC.unpack_from(ancillary[0][2])
    return float(seconds + nanoseconds * 1e-9)
