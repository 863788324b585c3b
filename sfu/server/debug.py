"""The live routing tables of every room as JSON, for operators only."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
from aiohttp import web

# Any of these says that a proxy asks for somebody else, who need not be on this machine.
_PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


class RoomTables(Protocol):
    """Every open room."""

    @property
    def rooms(self) -> Mapping[str, Any]:
        """Open rooms by id."""

    @property
    def egress(self) -> Any:
        """What sends the media; its ``name`` is shown."""


def debug_rooms(
    request: web.Request,
    rooms: RoomTables,
    *,
    operator: bool = False,
    load: Mapping[str, Any] | None = None,
) -> web.Response:
    """All routing tables, and how much there is to do (``load``).

    403 with a sentence for who is neither on this machine nor an ``operator``.
    """
    if not operator and not _is_local(request):
        return web.json_response(
            {
                "error": {
                    "code": "loopback-only",
                    "message": "Ask from the server's own machine, by a loopback address and "
                    "without a proxy, such as http://localhost:8080/debug/rooms, or show one of "
                    "the server's admin_keys.",
                }
            },
            status=403,
        )
    tables = {room_id: room.describe() for room_id, room in rooms.rooms.items()}
    whole = {"egress": rooms.egress.name, "load": load or {}, "rooms": tables}
    body = msgspec.json.format(msgspec.json.encode(whole), indent=2)
    return web.Response(body=body, content_type="application/json")


def _is_local(request: web.Request) -> bool:
    if any(header in request.headers for header in _PROXY_HEADERS):
        return False
    # The name matters too: a hostile page can point its own name at 127.0.0.1 and ask from here.
    return _is_loopback(request.remote or "") and _is_loopback(request.url.host or "")


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
