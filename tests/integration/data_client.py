"""A synthetic client that also opens the channels of chat and files."""

from __future__ import annotations

import json
from typing import Any

from aiortc import RTCDataChannel

from loadtest.client import Client
from loadtest.watch import until

PIECE = 16 * 1024


class DataClient(Client):
    """Remembers what it is told on ``chat`` and ``files``."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.channels: dict[str, RTCDataChannel] = {}
        self.said: list[dict[str, Any]] = []
        self.histories = 0
        self.told: list[dict[str, Any]] = []  # all else
        self.contents: dict[int, bytearray] = {}

    async def _negotiate(self, slots: int) -> None:
        assert self.connection is not None
        while len(self._slots) < 2 * slots:  # media before data: aiortc bundles in that order
            for kind in ("audio", "video"):
                self._slots.append(self.connection.addTransceiver(kind, direction="recvonly"))
        for label in ("chat", "files"):
            if label not in self.channels:
                channel = self.channels[label] = self.connection.createDataChannel(label)
                channel.on("message", self._message)
        await super()._negotiate(slots)

    def _message(self, data: str | bytes) -> None:
        if isinstance(data, bytes):
            number = int.from_bytes(data[:4], "big")
            self.contents.setdefault(number, bytearray()).extend(data[4:])
            return
        message = json.loads(data)
        if message["type"] == "said":
            self.said.append(message)
        elif message["type"] == "history":
            self.histories += 1
            self.said += message["messages"]
        else:
            self.told.append(message)

    async def chat_open(self) -> None:
        """Wait until the server has said what was said before."""
        await until(lambda: self.histories > 0, 10, f"the chat of {self.name}")

    def tell(self, label: str, **message: Any) -> None:
        """Send a message on a channel."""
        self.channels[label].send(json.dumps(message))

    def write(self, text: str, to: str | None = None, id: str = "x") -> None:
        """Write to everybody, or to one."""
        self.tell("chat", type="say", id=id, text=text, to=to)

    @property
    def texts(self) -> list[str]:
        """Everything said, in order."""
        return [message["text"] for message in self.said]

    def answers(self, type: str) -> list[dict[str, Any]]:
        """What else was said, of one type."""
        return [message for message in self.told if message["type"] == type]

    async def accepted(self, name: str, size: int, id: str = "f", to: str | None = None) -> int:
        """Announce a file; its number."""
        before = len(self.answers("file-accepted"))
        self.tell("files", type="send-file", id=id, name=name, size=size, to=to)
        await until(lambda: len(self.answers("file-accepted")) > before, 5, "the file is accepted")
        return self.answers("file-accepted")[-1]["number"]

    async def upload(self, number: int, content: bytes) -> None:
        """Send a file's content as fast as the channel takes it."""
        channel = self.channels["files"]
        for start in range(0, len(content), PIECE):
            await until(lambda: channel.bufferedAmount < 4 * PIECE, 60, "the channel drains")
            channel.send(number.to_bytes(4, "big") + content[start : start + PIECE])
