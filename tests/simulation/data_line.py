"""A simulated browser's two data channels: reliable and in order, over a slow line."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

from sfu.signaling.data_session import DataSession

if TYPE_CHECKING:
    from tests.simulation.browser import Browser
    from tests.simulation.simulator import Call

DELAY_SECONDS = 0.02
PIECE = 16 * 1024


class DataLine:
    """Opened by a browser that has joined; ``rate``: bytes per second, down from the server."""

    def __init__(self, call: Call, browser: Browser, rate: float = 1_000_000) -> None:
        self.call, self.rate = call, rate
        room = call.rooms.rooms[call.room]
        self.you = browser.ids[-1]
        self.said: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.contents: dict[int, bytes] = {}
        self.most_waiting = 0
        self._waiting: deque[str | bytes] = deque()
        self._bytes = 0
        self.session = DataSession(
            room=room,
            participant=room.participants[self.you],
            counters=call.counters,
            send=self._sent,
            buffered=lambda: self._bytes,
        )
        for label in ("chat", "files"):
            self.session.opened(label)

    def tell(self, label: str, **message: Any) -> None:
        """Send a message of the protocol."""
        self._up(label, json.dumps(message))

    def write(self, text: str, to: str | None = None) -> None:
        """Say something."""
        self.tell("chat", type="say", id=f"{len(text)}", text=text, to=to)

    def piece(self, number: int, content: bytes) -> None:
        """Send a piece of a file."""
        self._up("files", number.to_bytes(4, "big") + content)

    def upload(self, number: int, content: bytes) -> None:
        """Send a whole file."""
        for start in range(0, len(content), PIECE):
            self.piece(number, content[start : start + PIECE])

    def answer(self, type: str) -> dict[str, Any]:
        """The last answer of that type."""
        return [message for message in self.told if message["type"] == type][-1]

    def close(self) -> None:
        """The connection is gone."""
        for label in ("chat", "files"):
            self.session.closed(label)

    def _up(self, label: str, message: str | bytes) -> None:
        self.call.at(
            self.call.now + DELAY_SECONDS,
            lambda _: self.session.receive(label, message, self.call.now),
            None,
        )

    def _sent(self, label: str, message: str | bytes) -> None:
        self._waiting.append(message)
        self._bytes += len(message)
        self.most_waiting = max(self.most_waiting, self._bytes)
        if len(self._waiting) == 1:
            self._transmit()

    def _transmit(self) -> None:
        takes = len(self._waiting[0]) / self.rate
        self.call.at(self.call.now + takes, self._transmitted, None)

    def _transmitted(self, _: None) -> None:
        message = self._waiting.popleft()
        self._bytes -= len(message)
        self.call.at(self.call.now + DELAY_SECONDS, self._heard, message)
        if self._waiting:
            self._transmit()
        self.session.drained()

    def _heard(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            number = int.from_bytes(message[:4], "big")
            self.contents[number] = self.contents.get(number, b"") + message[4:]
            return
        decoded = json.loads(message)
        if decoded["type"] == "said":
            self.said.append(decoded)
        elif decoded["type"] == "history":
            self.said += decoded["messages"]
        else:
            self.told.append(decoded)
