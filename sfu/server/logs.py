"""Structured logs, a line per lifecycle transition: key=value on a terminal, JSON otherwise."""

from __future__ import annotations

import logging
from typing import Any, TextIO

import structlog
from aiohttp.http import HttpProcessingError
from structlog.typing import EventDict, Processor, WrappedLogger

# What must never be in a log, whoever passes it: session descriptions, credentials, chat text.
WITHHELD = frozenset(
    {
        "sdp",
        "offer",
        "answer",
        "ufrag",
        "pwd",
        "password",
        "credential",
        "secret",
        "room_secret",
        "token",
        "resume",
        "text",
        "chat",
    }
)
# Whoever has a room's whole id can enter: this much of it tells rooms apart.
ROOM_CHARACTERS = 8
# A line stays readable, and a client cannot fill a disk through one field.
_MAX_VALUE_CHARACTERS = 200
# A traceback is ours, not a client's; this is some 150 frames.
_MAX_TRACEBACK_CHARACTERS = 16_000


def configure(stream: TextIO, *, level: str, form: str) -> None:
    """Send all log lines of the process to ``stream``.

    ``level`` is ``debug``, ``info``, ``warning`` or ``error``; ``form`` is ``text``, ``json`` or
    ``auto`` (text when ``stream`` is a terminal).
    """
    text = form == "text" or (form == "auto" and stream.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _withhold,
                _text_renderer if text else structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Their lines are about single requests and frames, which is never a lifecycle transition.
    for noisy in ("aiohttp.access", "aiohttp.websocket", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger() -> Any:
    """The logger of the server; its methods take an event name and fields."""
    return structlog.stdlib.get_logger("sfu")


def observe(event: str, **fields: object) -> None:
    """Write the lifecycle transition ``event``, which the rooms tell.

    The room's id is shortened. With an exception as the field ``error`` it is a bug, and its
    traceback is written too.
    """
    if isinstance(room := fields.get("room"), str):
        fields["room"] = room[:ROOM_CHARACTERS]
    error = fields.pop("error", None)
    if isinstance(error, BaseException):
        get_logger().error(event, exc_info=error, **fields)
    else:
        get_logger().info(event, **fields)


def _is_ours(record: logging.LogRecord) -> bool:
    """Leave out bytes that are not HTTP: anybody can send them, and they may hold a room's link."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def _withhold(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what must not be logged and shorten what is too long."""
    for key, value in event.items():
        if key in WITHHELD:
            event[key] = "(withheld)"
        elif isinstance(value, str):
            limit = _MAX_TRACEBACK_CHARACTERS if key == "exception" else _MAX_VALUE_CHARACTERS
            if len(value) > limit:
                event[key] = value[:limit] + "…"
    return event


def _text_renderer(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """``event`` as one key=value line, with its traceback (if any) on the lines below."""
    traceback = event.pop("exception", None)
    head = [
        str(event.pop("timestamp", "")),
        str(event.pop("level", "")),
        str(event.pop("event", "")),
    ]
    line = " ".join(
        [_printable(part) for part in head if part]
        + [f"{key}={_quoted(value)}" for key, value in event.items()]
    )
    return f"{line}\n{traceback}" if traceback else line


def _quoted(value: object) -> str:
    text = str(value)
    return text if text and text.isprintable() and not set(text) & set(" =\"'") else repr(text)


def _printable(text: str) -> str:
    """``text`` without control characters, which could repaint a terminal or forge a line."""
    return text if text.isprintable() else repr(text)
