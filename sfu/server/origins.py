"""Which web pages may connect: those of this server, and of the origins that settings allow."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def may_connect(origin: str, scheme: str, host: str, allowed: Collection[str]) -> bool:
    """Whether a page of ``origin`` may connect to the server it reaches as ``scheme`` and ``host``.

    Only ``https`` is certain: a proxy that says nothing speaks plain HTTP to us.
    """
    if origin in allowed:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or not parts.netloc:
        return False
    if scheme == "https" and parts.scheme != "https":
        return False
    return parts.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)
