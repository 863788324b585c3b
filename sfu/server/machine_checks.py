"""What ``sfu doctor`` finds in the machine: event loop, egress, encryption, limits and clock."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import platform
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

from OpenSSL import SSL

from sfu import __version__
from sfu.config import Settings
from sfu.server.finding import Finding
from sfu.server.state import can_be_kept, secret_file
from sfu.server.tcp import MAX_STRANGERS

# Beside WebSockets: the ports, logs, the event loop, and page requests that come at once.
_OTHER_FILES = 200
# adjtimex(2): the clock is not synchronised.
_TIME_ERROR = 5
# ``struct timex`` has 208 bytes on 64-bit Linux; all zero means that nothing is to be changed.
_TIMEX_BYTES = 512


def machine_findings(settings: Settings, *, now: float) -> list[Finding]:
    """Everything about the machine itself; ``now`` is in seconds since 1970."""
    return [
        Finding.ok(
            "version",
            f"Parley {__version__}, Python {platform.python_version()}, {platform.system()} "
            f"{platform.machine()}.",
        ),
        event_loop(importlib.util.find_spec("uvloop") is not None),
        egress(settings.egress, why_not_native()),
        encryption(_make_certificate),
        file_limit(_sockets(settings), _hard_file_limit()),
        *clock(now, _newest_own_file(), _clock_is_synchronized()),
        room_links(settings.room_secret, secret_file(os.environ)),
    ]


def event_loop(has_uvloop: bool) -> Finding:
    """Which event loop the server will run on."""
    if has_uvloop:
        return Finding.ok("event-loop", "uvloop is installed.")
    return Finding.warning(
        "event-loop",
        "uvloop is not installed: the standard event loop needs more of the processor.",
        "pip install uvloop",
    )


def egress(choice: str, why_not: str) -> Finding:
    """Which egress the setting gives; ``why_not`` is empty where there is native code."""
    if choice == "native" and why_not:
        return Finding.problem(
            "egress",
            f"egress is native, and there is no native code: {why_not}.",
            "Install gcc and libssl-dev and reinstall, or set egress to auto or python.",
        )
    if choice == "python":
        more = "" if why_not else " Native code is there: with egress set to auto it would be used."
        return Finding.ok("egress", f"Python sends the media.{more}")
    if why_not:
        return Finding.warning(
            "egress",
            f"Python sends the media, as there is no native code: {why_not}.",
            "Install gcc and libssl-dev and reinstall, or set egress to python.",
        )
    return Finding.ok("egress", "Native code sends the media.")


def why_not_native() -> str:
    """Why the native egress cannot be used; empty when it can."""
    try:
        importlib.import_module("sfu.transport._egress")
    except ModuleNotFoundError:
        return "it was not built"
    except ImportError as error:
        return f"it cannot be loaded ({error})"
    return ""


def encryption(make_certificate: Callable[[], object]) -> Finding:
    """Whether DTLS and SRTP work at all; ``make_certificate`` sets both up."""
    versions = (
        f"DTLS by {_version(SSL.SSLeay_version(SSL.SSLEAY_VERSION).decode())}, "
        f"HTTPS by {_version(ssl.OPENSSL_VERSION)}"
    )
    try:
        make_certificate()
    except Exception as error:  # whatever a broken build of OpenSSL or libsrtp answers
        return Finding.problem(
            "encryption",
            f"{versions}: it does not work ({type(error).__name__}: {error}).",
            "pip install --force-reinstall pyopenssl cryptography pylibsrtp",
        )
    return Finding.ok("encryption", f"{versions}.")


def _sockets(settings: Settings) -> int:
    """WebSockets, and who comes over TCP: each participant with one connection, and strangers."""
    over_tcp = settings.max_participants + MAX_STRANGERS if settings.tcp == "on" else 0
    return settings.max_websockets + over_tcp


def file_limit(sockets: int, hard: int | None) -> Finding:
    """Whether as many ``sockets`` may be open as the settings let in; None is without limit."""
    needed = sockets + _OTHER_FILES
    if hard is None or hard >= needed:
        limit = "without limit" if hard is None else str(hard)
        return Finding.ok("file-limit", f"Open files: {limit}; {needed} are enough.")
    return Finding.warning(
        "file-limit",
        f"{hard} files may be open, and {sockets} WebSockets and TCP connections need {needed}.",
        "Raise it (LimitNOFILE= of systemd, ulimit -Hn, --ulimit of a container), or lower "
        "max_websockets.",
    )


def clock(now: float, newest_file: float, synchronized: bool | None) -> Iterator[Finding]:
    """Whether the clock can be right; ``synchronized`` is None where the system does not tell."""
    if now < newest_file:
        yield Finding.problem(
            "clock",
            "The clock is behind the time at which this program was installed.",
            "Set the clock and keep it right, with systemd-timesyncd or chrony.",
        )
    elif synchronized is False:
        yield Finding.warning(
            "clock",
            "The clock is not synchronised: certificates and logs go by it.",
            "Start systemd-timesyncd or chrony on this machine (or on the container's host).",
        )
    else:
        told = "synchronised" if synchronized else "plausible"
        yield Finding.ok("clock", f"The clock is {told}.")


def room_links(room_secret: str, kept_in: Path | None) -> Finding:
    """Whether links of rooms outlive the process; their key may be ``kept_in`` a file."""
    if room_secret:
        return Finding.ok("room-links", "Links of rooms survive a restart.")
    if kept_in is not None and can_be_kept(kept_in):
        return Finding.ok(
            "room-links", f"Links of rooms survive a restart: {kept_in} has or gets their key."
        )
    return Finding.warning(
        "room-links",
        f"room_secret is not set and {kept_in or 'the home of this user'} cannot be written: links "
        "of rooms end with the process.",
        "Set room_secret in the environment or the settings file, to the output of: "
        "openssl rand -hex 32",
    )


def _version(text: str) -> str:
    """``OpenSSL 3.0.19`` without its date and what else follows."""
    return " ".join(text.split()[:2])


def _make_certificate() -> None:
    # Imported here: a broken library is then a finding and no traceback.
    from pylibsrtp import Policy, Session

    from sfu.transport.certificate import Certificate

    Certificate.generate()
    Session(
        Policy(
            key=bytes(28),
            ssrc_type=Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
        )
    )


def _hard_file_limit() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return None if hard == resource.RLIM_INFINITY else hard


def _newest_own_file() -> float:
    return Path(__file__).stat().st_mtime


def _clock_is_synchronized() -> bool | None:
    """What Linux says about its clock; asking needs no rights."""
    try:
        answer = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (AttributeError, OSError):
        return None
    return None if answer < 0 else answer != _TIME_ERROR
