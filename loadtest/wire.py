"""One client's way to the server: a UDP socket, its checks, DTLS by aiortc, and SRTP around media.

aiortc's own path costs five hand-overs for each packet; a load test of hundreds of clients needs
the packets at once, and the time at which the kernel got them.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import Callable, Sequence

import pylibsrtp
from aioice import stun
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from loadtest.description import Answer
from loadtest.framed import tcp_socket
from loadtest.link import Link
from loadtest.refusal import JoinFailed
from loadtest.sockets import (
    ANCILLARY_BYTES,
    Address,
    Sockets,
    kernel_time,
    of_one_family,
    udp_socket,
)

# Until the first answer checks are sent this often, then as often as browsers do.
_FIRST_CHECKS_SECONDS, _CHECK_SECONDS = 0.1, 2.5
# After so long without an answer to a check the server is gone.
GONE_SECONDS = 10.0
# Of ICE and of DTLS together; a server that needs longer is overloaded.
_CONNECT_SECONDS = 10.0
# RFC 8445 5.1.2: peer reflexive, the only kind of candidate that this client has.
_PRIORITY = 110 << 24 | 0xFFFFFF
_MAX_DATAGRAM = 2048
# What SRTP adds; a link counts it itself.
_SRTP_TAG_BYTES = 16


class Unprotectable(Exception):
    """A packet whose protection is wrong, that came twice, or after the end."""


class Wire:
    """Connects once, then ``send`` and ``send_rtcp`` protect what goes out.

    Of what comes ``media`` takes RTP as it is, with a plain header and a protected payload, for
    ``unprotect`` where that is wanted; ``reports`` takes unprotected RTCP; both with the Unix time
    of the arrival. For one datagram in ``sample`` it is the kernel's, which ``media`` is told last;
    for others, which costs half, when this process came to it. ``up`` and ``down`` make the way
    worse than it is. ``refused`` counts what the socket did not take, ``broken`` what was not
    protected as it should be.
    """

    def __init__(
        self,
        certificate: RTCCertificate,
        sockets: Sockets,
        *,
        media: Callable[[bytes, float, bool], None],
        reports: Callable[[bytes, float], None],
        sample: int = 1,
        tcp: bool = False,
        up: Link | None = None,
        down: Link | None = None,
    ) -> None:
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(12)
        self.refused = 0
        self.broken = 0
        self._sockets = sockets
        self._tcp = tcp
        self._media, self._reports = media, reports
        self._up, self._down = up, down
        self._sample = self._until_sample = sample
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
        candidates = of_one_family(answer.tcp_candidates if self._tcp else answer.candidates)
        self._socket = (tcp_socket if self._tcp else udp_socket)(candidates)
        self._sockets.add(self._socket, self._readable)
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
        if not politely:
            self._close_socket()
        await self._dtls.stop()
        self._close_socket()

    def _close_socket(self) -> None:
        if self._socket is not None:
            self._sockets.remove(self._socket)
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
        """Take one datagram."""
        assert self._socket is not None
        self._until_sample -= 1
        sampled = self._until_sample <= 0
        try:
            if sampled:
                self._until_sample = self._sample
                data, ancillary, _, _ = self._socket.recvmsg(_MAX_DATAGRAM, ANCILLARY_BYTES)
                arrived = kernel_time(ancillary) if ancillary else time.time()
            else:
                data, arrived = self._socket.recv(_MAX_DATAGRAM), time.time()
        except OSError:
            return  # the server's port is closed: told by the checks that stay unanswered
        if self._down is None:
            self._take(data, arrived, sampled)
        else:
            self._take_later(data, arrived, sampled, self._down)

    def _take_later(self, data: bytes, arrived: float, sampled: bool, down: Link) -> None:
        now = self._loop.time()
        for arrival in down.arrivals(len(data) - _SRTP_TAG_BYTES, now):
            later = max(arrival - now, 0.0)
            self._loop.call_at(arrival, self._take, data, arrived + later, sampled)

    def _take(self, data: bytes, arrived: float, sampled: bool) -> None:
        first = data[0] if data else 255
        if 127 < first < 192:
            if len(data) < 12 or self._unprotect is None:
                return
            if 192 <= data[1] <= 223:
                with contextlib.suppress(Unprotectable):
                    self._reports(self._plain(self._unprotect.unprotect_rtcp, data), arrived)
            else:
                self._media(data, arrived, sampled)
        elif first < 4:
            self._take_stun(data)
        elif 19 < first < 64:
            with contextlib.suppress(asyncio.QueueFull):
                self._waiting.put_nowait(data)

    def unprotect(self, data: bytes) -> bytes:
        """The plain packet of a received one. Raises ``Unprotectable``; may be called once."""
        if self._unprotect is None:
            raise Unprotectable
        return self._plain(self._unprotect.unprotect, data)

    def _plain(self, unprotect: Callable[[bytes], bytes], data: bytes) -> bytes:
        try:
            return unprotect(data)
        except pylibsrtp.Error:
            self.broken += 1
            raise Unprotectable from None

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
