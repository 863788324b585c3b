"""The files one participant fetches, sent as fast as its channel drains."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sfu.errors import Refused

if TYPE_CHECKING:
    from sfu.room.files import Files

# Of one participant at a time; more wait at the client.
MAX_DOWNLOADS = 4
# What is sent at once of a file: large enough to be cheap, small enough to let chat in between.
PIECE_BYTES = 16 * 1024
# As much waits in a receiver's channel before more is put into it: chat waits behind it.
LOW_WATER_BYTES = 32 * 1024

_NUMBER_BYTES = 4


class Downloads:
    """The files one participant fetches, a piece of each in turn as its channel drains.

    ``send`` takes one piece with its file's number before it, ``buffered`` tells how many bytes
    wait in the channel, ``gone`` is told a file that went while it was fetched.
    """

    def __init__(
        self,
        files: Files,
        participant: str,
        *,
        send: Callable[[bytes], None],
        buffered: Callable[[], int],
        gone: Callable[[int, Refused], None],
    ) -> None:
        self._files = files
        self._participant = participant
        self._send = send
        self._buffered = buffered
        self._gone = gone
        self._sent: dict[int, int] = {}  # bytes sent, by number

    def fetch(self, number: int) -> None:
        """Begin to send a file, anew where it is being sent.

        Raises ``Refused`` (``no-such-file``, ``too-many-files``).
        """
        self._files.find(self._participant, number)
        if number not in self._sent and len(self._sent) >= MAX_DOWNLOADS:
            raise Refused("too-many-files", f"At most {MAX_DOWNLOADS} files come at a time.")
        self._sent[number] = 0
        self.drained()

    def cancel(self, number: int) -> bool:
        """Send a file no more; False when it was not being sent."""
        return self._sent.pop(number, None) is not None

    def cancel_all(self) -> None:
        """Send nothing more."""
        self._sent.clear()

    def drained(self) -> None:
        """Put more into the channel while there is little in it."""
        while self._sent and self._buffered() < LOW_WATER_BYTES:
            number, sent = next(iter(self._sent.items()))
            del self._sent[number]
            try:
                content = self._files.find(self._participant, number).content
            except Refused as refused:
                self._gone(number, refused)
                continue
            piece = content[sent : sent + PIECE_BYTES]
            if sent + len(piece) < len(content):
                self._sent[number] = sent + len(piece)  # at the end: the others first
            self._send(number.to_bytes(_NUMBER_BYTES, "big") + piece)
