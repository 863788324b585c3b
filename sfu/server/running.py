"""The Parley that may run already, as ``sfu doctor`` sees it: through its own HTTP port."""

from __future__ import annotations

import http.client
import ipaddress
import re
import ssl

from sfu.config import Settings

# It is on this machine: an answer takes milliseconds unless the event loop is stuck.
_TIMEOUT = 1.5
# Metrics of a full server have some 30 kB.
_MAX_ANSWER_BYTES = 1024 * 1024
# What a running server counts when a check (STUN) for nobody arrives.
_CHECKS_FOR_NOBODY = re.compile(
    r'^parley_drops_total\{reason="stun-unknown-ufrag"\} (\S+)', re.MULTILINE
)


class RunningServer:
    """A Parley that answers on the HTTP port of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def answers(self) -> bool:
        """Whether it is there and is a Parley."""
        found = self._get("/healthz")
        return found is not None and found[0] == "Parley"

    def checks_for_nobody(self) -> int | None:
        """How many connectivity checks for unknown clients arrived; None when it does not say."""
        found = self._get("/metrics")
        if found is None or "parley_" not in found[1]:
            return None
        # Nothing is written about a reason until its first drop.
        count = _CHECKS_FOR_NOBODY.search(found[1])
        return int(float(count[1])) if count else 0

    def _get(self, path: str) -> tuple[str, str] | None:
        """Who answers and what; None unless the answer is a good one."""
        host = _reachable(self._settings.http_host)
        port = self._settings.http_port
        if self._settings.tls_certificate:
            # Whose certificate it is does not matter here: nothing is sent, nothing believed.
            context = ssl._create_unverified_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=_TIMEOUT, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read(_MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if answer.status != 200:
            return None
        return answer.headers.get("Server", ""), body.decode("utf-8", "replace")


def _reachable(host: str) -> str:
    """Where a server that listens on ``host`` is reached from this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host or "localhost"
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "::1"
    return host
