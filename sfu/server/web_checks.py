"""What ``sfu doctor`` finds about page and signaling: port, HTTPS, certificate and origins."""

from __future__ import annotations

import datetime
import errno
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from sfu.config import Settings
from sfu.errors import InvalidSettings
from sfu.server.finding import Finding
from sfu.server.tls import load_context

# Renewal is tried a month before the end; two weeks later somebody should look.
_SOON = datetime.timedelta(days=14)
_PROXY_OR_FILES = (
    "Put a proxy with TLS in front (and set http_host to 127.0.0.1), or set tls_certificate and "
    "tls_key."
)


def web_findings(settings: Settings, *, now: float, running: bool) -> list[Finding]:
    """Everything about the HTTP side; ``running`` when a Parley answers on its port."""
    return [
        http_port(settings, running=running),
        *https(settings, now=now),
        *origins(settings.allowed_origins),
        auth(settings),
    ]


def http_port(settings: Settings, *, running: bool) -> Finding:
    """Whether the port can be opened, or is open already."""
    check, port = "http-port", settings.http_port
    if running:
        return Finding.ok(check, f"TCP port {port} is the running server's.")
    try:
        found = socket.getaddrinfo(settings.http_host or "0.0.0.0", port, type=socket.SOCK_STREAM)
        family, _kind, _protocol, _name, address = found[0]
        with socket.create_server(address[:2], family=family):
            pass
    except socket.gaierror:
        return Finding.problem(
            check,
            f"http_host {settings.http_host!r} is not an address or name of this machine.",
            "Set http_host to one, or to nothing for every interface.",
        )
    except OSError as error:
        return _cannot_listen(error, settings)
    return Finding.ok(check, f"TCP port {port or '(any)'} is free.")


def _cannot_listen(error: OSError, settings: Settings) -> Finding:
    check, port = "http-port", settings.http_port
    if error.errno == errno.EADDRINUSE:
        return Finding.problem(
            check,
            f"TCP port {port} is in use, and it is no Parley that answers there.",
            "Stop the other program or set http_port to a free port.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return Finding.problem(
            check,
            f"TCP port {port} may not be opened by this user.",
            "Set http_port to one above 1023, or allow it with CAP_NET_BIND_SERVICE.",
        )
    return Finding.problem(
        check,
        f"http_host {settings.http_host!r} is not an address of this machine.",
        "Set http_host to one, or to nothing for every interface.",
    )


def https(settings: Settings, *, now: float) -> Iterator[Finding]:
    """Whether pages get a camera: over HTTPS, or on this machine; and until when."""
    if settings.tls_certificate:
        yield certificate(Path(settings.tls_certificate), Path(settings.tls_key), now=now)
    elif is_loopback(settings.http_host):
        yield Finding.ok(
            "https",
            "The page is served to this machine only, where browsers give a camera without HTTPS; "
            "others need a proxy with TLS or tls_certificate and tls_key.",
        )
    else:
        yield Finding.warning(
            "https",
            "Other devices reach the page over plain HTTP, where browsers give no camera.",
            _PROXY_OR_FILES,
        )


def certificate(file: Path, key: Path, *, now: float) -> Finding:
    """Whether both files can be used at ``now``, in seconds since 1970."""
    check = "certificate"
    try:
        load_context(file, key)
        first = x509.load_pem_x509_certificates(file.read_bytes())[0]
    except InvalidSettings as error:
        return Finding.problem(check, str(error), "Correct tls_certificate or tls_key.")
    except (ValueError, OSError) as error:
        return Finding.problem(
            check, f"{str(file)!r} cannot be read: {error}.", "Correct tls_certificate."
        )
    moment = datetime.datetime.fromtimestamp(now, datetime.UTC)
    ends = first.not_valid_after_utc
    renew = f"Renew the certificate in {file}; the server reads it anew by itself."
    if moment >= ends:
        return Finding.problem(check, f"The certificate ended on {ends:%Y-%m-%d}.", renew)
    if moment < first.not_valid_before_utc:
        starts = first.not_valid_before_utc
        return Finding.problem(
            check,
            f"The certificate is valid only from {starts:%Y-%m-%d %H:%M} UTC on.",
            "Set the clock of this machine, or wait.",
        )
    text = f"The certificate is for {_names(first)} and ends on {ends:%Y-%m-%d}."
    return Finding.warning(check, text, renew) if ends - moment < _SOON else Finding.ok(check, text)


def _names(found: x509.Certificate) -> str:
    try:
        extension = found.extensions.get_extension_for_oid(
            ExtensionOID.SUBJECT_ALTERNATIVE_NAME
        ).value
    except (x509.ExtensionNotFound, ValueError):
        return "no name, which browsers refuse,"
    assert isinstance(extension, x509.SubjectAlternativeName)
    return ", ".join(str(name.value) for name in extension)


def origins(allowed: tuple[str, ...]) -> Iterator[Finding]:
    """Origins that no browser ever sends, or whose pages get no camera."""
    suspicious = [finding for origin in allowed if (finding := _origin(origin)) is not None]
    yield from suspicious
    if not suspicious:
        others = ", ".join(allowed)
        yield Finding.ok(
            "origins",
            f"Pages of this server and of {others} may connect."
            if allowed
            else "Only this server's own pages may connect.",
        )


def auth(settings: Settings) -> Finding:
    """Whether strangers can make rooms and get into them."""
    if settings.auth == "token":
        return Finding.ok("auth", "Only people with a signed token get in.")
    text = "Anybody who reaches this server can make rooms; a room's link lets in everybody."
    if is_loopback(settings.http_host):
        return Finding.ok("auth", f"{text} It is served to this machine only.")
    return Finding.warning("auth", text, "Set auth to token, and api_keys or jwks.")


def _origin(origin: str) -> Finding | None:
    scheme, _, host = origin.partition("://")
    written = host.lower().removesuffix({"http": ":80", "https": ":443"}[scheme])
    if written != host:
        return Finding.problem(
            "origins",
            f"{origin} never matches: browsers write {scheme}://{written}.",
            f"Write {scheme}://{written} in allowed_origins.",
        )
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if scheme == "http" and name != "localhost" and not is_loopback(name.strip("[]")):
        return Finding.warning(
            "origins",
            f"{origin} is plain HTTP, where browsers give no camera.",
            f"Serve that page over HTTPS and write https://{host} in allowed_origins.",
        )
    return None


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine as only itself can reach it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
