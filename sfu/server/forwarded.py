"""Whom a request is from and which address of ours it was for, where trusted proxies say so."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TypeAlias

from aiohttp import web
from msgspec import Struct

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# A request passes a few proxies; whoever names more of them is not followed any further.
_MAX_HOPS = 16


class Visit(Struct, frozen=True):
    """``address`` is the client's, None when it cannot be known; ``scheme`` and ``host`` are those
    of the URL it asked for.
    """

    address: Address | None
    scheme: str
    host: str


class TrustedProxies:
    """Believes ``X-Forwarded-*`` from the addresses in ``networks``, and from nobody else."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ipaddress.ip_network(network) for network in networks]

    def visit(self, request: web.Request) -> Visit:
        """Whom ``request`` is from: the right-most address that is no trusted proxy's."""
        address = parsed(request.remote or "")
        scheme, host = request.scheme, request.headers.get("Host", "")
        if self._trusts(address):
            scheme = _last(request, "X-Forwarded-Proto").lower() or scheme
            host = _last(request, "X-Forwarded-Host") or host
            address = self._client(address, request.headers.getall("X-Forwarded-For", []))
        return Visit(address, scheme, host)

    def ignores(self, request: web.Request) -> bool:
        """Whether a proxy that is not trusted speaks for somebody."""
        forwarded = "X-Forwarded-For" in request.headers
        return forwarded and not self._trusts(parsed(request.remote or ""))

    def _client(self, proxy: Address | None, headers: list[str]) -> Address | None:
        hops = ",".join(headers).split(",")[-_MAX_HOPS:] if headers else []
        nearest = proxy
        for hop in reversed(hops):
            address = parsed(hop)
            if address is None:
                break  # a trusted proxy does not write such a thing: it stands for itself
            nearest = address
            if not self._trusts(address):
                break
        return nearest

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def parsed(text: str) -> Address | None:
    """The address in ``text``, with a port or without; an IPv4 one that is mapped is IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _last(request: web.Request, name: str) -> str:
    """What the nearest proxy wrote there."""
    values = request.headers.getall(name, [])
    return values[-1].rpartition(",")[2].strip() if values else ""
