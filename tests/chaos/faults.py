"""Faults put into a running server for one participant: production code knows nothing of them.

Each point is a bound method that is replaced on that participant's own objects (or on a table, for
calls about that participant): it raises, does nothing, or does its work later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Broken(Exception):
    """What a fault raises: nothing in the server expects it."""


_wrong: dict[tuple[int, str], Callable[..., Any]] = {}
_twins: dict[type, type] = {}


def _replace(target: Any, name: str, made: Callable[..., Any]) -> None:
    """Let ``target.name`` be ``made`` from now on, of this object alone."""
    try:
        setattr(target, name, made)
    except AttributeError:  # its class has slots: a twin of the class asks for each object
        kind = type(target)
        if kind not in _twins.values():
            if kind not in _twins:
                _twins[kind] = type(kind.__name__, (kind,), {"__slots__": ()})
            kind = target.__class__ = _twins[kind]
        if name not in vars(kind):
            setattr(kind, name, _asking(kind, name))
        _wrong[id(target), name] = made


def _asking(kind: type, name: str) -> Callable[..., Any]:
    def asked(self: Any, *args: Any, **options: Any) -> Any:
        before = getattr(super(kind, self), name)
        return _wrong.get((id(self), name), before)(*args, **options)

    return asked


def _publishes(server: Any, person: Any) -> tuple[Any, str]:
    return person.publisher, "rtp_received"


def _feedback(server: Any, person: Any) -> tuple[Any, str]:
    return person.subscriber, "feedback"


def _ticks(server: Any, person: Any) -> tuple[Any, str]:
    return person, "tick"


def _judged(server: Any, person: Any) -> tuple[Any, str]:
    return person, "judge"


def _forwarded_to(server: Any, person: Any) -> tuple[Any, str]:
    half = next(track for track in person.subscriber.tracks if str(track.published.kind) == "video")
    return half.send.forwarder, "decide"


def _protects(server: Any, person: Any) -> tuple[Any, str]:
    # Native code protects with its own sender: without it the copies take the Python path.
    person.transport.sender = None
    return person.transport, "protect"


def _reports(server: Any, person: Any) -> tuple[Any, str]:
    return person.transport, "send_rtcp"


def _datagrams(server: Any, person: Any) -> tuple[Any, str]:
    # What native code has unprotected goes past the first look at a datagram.
    return person.transport, "receive" if person.transport.sender is None else "receive_rtcp"


def _checks(server: Any, person: Any) -> tuple[Any, str]:
    return person.transport, "check"


def _transport_ticks(server: Any, person: Any) -> tuple[Any, str]:
    return person.transport, "tick"


def _closes(server: Any, person: Any) -> tuple[Any, str]:
    return person.transport, "close"


def _handshakes(server: Any, person: Any) -> tuple[Any, str]:
    return person.transport, "_receive_dtls"


def _session(server: Any, person: Any) -> Any:
    return person.notify.__self__


def _messages(server: Any, person: Any) -> tuple[Any, str]:
    return _session(server, person), "_handle"


def _told(server: Any, person: Any) -> tuple[Any, str]:
    return _session(server, person), "_tell"


def _data(server: Any, person: Any) -> tuple[Any, str]:
    return server.rooms.data._associations[person.id], "take"


def _data_begins(server: Any, person: Any) -> tuple[Any, str]:
    return person, "data_received"


# The point's name and what is replaced there.
POINTS: dict[str, Callable[[Any, Any], tuple[Any, str]]] = {
    "media-in": _publishes,
    "feedback": _feedback,
    "tick": _ticks,
    "judge": _judged,
    "forward": _forwarded_to,
    "protect": _protects,
    "rtcp-out": _reports,
    "datagram": _datagrams,
    "check": _checks,
    "transport-tick": _transport_ticks,
    "transport-close": _closes,
    "handshake": _handshakes,
    "message": _messages,
    "tell": _told,
    "data": _data,
    "data-begins": _data_begins,
    "event": lambda server, person: (server._events, "take"),
    "webhook": lambda server, person: (server._webhooks, "_attempt"),
}


def inject(server: Any, point: str, participant: str, kind: str, seconds: float = 0.0) -> None:
    """Let ``point`` ``raise``, ``drop`` or ``delay`` (by ``seconds``) for ``participant``.

    Of what is not a participant's own (``event``, ``webhook``) only calls that name it fail.
    """
    person = next(
        room.participants[participant]
        for room in server.rooms.rooms.values()
        if participant in room.participants
    )
    target, name = POINTS[point](server, person)
    before = getattr(target, name)

    def wrong(*args: Any, **options: Any) -> Any:
        if target in (server._events, server._webhooks) and participant not in str((args, options)):
            return before(*args, **options)
        if kind == "raise":
            raise Broken(point)
        if kind == "delay":
            asyncio.get_running_loop().call_later(seconds, lambda: before(*args, **options))
        return None

    _replace(target, name, wrong)
