"""Where the page of a server is: its link, and why nobody can listen there."""

from __future__ import annotations

import errno
import ipaddress

from sfu.config import Settings


def link(settings: Settings, http_port: int) -> str:
    """The link that opens the page of a server with these settings on its machine."""
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://{_link_host(settings.http_host)}:{http_port}/"


def _link_host(host: str) -> str:
    """What to type for ``host`` on this machine; browsers give only localhost a camera."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host or "localhost"
    if address.is_loopback or address.is_unspecified:
        return "localhost"
    return f"[{address}]" if address.version == 6 else str(address)


def listen_sentence(error: OSError, settings: Settings) -> str:
    """What to do when the port of the page could not be opened, as a sentence."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"TCP port {settings.http_port} is in use by another program: "
            "choose a free one with --http-port or SFU_HTTP_PORT."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"TCP port {settings.http_port} may not be opened by this user: "
            "choose one above 1023 with --http-port or SFU_HTTP_PORT."
        )
    return (
        f"{settings.http_host!r} is not an address of this machine: "
        "choose another with --http-host or SFU_HTTP_HOST."
    )
