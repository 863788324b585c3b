"""Encoded pictures on disk: encoding takes seconds, and the next load test sends the same."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import av
import msgspec

_VERSION = 1  # of what is drawn and how it is encoded, beyond what ``key`` tells


def folder() -> Path:
    """Where they are kept, by the XDG base directory specification."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "parley-loadtest"


def kept(key: tuple[object, ...], make: Callable[[], list[bytes]]) -> list[bytes]:
    """What ``make`` returned for ``key`` before, else what it returns now.

    A folder that cannot be written or a damaged file costs time and nothing else.
    """
    words = repr((_VERSION, av.__version__, *key))
    path = folder() / f"{hashlib.sha256(words.encode()).hexdigest()[:32]}.msgpack"
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.msgpack.decode(path.read_bytes(), type=list[bytes])
    made = make()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: several load tests may start at once.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(msgspec.msgpack.encode(made))
        Path(file.name).replace(path)
    return made
