"""The sockets of media over UDP: bound on one port, with buffers for bursts."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket

from sfu.errors import InvalidSettings

# A quarter of a second of 100 Mbit/s: what may arrive while the loop is busy with something else.
_BUFFER_BYTES = 4 * 1024 * 1024
# Linux lets root pass the limit of net.core.[rw]mem_max with these; the socket module lacks them.
_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33
# A free IPv4 port may be taken on IPv6: with port 0 another pair is tried this often.
_PORT_ATTEMPTS = 20
# Linux: the kernel tells when each datagram arrived, as a timespec (again not in the module).
SO_TIMESTAMPNS = 35


def bind(host: str, port: int) -> list[socket.socket]:
    """One socket per family that this machine has, on one port; raises ``InvalidSettings``."""
    if host:
        version = ipaddress.ip_address(host).version
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        try:
            return [_bind_one(family, host, port)]
        except _NoSuchFamily:
            raise InvalidSettings(
                f"udp_host cannot be {host!r}: this machine has no IPv{version}."
            ) from None
    for attempt in range(_PORT_ATTEMPTS):
        ipv4 = _bind_one(socket.AF_INET, "0.0.0.0", port)
        try:
            return [ipv4, _bind_one(socket.AF_INET6, "::", ipv4.getsockname()[1])]
        except _NoSuchFamily:
            return [ipv4]
        except InvalidSettings:
            ipv4.close()
            if port or attempt == _PORT_ATTEMPTS - 1:
                raise
    raise AssertionError("the loop returns or raises")


class _NoSuchFamily(Exception):
    """This machine has no IPv6."""


def _bind_one(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    try:
        udp = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        raise _NoSuchFamily from None
    try:
        udp.setblocking(False)
        if family == socket.AF_INET6:
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _grow(udp, socket.SO_RCVBUF, _SO_RCVBUFFORCE)
        _grow(udp, socket.SO_SNDBUF, _SO_SNDBUFFORCE)
        with contextlib.suppress(OSError):  # without it the latency is not measured
            udp.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        udp.bind((host, port))
    except OSError as error:
        udp.close()
        if family == socket.AF_INET6 and host == "::" and error.errno == errno.EADDRNOTAVAIL:
            raise _NoSuchFamily from None
        raise InvalidSettings(_bind_sentence(error, host, port)) from None
    return udp


def _grow(udp: socket.socket, option: int, forced: int) -> None:
    try:
        udp.setsockopt(socket.SOL_SOCKET, forced, _BUFFER_BYTES)
    except OSError:
        # Not root, or not Linux: the system gives as much as its limit allows.
        with contextlib.suppress(OSError):
            udp.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)


def _bind_sentence(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"UDP port {port} is in use by another program: "
            "choose a free one with --udp-port or SFU_UDP_PORT."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"UDP port {port} may not be opened by this user: "
            "choose one above 1023 with --udp-port or SFU_UDP_PORT."
        )
    return (
        f"UDP address {host} is not one of this machine's: "
        "choose another with --udp-host or SFU_UDP_HOST."
    )
