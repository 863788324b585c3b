"""The exceptions Parley raises on purpose; anything else that escapes is a bug."""

from __future__ import annotations


class ParleyError(Exception):
    """Root of every exception that Parley raises on purpose."""


class InvalidSettings(ParleyError):
    """A setting is unknown or has a value that is not allowed; the text names it and the fix."""


class MalformedPacket(ParleyError):
    """Bytes from the network that do not follow their format: drop them and count the reason.

    ``reason`` is a short lower-case slug from a fixed set (it becomes a metric label),
    never text that came from the network.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProtocolError(ParleyError):
    """A client broke the signaling protocol: it gets a fatal error message and is closed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Refused(ParleyError):
    """A well-formed wish that cannot be granted: the client gets an error, the session lives.

    ``retry_after`` is in how many seconds the same may be granted; 0: nobody knows.
    """

    def __init__(self, code: str, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after


class HandshakeFailed(ParleyError):
    """A transport could not be established; ``stage`` is ``ice``, ``dtls`` or ``srtp``."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.message = message
