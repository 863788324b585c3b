"""What the server keeps over a restart: the key that room ids are made with."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from sfu.config import Settings
from sfu.errors import InvalidSettings
from sfu.schema import MIN_SECRET_CHARACTERS
from sfu.server.logs import get_logger

_FILE = "room-secret"
# 32 bytes, in letters that can be copied into a setting.
_SECRET_BYTES = 32
_MAX_BYTES = 1024


def with_room_secret(
    settings: Settings, environ: Mapping[str, str]
) -> tuple[Settings, Path | None]:
    """``settings`` with the ``room_secret`` of before where they have none, so that links live on,
    and the file it is in.

    It is made at the first start. Without a folder that can be written to it stays in memory, and
    the log says so. Raises ``InvalidSettings`` when the file has something else in it.
    """
    if settings.room_secret:
        return settings, None
    file = secret_file(environ)
    if file is None:
        _tell_not_kept("", "this user has no home")
        return settings, None
    try:
        secret = _kept(file)
    except OSError as error:
        _tell_not_kept(str(file), error.strerror or str(error))
        return settings, None
    return msgspec.structs.replace(settings, room_secret=secret), file


def _tell_not_kept(file: str, reason: str) -> None:
    get_logger().warning(
        "room-secret-not-kept",
        file=file,
        reason=reason,
        fix="links end with this process: set room_secret, or XDG_STATE_HOME to a folder",
    )


def secret_file(environ: Mapping[str, str]) -> Path | None:
    """Where the secret is or will be kept; None for a user without a home."""
    folder = _folder(environ)
    return folder / _FILE if folder else None


def can_be_kept(file: Path) -> bool:
    """Whether this user may read ``file``, or make it."""
    if file.exists():
        return os.access(file, os.R_OK)
    there = next((folder for folder in file.parents if folder.exists()), None)
    return there is not None and there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _folder(environ: Mapping[str, str]) -> Path | None:
    """Where this user's state is: what systemd says (``StateDirectory``), else XDG's place."""
    if told := environ.get("STATE_DIRECTORY", ""):
        return Path(told.partition(":")[0])
    state = environ.get("XDG_STATE_HOME", "")
    if state and Path(state).is_absolute():
        return Path(state) / "parley"
    home = Path(environ.get("HOME", ""))
    return home / ".local" / "state" / "parley" if home.is_absolute() else None


def _kept(file: Path) -> str:
    """The secret in ``file``, which is made if it is not there. Raises ``OSError``."""
    with contextlib.suppress(FileNotFoundError):
        return _read(file)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written beside it and linked: another process sees all of it or nothing, and the first wins.
    handle, draft = tempfile.mkstemp(prefix=_FILE, dir=file.parent)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(_SECRET_BYTES) + "\n")
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        Path(draft).unlink()
    return _read(file)


def _read(file: Path) -> str:
    with file.open("rb") as opened:
        if os.fstat(opened.fileno()).st_mode & 0o077:
            get_logger().warning("room-secret-readable", file=str(file), fix=f"chmod 600 {file}")
        text = opened.read(_MAX_BYTES).decode("utf-8", "replace").strip()
    if len(text) < MIN_SECRET_CHARACTERS or not text.isprintable():
        raise InvalidSettings(
            f"{str(file)!r} has no room secret in it: delete it (links of before end then), or set "
            "room_secret."
        )
    return text
