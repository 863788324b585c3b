"""What people write to each other in one room: numbered, remembered, the same for everybody."""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass

from sfu.errors import Refused
from sfu.room.allowance import Allowance

# What a late joiner can read back to; and what one room costs in memory.
HISTORY_MESSAGES = 500
HISTORY_BYTES = 256 * 1024
# Nobody types faster for long; pasted lines come in bursts.
MESSAGES_AT_ONCE = 10
MESSAGES_PER_SECOND = 2.0

# What a remembered message costs beside its text.
_MESSAGE_BYTES = 100
_KEPT_CONTROLS = "\n\t"


@dataclass(frozen=True, slots=True)
class SharedFile:
    """What everybody may know of a file; ``size`` in bytes."""

    number: int
    name: str
    size: int
    mime: str


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message; ``id`` is its sender's own name for it, ``at`` seconds since 1970."""

    number: int
    id: str
    sender: str
    name: str
    to: str | None
    text: str
    at: float
    file: SharedFile | None = None

    def is_for(self, participant: str) -> bool:
        """Whether ``participant`` may read it."""
        return self.to is None or participant in (self.sender, self.to)

    @property
    def size(self) -> int:
        """Bytes it costs to remember."""
        texts = (self.text, self.name, self.file.name if self.file is not None else "")
        return _MESSAGE_BYTES + sum(len(text.encode()) for text in texts)


Hear = Callable[[ChatMessage], None]


class Chat:
    """The conversation of one room.

    Invariants: numbers rise by one in the order in which everybody hears the messages; a private
    message reaches its two participants and nobody else, now or later.
    """

    def __init__(self, present: Container[str], clock: Callable[[], float]) -> None:
        """``present`` holds the ids of those in the room, ``clock`` gives seconds since 1970."""
        self._present = present
        self._clock = clock
        self._listeners: dict[str, Hear] = {}
        self._allowances: dict[str, Allowance] = {}
        self._messages: deque[ChatMessage] = deque()
        self._bytes = 0
        self._number = 0

    def listen(self, participant: str, hear: Hear) -> list[ChatMessage]:
        """Call ``hear`` with what ``participant`` may read from now on; returns what was before."""
        self._listeners[participant] = hear
        return [message for message in self._messages if message.is_for(participant)]

    def unlisten(self, participant: str) -> None:
        """``participant`` hears nothing for now."""
        self._listeners.pop(participant, None)

    def leave(self, participant: str) -> None:
        """Forget ``participant``, and private messages that nobody is left for."""
        self.unlisten(participant)
        self._allowances.pop(participant, None)
        kept = [
            message
            for message in self._messages
            if message.to is None or message.sender in self._present or message.to in self._present
        ]
        if len(kept) < len(self._messages):
            self._messages = deque(kept)
            self._bytes = sum(message.size for message in kept)

    def say(
        self, sender: str, name: str, *, id: str, text: str, to: str | None, now: float
    ) -> None:
        """Tell everybody, or ``to`` alone, what ``sender`` wrote.

        Raises ``Refused`` (``too-fast``, ``bad-message``, ``no-such-participant``).
        """
        allowance = self._allowances.get(sender)
        if allowance is None:
            allowance = self._allowances[sender] = Allowance(MESSAGES_AT_ONCE, MESSAGES_PER_SECOND)
        if not allowance.take(now):
            raise Refused("too-fast", "You write too fast: wait a second.")
        text = _without_controls(text)
        if not text.strip():
            raise Refused("bad-message", "The message has nothing to read in it.")
        if to is not None and to not in self._present:
            raise Refused("no-such-participant", "That participant is not in the room.")
        self._tell(sender, name, id, text, to, None)

    def share(self, sender: str, name: str, *, id: str, file: SharedFile, to: str | None) -> None:
        """Tell everybody, or ``to`` alone, of a file that ``sender`` sent."""
        self._tell(sender, name, id, "", to, file)

    def _tell(
        self,
        sender: str,
        name: str,
        id: str,
        text: str,
        to: str | None,
        file: SharedFile | None,
    ) -> None:
        self._number += 1
        message = ChatMessage(self._number, id, sender, name, to, text, self._clock(), file)
        self._messages.append(message)
        self._bytes += message.size
        while len(self._messages) > HISTORY_MESSAGES or self._bytes > HISTORY_BYTES:
            self._bytes -= self._messages.popleft().size
        for participant, hear in list(self._listeners.items()):
            if message.is_for(participant):
                hear(message)


def _without_controls(text: str) -> str:
    """``text`` as given, without control characters other than newline and tab."""
    return "".join(
        character
        for character in text
        if character in _KEPT_CONTROLS or unicodedata.category(character) != "Cc"
    )
