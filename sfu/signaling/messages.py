"""The signaling protocol as text: every message one typed, validated value (JSON)."""

from __future__ import annotations

import msgspec

from sfu.errors import ProtocolError
from sfu.signaling.client_messages import ClientMessage
from sfu.signaling.server_messages import ServerMessage

# Nothing a client says is larger than an offer, whose text grows a little as JSON.
MAX_MESSAGE_BYTES = 80 * 1024

_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_encoder = msgspec.json.Encoder()


def decode(text: str | bytes) -> ClientMessage:
    """The client message in ``text``.

    Raises ``ProtocolError`` with code ``message-too-large`` or ``bad-message``; its text says
    which field is wrong.
    """
    if len(text) > MAX_MESSAGE_BYTES:
        raise ProtocolError(
            "message-too-large", f"A message may have at most {MAX_MESSAGE_BYTES} bytes."
        )
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError("bad-message", f"Not a message of the protocol: {error}") from None


def encode(message: ServerMessage) -> bytes:
    """The JSON text of ``message``, in UTF-8."""
    return _encoder.encode(message)
