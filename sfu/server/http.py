"""The HTTP side: the pages and their files, new rooms, health, metrics, and every header."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from aiohttp import web

from sfu.counters import Counters
from sfu.room.rooms import RETRY_SECONDS
from sfu.server.connection import note_requests, read_bodies
from sfu.server.debug import RoomTables, debug_rooms
from sfu.server.files import FOLDERS, WebFile, WebFiles
from sfu.server.logs import get_logger
from sfu.server.metrics import CONTENT_TYPE, Metrics
from sfu.server.websocket import WebSockets

# Requests carry no bodies here; aiohttp would take a megabyte.
_MAX_BODY_BYTES = 16 * 1024
_CODES = {
    403: "token-required",
    404: "not-found",
    405: "wrong-method",
    408: "too-slow",
    413: "too-large",
    500: "internal-error",
    503: "server-stopping",
}
# Nothing from anywhere else: no script, style, font or picture (the page works offline). Who may
# show it in a frame is said at the end.
_POLICY = (
    "default-src 'self'; connect-src 'self'; media-src 'self' blob: mediastream:; "
    "img-src 'self' data: blob:; style-src 'self'; base-uri 'none'; frame-ancestors"
)
HEADERS = {
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
    # Room links are secrets: they must not travel to other sites.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Server": "Parley",
}
# What pages of the allowed origins may read, beside connecting: the client's files, to build a call
# into a page, and rooms, to make one. Figures and the API with keys are no business of browsers.
_SHARED = (*(f"/{folder}/" for folder in FOLDERS), "/api/rooms")
# Browsers ask again each time and are told "304 Not Modified": a new version is seen at once.
_REVALIDATE = "no-cache"
_NEVER_STORED = "no-store"

_PAGE_MISSING = "The web client is not installed: put its files into the folder web beside sfu."

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RoomRegistry(RoomTables, Protocol):
    """What the HTTP side asks of the rooms."""

    @property
    def needs_token(self) -> bool:
        """Whether nobody gets in without a token, which not everybody may make."""

    def create_id(self) -> str:
        """A new room id that nobody can guess."""

    def host_token(self, room_id: str) -> str:
        """What makes its holder a host of that room."""

    def is_valid(self, room_id: str) -> bool:
        """Whether this server issued ``room_id``."""


class Pages:
    """The handlers of every address; ``stopping`` makes the server tell that it is not ready.

    ``draining`` says whether nobody new gets in, ``full`` whether somebody new would be too much
    now; ``load`` tells what that rests on, ``operator`` who asks from another machine; ``more`` are
    further addresses.
    """

    def __init__(
        self,
        *,
        rooms: RoomRegistry,
        sockets: WebSockets,
        files: WebFiles,
        metrics: Metrics,
        counters: Counters,
        draining: Callable[[], bool] = lambda: False,
        full: Callable[[], bool] = lambda: False,
        load: Callable[[], dict[str, Any]] = dict,
        operator: Callable[[web.Request], bool] = lambda _: False,
        more: Iterable[web.AbstractRouteDef] = (),
    ) -> None:
        self.stopping = False
        self._draining = draining
        self._full = full
        self._load = load
        self._operator = operator
        self._more = tuple(more)
        self._rooms = rooms
        self._sockets = sockets
        self._files = files
        self._metrics = metrics
        self._counters = counters
        self._origins = sockets.allowed_origins

    def application(self) -> web.Application:
        """The aiohttp application that serves all of it."""
        application = web.Application(
            middlewares=[note_requests, self._explain_errors, read_bodies],
            client_max_size=_MAX_BODY_BYTES,
        )
        application.on_response_prepare.append(self._add_headers)
        folders = "|".join(re.escape(folder) for folder in FOLDERS)
        application.add_routes(
            [
                web.get("/", self._page),
                web.get("/r/{room}", self._page),
                web.get("/test", self._test),
                web.get("/embed/{room}", self._frame),
                web.get(f"/{{path:(?:{folders})/.+}}", self._file),
                web.get("/favicon.ico", self._icon),
                web.post("/api/rooms", self._create_room),
                web.get("/api/rooms/{room}", self._room),
                web.get("/ws", self._sockets.accept),
                web.get("/healthz", self._alive),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._scrape),
                web.get("/debug/rooms", self._debug),
                *self._more,
            ]
        )
        return application

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return _send_page(request, self._files.index)

    async def _test(self, request: web.Request) -> web.StreamResponse:
        return _send_page(request, self._files.test)

    async def _frame(self, request: web.Request) -> web.StreamResponse:
        return _send_page(request, self._files.frame)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = self._files.find(request.match_info["path"])
        if found is None:
            raise web.HTTPNotFound
        return _send_file(request, found)

    async def _icon(self, _request: web.Request) -> web.StreamResponse:
        # Browsers ask for it unbidden; the page names its icon, so this is no error to report.
        return web.Response(status=204)

    async def _create_room(self, _request: web.Request) -> web.StreamResponse:
        if self.stopping or self._draining():
            raise web.HTTPServiceUnavailable(text="The server is stopping.")
        if self._rooms.needs_token:
            raise web.HTTPForbidden(text="Rooms of this server are made by whoever signs tokens.")
        room = self._rooms.create_id()
        url = f"/r/{room}"
        made = {"room": room, "url": url, "token": self._rooms.host_token(room)}
        return web.json_response(made, status=201, headers={"Location": url})

    async def _room(self, request: web.Request) -> web.StreamResponse:
        if not self._rooms.is_valid(request.match_info["room"]):
            raise web.HTTPNotFound(text="There is no such room.")
        return web.Response(status=204)

    async def _alive(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(text="alive\n")

    async def _ready(self, _request: web.Request) -> web.StreamResponse:
        if self.stopping:
            return web.Response(text="stopping\n", status=503)
        if self._draining():
            return web.Response(text="draining\n", status=503)
        if self._full():
            retry = {"Retry-After": str(RETRY_SECONDS)}
            return web.Response(text="full\n", status=503, headers=retry)
        return web.Response(text="ready\n")

    async def _scrape(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def _debug(self, request: web.Request) -> web.StreamResponse:
        return debug_rooms(
            request, self._rooms, operator=self._operator(request), load=self._load()
        )

    async def _add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        headers.update(HEADERS)
        headers["Content-Security-Policy"] = " ".join([_POLICY, "'self'", *self._origins])
        headers.setdefault("Cache-Control", _NEVER_STORED)
        if self._origins and request.path.startswith(_SHARED):
            headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Origin")))
            origin = request.headers.get("Origin", "")
            if origin in self._origins:
                headers["Access-Control-Allow-Origin"] = origin

    @web.middleware
    async def _explain_errors(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Answer every error with a sentence, as JSON below /api and as a page elsewhere."""
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
            text = error.text if error.text and not error.text.startswith(str(error.status)) else ""
            return _explained(request, error.status, text or _sentence(error.status), allow)
        except Exception:
            self._counters.bugs["http"] += 1
            get_logger().exception("bug", boundary="http")
            return _explained(request, 500, _sentence(500), {})


def _send_page(request: web.Request, page: WebFile | None) -> web.Response:
    if page is None:
        return web.Response(text=_PAGE_MISSING, status=503)
    return _send_file(request, page)


def _send_file(request: web.Request, file: WebFile) -> web.Response:
    body, etag = file.body, file.etag
    headers = {"Cache-Control": _REVALIDATE, "Vary": "Accept-Encoding"}
    if file.compressed is not None and _takes_gzip(request):
        body, etag = file.compressed, f"{etag}-gzip"
        headers["Content-Encoding"] = "gzip"
    headers["ETag"] = f'"{etag}"'
    known = request.if_none_match or ()
    if any(tag.value in (etag, "*") for tag in known):
        headers.pop("Content-Encoding", None)
        return web.Response(status=304, headers=headers)
    charset = "utf-8" if file.content_type.startswith("text/") else None
    return web.Response(body=body, content_type=file.content_type, charset=charset, headers=headers)


def _takes_gzip(request: web.Request) -> bool:
    """Whether gzip is named, and not to be left alone (``gzip;q=0``, RFC 9110 section 12.5.3)."""
    for part in request.headers.get("Accept-Encoding", "").split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _sentence(status: int) -> str:
    match status:
        case 404:
            return "There is nothing here. A call's link looks like /r/ and a room's id."
        case 405:
            return "This address is there, but not for this kind of request."
        case 413:
            return "That is more than this server takes."
        case 500:
            return "Something went wrong here. It has been noted; please try again."
        case _:
            return "This request was not understood."


def _explained(
    request: web.Request, status: int, sentence: str, headers: dict[str, str]
) -> web.Response:
    if request.path.startswith("/api/"):
        code = _CODES.get(status, "bad-request")
        return web.json_response(
            {"error": {"code": code, "message": sentence}}, status=status, headers=headers
        )
    # Sentences are this server's own text, never the request's: there is nothing to escape.
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Parley: {status}</title><h1>Parley</h1><p>{sentence}</p>"
        '<p><a href="/">Start a call</a></p></html>'
    )
    return web.Response(text=page, content_type="text/html", status=status, headers=headers)
