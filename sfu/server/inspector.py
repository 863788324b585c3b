"""The inspector's page; what it shows comes from ``/debug/rooms``, which lets only operators in."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
# Named one by one: nothing else of this folder is anybody's business.
_FILES = {
    "/debug": "inspector.html",
    "/debug/inspector.css": "inspector.css",
    "/debug/inspector.js": "inspector.js",
}


def routes() -> list[web.AbstractRouteDef]:
    """The addresses of the page and its files."""
    return [web.get(path, _page) for path in _FILES]


async def _page(request: web.Request) -> web.StreamResponse:
    path = Path(__file__).with_name(_FILES[request.path])
    return web.Response(
        body=path.read_bytes(),
        content_type=_TYPES[path.suffix],
        charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )
