"""One participant's SCTP association (RFC 8831), by aiortc, and the two channels in it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aiortc.rtcsctptransport import RTCSctpCapabilities, RTCSctpTransport

from sfu.room.downloads import LOW_WATER_BYTES
from sfu.sdp.capabilities import MAX_MESSAGE_SIZE, SCTP_PORT
from sfu.server.sctp_guard import MAX_STREAMS, RECEIVE_WINDOW, overload, screen
from sfu.signaling.data_session import FILES, LABELS, DataSession

if TYPE_CHECKING:
    from aiortc import RTCDataChannel, RTCDtlsTransport

    from sfu.counters import Counters
    from sfu.room.participant import Participant
    from sfu.room.room import Room

# What a participant's channels may hold unsent: a whole history and a lot of chat behind it.
MAX_BUFFERED_BYTES = 1024 * 1024
# A page needs two. One that opens them again and again would get the whole history every time.
MAX_OPENED = 8
# aiortc lets its window grow without end, and its cost with it; this is 10 Mbit/s at 100 ms.
_MAX_SEND_WINDOW = 128 * 1024


class Association:
    """From a participant's first SCTP packet to its last.

    ``ending`` is called at most once, with the reason, when the association cannot go on: the
    owner then calls ``end``.
    """

    def __init__(
        self,
        room: Room,
        participant: Participant,
        counters: Counters,
        ending: Callable[[Association, str], None],
    ) -> None:
        self.participant = participant
        self.waiting: deque[bytes] = deque()  # packets, for the owner
        self.ended = False
        self.room = room.id
        self._counters = counters
        self._ending = ending
        self._channels: dict[str, RTCDataChannel] = {}
        self._opened = 0
        self._events: list[Callable[[float], None]] = []
        self._sctp = _Sctp(cast("RTCDtlsTransport", _Wire(participant)), SCTP_PORT)
        self._sctp.on("datachannel", self._channel_opened)
        limit = RTCSctpCapabilities(maxMessageSize=participant.max_message_size)
        _run(self._sctp.start(limit, SCTP_PORT))
        self._session = DataSession(
            room=room,
            participant=participant,
            counters=counters,
            send=self._send,
            buffered=self._buffered,
        )

    def take(self, packet: bytes, now: float) -> None:
        """Take one packet and do what the messages in it say."""
        sctp = self._sctp
        drop = screen(packet, sctp)
        if drop:
            self._counters.drops[drop] += 1
            return
        try:
            _run(sctp._handle_data(packet))
        except Exception:  # aiortc asserts much of what a peer sends
            self._ending(self, "broken-packet")
            return
        sctp._cwnd = min(sctp._cwnd, _MAX_SEND_WINDOW)
        events, self._events = self._events, []
        for event in events:
            if self.ended:
                return
            event(now)
        if not self.ended:
            reason = "peer-closed" if sctp.state == "closed" else overload(sctp)
            if reason:
                self._ending(self, reason)

    def end(self) -> None:
        """Tell the peer that there is no more, and stop every timer."""
        if self.ended:
            return
        self.ended = True
        self.waiting.clear()
        for label in self._channels:
            self._session.closed(label)
        self._channels.clear()
        _run(self._sctp.end())

    # --- what aiortc tells: remembered, and done when it has finished with the packet ---

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        self._opened += 1
        label = channel.label
        reliable = channel.maxRetransmits is None and channel.maxPacketLifeTime is None
        wanted = label in LABELS and label not in self._channels and reliable and channel.ordered
        if not wanted or self._opened > MAX_OPENED:
            self._counters.drops["data-channel-refused"] += 1
            channel.close()
            return
        self._channels[label] = channel
        channel.bufferedAmountLowThreshold = LOW_WATER_BYTES // 2
        channel.on("message", partial(self._message, label))
        channel.on("close", partial(self._channel_closed, label, channel))
        if label == FILES:
            channel.on("bufferedamountlow", self._drained)
        self._events.append(lambda now: self._session.opened(label))

    def _channel_closed(self, label: str, channel: RTCDataChannel) -> None:
        if self._channels.get(label) is channel:
            del self._channels[label]
            self._session.closed(label)

    def _message(self, label: str, message: str | bytes) -> None:
        self._events.append(lambda now: self._received(label, message, now))

    def _received(self, label: str, message: str | bytes, now: float) -> None:
        if len(message) > MAX_MESSAGE_SIZE:
            self._ending(self, "message-too-large")
        else:
            self._session.receive(label, message, now)

    def _drained(self) -> None:
        # Not from here, which is in the middle of sending.
        asyncio.get_running_loop().call_soon(self._send_more)

    def _send_more(self) -> None:
        if not self.ended:
            self._session.drained()

    # --- what the session wants ---

    def _buffered(self) -> int:
        return sum(channel.bufferedAmount for channel in self._channels.values())

    def _send(self, label: str, message: str | bytes) -> None:
        channel = self._channels.get(label)
        if self.ended or channel is None or channel.readyState != "open":
            return
        if self._buffered() + len(message) > MAX_BUFFERED_BYTES:
            self._ending(self, "slow-reader")
            return
        try:
            channel.send(message)
        except ValueError:  # longer than the client said it takes
            self._counters.drops["data-too-large"] += 1


class _Wire:
    """What aiortc needs of the DTLS transport below."""

    state = "connected"
    _role = "server"

    def __init__(self, participant: Participant) -> None:
        self._participant = participant

    def _register_data_receiver(self, receiver: object) -> None:
        """Packets are handed over directly."""

    def _unregister_data_receiver(self, receiver: object) -> None:
        """Nothing was registered."""

    async def _send_data(self, packet: bytes) -> None:
        transport = self._participant.transport
        if transport is not None:
            transport.send_data(packet)


class _Sctp(RTCSctpTransport):
    """Waits for the peer's INIT (browsers send theirs at once), within bounds."""

    def __init__(self, wire: RTCDtlsTransport, port: int) -> None:
        super().__init__(wire, port)
        self._advertised_rwnd = RECEIVE_WINDOW
        self._inbound_streams_max = MAX_STREAMS

    async def _init(self) -> None:
        """Send no INIT: an association needs only one side's."""

    async def end(self) -> None:
        """Abort, and leave nothing that a task still under way could send again."""
        await self.stop()
        self._sent_queue.clear()
        self._outbound_queue.clear()
        self._data_channel_queue.clear()
        self._forward_tsn_chunk = None


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine of aiortc that has nothing to wait for, as sending never waits here."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("aiortc's SCTP waits for something")
