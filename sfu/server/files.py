"""The files of the web client, read from the installed package or from a clone."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import sfu

# What pages load, and nothing else: a folder's name is its address.
FOLDERS = ("src", "styles", "assets", "vendor", "examples")
_CONTENT_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# No leading dot, no separator, no escape: a name of this form cannot leave its folder. (Systems
# refuse names of more than 255 characters with an error.)
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_MAX_DEPTH = 6


@dataclass(frozen=True)
class WebFile:
    """One file as it is served; ``etag`` changes with its content.

    ``compressed`` is the same with gzip, or None where that would not make it smaller.
    """

    body: bytes
    content_type: str
    etag: str
    compressed: bytes | None


class WebFiles:
    """The web client's files below ``root``; each is read again only when it changed."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._cache: dict[Path, tuple[tuple[int, int], WebFile]] = {}

    @property
    def index(self) -> WebFile | None:
        """The page of people, or None when the client is not there."""
        return self._read(self._root / "index.html")

    @property
    def test(self) -> WebFile | None:
        """The page that tests connections, or None when the client is not there."""
        return self._read(self._root / "test.html")

    @property
    def frame(self) -> WebFile | None:
        """The page for a frame in somebody else's page, or None when the client is not there."""
        return self._read(self._root / "embed.html")

    def find(self, path: str) -> WebFile | None:
        """The file at ``path`` (such as ``src/app.js``), or None when it is not a served one."""
        segments = path.split("/")
        if (
            segments[0] not in FOLDERS
            or len(segments) > _MAX_DEPTH
            or not all(_SEGMENT.fullmatch(segment) for segment in segments)
        ):
            return None
        return self._read(self._root.joinpath(*segments))

    def _read(self, file: Path) -> WebFile | None:
        content_type = _CONTENT_TYPES.get(file.suffix)
        # A symbolic link may point anywhere: what counts is where the file really is.
        if content_type is None or not file.is_file() or not _is_below(file, self._root):
            return None
        status = file.stat()
        version = (status.st_mtime_ns, status.st_size)
        cached = self._cache.get(file)
        if cached is not None and cached[0] == version:
            return cached[1]
        body = file.read_bytes()
        compressed = gzip.compress(body, mtime=0)
        found = WebFile(
            body,
            content_type,
            hashlib.sha256(body).hexdigest()[:32],
            compressed if len(compressed) < len(body) else None,
        )
        self._cache[file] = (version, found)
        return found


def web_root() -> Path:
    """The folder of the web client: inside the installed package, or beside it in a clone."""
    package = Path(sfu.__file__).parent
    installed = package / "web"
    return installed if (installed / "index.html").is_file() else package.parent / "web"


def _is_below(file: Path, root: Path) -> bool:
    return file.resolve().is_relative_to(root)
