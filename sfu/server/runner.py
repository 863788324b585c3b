"""aiohttp's runner, with our own words for requests that never get as far as the application."""

from __future__ import annotations

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from sfu.server.connection import Connection
from sfu.server.http import HEADERS

# Of a request's line or of one header: more is refused by the parser.
_TOO_LONG = 431


class _Handler(Connection):
    """Answers what is no request without repeating it, and without a version of anything."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """A sentence; the connection is closed, as nobody knows where the next request begins."""
        if status >= 500:
            self.log_exception("Error handling request", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("part of the answer is sent already")
        if isinstance(exc, LineTooLong) or "Too many headers" in (message or ""):
            status = _TOO_LONG
        sentence = "Something went wrong here." if status >= 500 else "This is no request."
        headers = HEADERS | {
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        }
        response = web.Response(status=status, text=f"{sentence}\n", headers=headers)
        response.force_close()
        return response


class _Server(web.Server):
    """Makes a handler for each connection."""

    def __call__(self) -> _Handler:
        return _Handler(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Serves an application."""

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server
        return server
