"""A browser's side of data channels (aiortc), in memory, and the room it is in."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

from aiortc import RTCDataChannel
from aiortc.rtcdatachannel import RTCDataChannelParameters
from aiortc.rtcsctptransport import RTCSctpCapabilities, RTCSctpTransport

from sfu.counters import Counters
from sfu.room.chat import Chat
from sfu.room.files import Files, FileSpace
from sfu.room.permissions import Permissions
from sfu.server.datachannel import DataChannels


class DataRoom:
    """What of a room data channels need."""

    def __init__(self) -> None:
        self.id = "room-of-a-test"
        self.participants: dict[str, Any] = {}
        self.counters = Counters()
        self.observed: list[tuple[str, dict[str, Any]]] = []
        self.space = FileSpace(1_000_000)
        self.chat = Chat(self.participants, lambda: 1000.0)
        self.files = Files(
            self.participants, space=self.space, max_bytes=400_000, max_room_bytes=900_000
        )
        self.data = DataChannels(
            self.counters, lambda event, **fields: self.observed.append((event, fields))
        )

    def peer(self, name: str) -> DataPeer:
        """Somebody enters."""
        return DataPeer(self, name)

    def leave(self, peer: DataPeer) -> None:
        """Somebody leaves, as a room does it."""
        del self.participants[peer.participant.id]
        self.chat.leave(peer.participant.id)
        self.files.leave(peer.participant.id)
        self.data.left(peer.participant)


class DataPeer:
    """One participant, and its client's end of SCTP."""

    state = "connected"
    _role = "client"

    def __init__(self, room: DataRoom, name: str) -> None:
        self.room = room
        self.participant: Any = SimpleNamespace(
            id=f"p-{name}",
            name=name,
            max_message_size=65536,
            transport=SimpleNamespace(send_data=self._arrived),
            permissions=Permissions(),
        )
        room.participants[self.participant.id] = self.participant
        self.sctp = RTCSctpTransport(self)  # type: ignore[arg-type]
        self.channels: dict[str, RTCDataChannel] = {}
        self.heard: list[dict[str, Any]] = []
        self.pieces: list[bytes] = []
        self.received = 0  # packets
        self.deaf = False  # takes nothing

    async def connect(self, *labels: str) -> None:
        """Open channels."""
        await self.sctp.start(RTCSctpCapabilities(maxMessageSize=65536), 5000)
        for label in labels or ("chat", "files"):
            self.open(label)
        await self.settle()

    def open(self, label: str, **parameters: Any) -> RTCDataChannel:
        """Open one channel."""
        channel = RTCDataChannel(self.sctp, RTCDataChannelParameters(label=label, **parameters))
        self.channels[label] = channel
        channel.on("message", self._message)
        return channel

    def tell(self, label: str, **message: Any) -> None:
        """Send a message of the protocol."""
        self.channels[label].send(json.dumps(message))

    def inject(self, packet: bytes) -> None:
        """Hand a packet to the server as if it came from here."""
        self.room.data.received(self.room, self.participant, packet, 0.0)  # type: ignore[arg-type]

    async def settle(self, turns: int = 200) -> None:
        """Let everything that is under way arrive."""
        for _ in range(turns):
            await asyncio.sleep(0)

    def of(self, type: str) -> list[dict[str, Any]]:
        """What was heard, of one type."""
        return [message for message in self.heard if message["type"] == type]

    def _message(self, data: str | bytes) -> None:
        if isinstance(data, bytes):
            self.pieces.append(data)
        else:
            self.heard.append(json.loads(data))

    def _arrived(self, packet: bytes) -> None:
        self.received += 1
        if not self.deaf:
            asyncio.get_running_loop().call_soon(self._take, packet)

    def _take(self, packet: bytes) -> None:
        asyncio.ensure_future(self.sctp._handle_data(packet))  # noqa: RUF006 - ends by itself

    # --- what aiortc needs of the transport below ---

    def _register_data_receiver(self, receiver: object) -> None:
        pass

    def _unregister_data_receiver(self, receiver: object) -> None:
        pass

    async def _send_data(self, packet: bytes) -> None:
        self.inject(packet)
