"""Calls in pages of somebody else's: the examples, and what docs/embedding.md says to copy."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from page import until

DOCS = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text()
# The addresses that stand in the documentation for those of the reader.
SERVER, ORIGIN, ROOM = "https://calls.example.org", "https://www.example.org", "ROOM"

# Two people see each other when each has the other's picture.
_PLAYING = """() => [...document.querySelectorAll('video')].filter(
  (video) => video.videoWidth && video.currentTime > 0 && !video.paused).length"""


class Elsewhere:
    """A web site of somebody else's; ``policy`` is its Content-Security-Policy."""

    def __init__(self, folder: Path, policy: str) -> None:
        class Handler(SimpleHTTPRequestHandler):
            def end_headers(self) -> None:
                if site.policy:
                    self.send_header("Content-Security-Policy", site.policy)
                self.send_header("Cache-Control", "no-store")
                super().end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        site = self
        self.policy = policy
        self.folder = folder
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://localhost:{self.http.server_address[1]}"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    """A site on another origin than the server's."""
    site = Elsewhere(tmp_path / "site", "")
    site.folder.mkdir()
    (site.folder / "favicon.ico").write_bytes(b"")
    thread = threading.Thread(target=site.http.serve_forever, daemon=True)
    thread.start()
    yield site
    site.http.shutdown()
    site.http.server_close()
    thread.join(10)
