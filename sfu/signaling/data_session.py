"""One client's data channels: its chat and files in, the room's out, whatever carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.errors import Refused
from sfu.room.allowance import Allowance
from sfu.room.downloads import Downloads
from sfu.signaling import data_messages as data
from sfu.signaling.data_messages import MAX_PIECE_BYTES, MAX_TEXT_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfu.counters import Counters
    from sfu.room.chat import ChatMessage
    from sfu.room.files import StoredFile
    from sfu.room.participant import Participant
    from sfu.room.room import Room

CHAT = "chat"
FILES = "files"
LABELS = (CHAT, FILES)

# Somebody who picks a dozen files at once, and a client that asks for each as it is shown.
_REQUESTS_AT_ONCE = 30
_REQUESTS_PER_SECOND = 5.0

_NUMBER_BYTES = 4
# The JSON of a history without its messages.
_HISTORY_BYTES = 100


class DataSession:
    """From the first channel that opens to the end of the participant's data.

    ``send`` takes a channel's label and one message, in order; ``buffered`` tells how many bytes
    wait to be sent.
    """

    def __init__(
        self,
        *,
        room: Room,
        participant: Participant,
        counters: Counters,
        send: Callable[[str, str | bytes], None],
        buffered: Callable[[], int],
    ) -> None:
        self._room = room
        self._participant = participant
        self._counters = counters
        self._send_message = send
        self._requests = Allowance(_REQUESTS_AT_ONCE, _REQUESTS_PER_SECOND)
        self._downloads = Downloads(
            room.files,
            participant.id,
            send=self._send_piece,
            buffered=buffered,
            gone=lambda number, refused: self._gone(FILES, number, refused),
        )

    def opened(self, label: str) -> None:
        """A channel opened; on ``chat`` what was said before comes first."""
        if label != CHAT:
            return
        history = self._room.chat.listen(self._participant.id, self._hear)
        self._send(
            CHAT,
            data.History(
                messages=self._newest(history),
                maxText=MAX_TEXT_CHARACTERS,
                maxFile=self._room.files.max_bytes,
            ),
        )

    def closed(self, label: str) -> None:
        """A channel closed."""
        if label == CHAT:
            self._room.chat.unlisten(self._participant.id)
        elif label == FILES:
            self._downloads.cancel_all()

    def drained(self) -> None:
        """Little is left of what waited to be sent."""
        self._downloads.drained()

    def receive(self, label: str, message: str | bytes, now: float) -> None:
        """Take one message of the client; what is wrong with it is answered, never raised."""
        if isinstance(message, bytes):
            self._take_piece(label, message)
            return
        try:
            decoded = data.decode(message)
        except Refused as refused:
            self._refuse(label, "", refused)
            return
        match decoded:
            case data.Say():
                self._say(label, decoded, now)
            case data.SendFile():
                self._begin(label, decoded, now)
            case data.FetchFile(number=number):
                try:
                    self._allow_request(now)
                    self._downloads.fetch(number)
                except Refused as refused:
                    self._gone(label, number, refused)
            case data.CancelFile(number=number):
                if self._downloads.cancel(number):
                    # From here on pieces with that number belong to the next fetch of it.
                    self._gone(label, number, Refused("cancelled", "It comes no more."))
                self._room.files.cancel(self._participant.id, number)

    def _newest(self, history: Sequence[ChatMessage]) -> list[data.Said]:
        """As much of the end of ``history`` as the client takes in one message."""
        left = self._participant.max_message_size - _HISTORY_BYTES
        newest: list[data.Said] = []
        for message in reversed(history):
            said = _said(message, self._participant.id)
            left -= len(data.encode(said).encode()) + 1
            if left < 0:
                break
            newest.append(said)
        return newest[::-1]

    def _say(self, label: str, say: data.Say, now: float) -> None:
        participant = self._participant
        try:
            self._check_allowed()
            self._room.chat.say(
                participant.id, participant.name, id=say.id, text=say.text, to=say.to, now=now
            )
        except Refused as refused:
            self._refuse(label, say.id, refused)
        else:
            self._counters.chat_messages += 1

    def _begin(self, label: str, wish: data.SendFile, now: float) -> None:
        try:
            self._check_allowed()
            self._allow_request(now)
            file = self._room.files.begin(
                self._participant.id,
                id=wish.id,
                name=wish.name,
                size=wish.size,
                mime=wish.mime,
                to=wish.to,
            )
        except Refused as refused:
            self._refuse(label, wish.id, refused)
            return
        self._send(label, data.FileAccepted(id=wish.id, number=file.about.number))
        if file.complete:
            self._share(file)

    def _take_piece(self, label: str, message: bytes) -> None:
        number = int.from_bytes(message[:_NUMBER_BYTES], "big")
        piece = message[_NUMBER_BYTES:]
        files = self._room.files
        try:
            if label != FILES or not 0 < len(piece) <= MAX_PIECE_BYTES:
                files.cancel(self._participant.id, number)
                raise Refused("bad-message", f"A piece has 1 to {MAX_PIECE_BYTES} bytes, on files.")
            self._check_upload(number)
            file = files.take(self._participant.id, number, piece)
        except Refused as refused:
            if refused.code == "no-such-file":
                # Pieces were on their way when the upload ended: that was told already.
                self._counters.data_refused[refused.code] += 1
            else:
                self._gone(label, number, refused)
            return
        self._counters.file_bytes_in += len(piece)
        if file.complete:
            self._share(file)

    def _check_upload(self, number: int) -> None:
        participant = self._participant
        if not participant.permissions.data and self._room.files.cancel(participant.id, number):
            self._check_allowed()

    def _check_allowed(self) -> None:
        if not self._participant.permissions.data:
            raise Refused("not-allowed", "Your token does not let you write or send files.")

    def _share(self, file: StoredFile) -> None:
        self._counters.files += 1
        participant = self._participant
        self._room.chat.share(
            participant.id, participant.name, id=file.id, file=file.about, to=file.to
        )

    def _allow_request(self, now: float) -> None:
        if not self._requests.take(now):
            raise Refused("too-fast", "Too many files at once: wait a second.")

    def _hear(self, message: ChatMessage) -> None:
        self._send(CHAT, _said(message, self._participant.id))

    def _send_piece(self, message: bytes) -> None:
        self._counters.file_bytes_out += len(message) - _NUMBER_BYTES
        self._send_message(FILES, message)

    def _refuse(self, label: str, id: str, refused: Refused) -> None:
        self._counters.data_refused[refused.code] += 1
        self._send(label, data.DataRefused(id=id, code=refused.code, message=refused.message))

    def _gone(self, label: str, number: int, refused: Refused) -> None:
        self._counters.data_refused[refused.code] += 1
        self._send(label, data.FileGone(number=number, code=refused.code, message=refused.message))

    def _send(self, label: str, message: data.DataServerMessage) -> None:
        self._send_message(label, data.encode(message))


def _said(message: ChatMessage, reader: str) -> data.Said:
    file = message.file
    return data.Said(
        number=message.number,
        id=message.id if message.sender == reader else "",
        sender=message.sender,
        name=message.name,
        to=message.to,
        text=message.text,
        at=message.at,
        file=None
        if file is None
        else data.File(number=file.number, name=file.name, size=file.size, mime=file.mime),
    )
