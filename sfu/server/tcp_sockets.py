"""The sockets of media over TCP: bound on the number of the UDP port, and tuned for media."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket

from sfu.errors import InvalidSettings

# What the kernel takes of us before it is sent: more would only be sent later.
_NOT_SENT_BYTES = 32 * 1024
# Linux ends a connection whose data nobody acknowledges for so long; a closed window is as bad.
_USER_TIMEOUT_MILLISECONDS = 30_000


def bind_listening(host: str, port: int) -> list[socket.socket]:
    """One socket per family that this machine has; raises ``InvalidSettings``."""
    hosts = [host] if host else ["0.0.0.0", "::"]
    bound: list[socket.socket] = []
    for each in hosts:
        family = socket.AF_INET if ipaddress.ip_address(each).version == 4 else socket.AF_INET6
        try:
            bound.append(_bind_one(family, each, port))
        except OSError as error:
            no_ipv6 = error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
            if family == socket.AF_INET6 and not host and no_ipv6:
                continue
            for other in bound:
                other.close()
            raise InvalidSettings(_bind_sentence(error, each, port)) from None
        port = bound[0].getsockname()[1]  # where any free one would do
    return bound


def _bind_one(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


def _bind_sentence(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"TCP port {port} is in use by another program, and media takes TCP on the number of "
            "its UDP port: choose another with --udp-port or SFU_UDP_PORT, or do without "
            "(--tcp off or SFU_TCP)."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"TCP port {port} may not be opened by this user: choose a --udp-port above 1023, or "
            "do without (--tcp off or SFU_TCP)."
        )
    return (
        f"TCP address {host} is not one of this machine's: "
        "choose another with --udp-host or SFU_UDP_HOST."
    )


def tune(connected: socket.socket) -> None:
    """Send at once, keep little, and give up whoever does not read."""
    for level, name, value in (
        (socket.IPPROTO_TCP, "TCP_NODELAY", 1),
        (socket.IPPROTO_TCP, "TCP_NOTSENT_LOWAT", _NOT_SENT_BYTES),
        (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", _USER_TIMEOUT_MILLISECONDS),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            with contextlib.suppress(OSError):  # works without it
                connected.setsockopt(level, option, value)
