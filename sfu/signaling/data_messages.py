"""Chat and files: what is said over the data channels ``chat`` and ``files``, typed and validated.

``chat`` carries text messages (JSON), ``files`` these and binary ones: the file's number as four
bytes (big endian), then a piece of its content. Both channels are reliable and ordered.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from sfu.errors import Refused
from sfu.signaling.values import Message, ParticipantId, Value

MAX_TEXT_CHARACTERS = 4000
# JSON of the longest text, each character escaped.
MAX_DATA_MESSAGE_BYTES = 32 * 1024
MAX_PIECE_BYTES = 16 * 1024

# The client's own name for what it sends, until the server has given it a number.
OwnId = Annotated[str, Meta(min_length=1, max_length=36)]
FileName = Annotated[str, Meta(min_length=1, max_length=255)]


# --- client to server -------------------------------------------------------------------------


class Say(Message, frozen=True, kw_only=True, tag="say"):
    """A chat message for everybody, or for the participant ``to`` alone."""

    id: OwnId
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARACTERS)]
    to: ParticipantId | None = None


class SendFile(Message, frozen=True, kw_only=True, tag="send-file"):
    """A file of ``size`` bytes is to be sent to everybody, or to ``to`` alone."""

    id: OwnId
    name: FileName
    size: Annotated[int, Meta(ge=0)]
    mime: Annotated[str, Meta(max_length=100)] = ""
    to: ParticipantId | None = None


class FetchFile(Message, frozen=True, kw_only=True, tag="fetch-file"):
    """The client wants the content of the file with that number."""

    number: int


class CancelFile(Message, frozen=True, kw_only=True, tag="cancel-file"):
    """The client sends or fetches the file with that number no more."""

    number: int


DataClientMessage = Say | SendFile | FetchFile | CancelFile


# --- server to client -------------------------------------------------------------------------


class File(Value, frozen=True, kw_only=True):
    """A file that came with a chat message, to be fetched by its number."""

    number: int
    name: str
    size: int
    mime: str


class Said(Message, frozen=True, kw_only=True, tag="said"):
    """A chat message; numbers rise by time, the same for everybody.

    ``id`` is the sender's own name for it (empty to others), ``sender`` the participant and
    ``name`` its name, ``to`` whom it is for alone, ``at`` the time in seconds since 1970.
    """

    number: int
    id: str
    sender: str
    name: str
    to: str | None
    text: str
    at: float
    file: File | None


class History(Message, frozen=True, kw_only=True, tag="history"):
    """The first message on ``chat``: what was said before, and what the server takes.

    Of a long history the newest part, as much as the client takes in one message.
    """

    messages: list[Said]
    maxText: int  # noqa: N815 - characters of a message; names of JSON
    maxFile: int  # noqa: N815 - bytes of a file


class FileAccepted(Message, frozen=True, kw_only=True, tag="file-accepted"):
    """The content of the file ``id`` may be sent, under ``number``; ``said`` follows at its end."""

    id: str
    number: int


class FileGone(Message, frozen=True, kw_only=True, tag="file-gone"):
    """The file cannot be fetched (any more), or its upload was given up; ``code`` says why."""

    number: int
    code: str
    message: str


class DataRefused(Message, frozen=True, kw_only=True, tag="refused"):
    """What the client named ``id`` was not accepted."""

    id: str
    code: str
    message: str


DataServerMessage = Said | History | FileAccepted | FileGone | DataRefused

_decoder: msgspec.json.Decoder[DataClientMessage] = msgspec.json.Decoder(DataClientMessage)
_encoder = msgspec.json.Encoder()


def decode(text: str | bytes) -> DataClientMessage:
    """The message in ``text``. Raises ``Refused`` (``message-too-large``, ``bad-message``)."""
    if len(text) > MAX_DATA_MESSAGE_BYTES:
        raise Refused(
            "message-too-large", f"A message may have at most {MAX_DATA_MESSAGE_BYTES} bytes."
        )
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("bad-message", f"Not a message of the protocol: {error}") from None


def encode(message: DataServerMessage) -> str:
    """The JSON text of ``message``."""
    return _encoder.encode(message).decode()
