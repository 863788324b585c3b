"""``sfu rooms``: the rooms of a running server and who is in them, asked over its HTTP API."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from sfu.config import Settings
from sfu.errors import InvalidSettings, ParleyError
from sfu.server.api_values import Failure, RoomList, RoomView
from sfu.server.openapi import PREFIX
from sfu.server.web_address import link

FLAGS = ("--url", "--json")

# Somebody waits for it; a server that is well answers within milliseconds.
_TIMEOUT = 10.0
_MAX_ANSWER_BYTES = 16 * 1024 * 1024
_COLUMNS = ("ROOM", "PARTICIPANT", "NAME", "ROLE", "SENDS", "STATE")

_V = TypeVar("_V", bound=msgspec.Struct)


class CannotAsk(ParleyError):
    """The server cannot be asked, or does not answer; the text says what to change."""


class Wish:
    """What the command line asks for; ``rest`` are the settings in it.

    Raises ``InvalidSettings``.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.json = False
        self.url = ""
        self.rest: list[str] = []
        waiting = iter(arguments)
        for argument in waiting:
            flag, equals, value = argument.partition("=")
            if argument == "--json":
                self.json = True
            elif flag == "--url":
                self.url = value if equals else next(waiting, "")
                if urlsplit(self.url).scheme not in ("http", "https"):
                    raise InvalidSettings(
                        f"--url cannot be {self.url!r}: it takes the server's address, like "
                        "https://call.example.org."
                    )
            else:
                self.rest.append(argument)

    def text(self, settings: Settings) -> str:
        """What to print. Raises ``CannotAsk``."""
        rooms = _Api(settings, self.url).rooms()
        if self.json:
            whole = msgspec.json.encode({"rooms": rooms})
            return msgspec.json.format(whole, indent=2).decode() + "\n"
        return "\n".join(_table(rooms)) + "\n" if rooms else "Nobody is in any room.\n"


class _Api:
    """The API of one server, over one connection."""

    def __init__(self, settings: Settings, url: str) -> None:
        if not settings.admin_keys:
            raise CannotAsk("admin_keys is not set: the API opens with one (SFU_ADMIN_KEYS).")
        self._url = url.rstrip("/") or link(settings, settings.http_port).rstrip("/")
        self._key = settings.admin_keys[0]
        parts = urlsplit(self._url)
        self._base = parts.path.rstrip("/")
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            context = _context(settings, own=not url)
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=_TIMEOUT, context=context
            )
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)

    def rooms(self) -> list[RoomView]:
        """Every room with everybody in it; who leaves meanwhile may be in it or not."""
        try:
            listed = self._get("/rooms", RoomList).rooms
            views = [self._get(f"/rooms/{quote(each.room)}", RoomView) for each in listed]
        finally:
            self._connection.close()
        return [view for view in views if view.participants]

    def _get(self, path: str, type: type[_V]) -> _V:
        try:
            self._connection.request(
                "GET",
                f"{self._base}{PREFIX}{path}",
                headers={"Authorization": f"Bearer {self._key}"},
            )
            answer = self._connection.getresponse()
            body = answer.read(_MAX_ANSWER_BYTES)
        except ssl.SSLCertVerificationError as error:
            raise CannotAsk(
                f"{self._url} shows a certificate that is not its own: {error.verify_message}."
            ) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or error.__class__.__name__
            raise CannotAsk(
                f"nothing answers at {self._url}: {reason}. Is the server running there (--url, or "
                "http_port)?"
            ) from None
        if answer.status == 200:
            try:
                return msgspec.json.decode(body, type=type)
            except msgspec.DecodeError:
                raise CannotAsk(f"it is no Parley that answers at {self._url}.") from None
        raise CannotAsk(self._refusal(answer.status, body))

    def _refusal(self, status: int, body: bytes) -> str:
        if status == 401:
            return f"{self._url} does not take the first of these admin_keys (SFU_ADMIN_KEYS)."
        if status == 404:
            return f"{self._url} has no API: the server needs admin_keys, too, or is no Parley."
        try:
            sentence = msgspec.json.decode(body, type=Failure).error.message
        except msgspec.DecodeError:
            sentence = f"it answers with status {status}."
        return f"{self._url}: {sentence}"


def _context(settings: Settings, *, own: bool) -> ssl.SSLContext:
    """What a server's certificate is checked with: our own server's has to be our file."""
    if not own:
        return ssl.create_default_context()
    try:
        context = ssl.create_default_context(cafile=settings.tls_certificate)
    except (OSError, ssl.SSLError):
        raise CannotAsk(f"tls_certificate {settings.tls_certificate!r} cannot be read.") from None
    # It need not be for localhost, nor from somebody this machine knows.
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _table(rooms: Sequence[RoomView]) -> Iterator[str]:
    rows = [_COLUMNS, *(row for room in rooms for row in _rows(room))]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()
    people = sum(len(room.participants) for room in rooms)
    yield f"\n{len(rooms)} room{'s'[: len(rooms) != 1]}, {people} participant{'s'[: people != 1]}."


def _rows(room: RoomView) -> Iterator[tuple[str, ...]]:
    name = f"{room.room} (locked)" if room.locked else room.room
    for each in room.participants:
        sends = ", ".join(
            f"{track.source} (off)" if track.muted else track.source for track in each.tracks
        )
        state = "away" if each.away else "here" if each.connected else "connecting"
        yield name, each.id, _shown(each.name), each.role, sends, state
        name = ""


def _shown(name: Any) -> str:
    """A name as one word of a table: whoever chose it must not repaint the terminal."""
    return "".join(each if each.isprintable() else " " for each in name)
