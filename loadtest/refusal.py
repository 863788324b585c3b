"""Why a synthetic client could not join, for those who read the error."""

from __future__ import annotations


class JoinFailed(Exception):
    """The server did not let us in.

    ``code`` is its error code, or ``unreachable``, ``no-answer``, ``disconnected``, ``no-media``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
