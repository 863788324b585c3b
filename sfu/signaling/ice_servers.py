"""What clients are told of TURN servers, with names and passwords that end soon."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

from sfu.signaling.values import IceServer

if TYPE_CHECKING:
    from sfu.config import Settings


def ice_servers(settings: Settings, participant: str, now: float) -> list[IceServer]:
    """The TURN servers of the settings, for one participant; ``now`` in seconds since 1970."""
    if not settings.turn_urls:
        return []
    username, credential = turn_login(
        settings.turn_secret, participant, now + settings.turn_seconds
    )
    return [IceServer(urls=list(settings.turn_urls), username=username, credential=credential)]


def turn_login(secret: str, participant: str, until: float) -> tuple[str, str]:
    """A name and password that a TURN server with the same secret takes until then.

    draft-uberti-behave-turn-rest-00 section 2.2, which coturn calls ``use-auth-secret``.
    """
    username = f"{int(until)}:{participant}"
    digest = hmac.digest(secret.encode(), username.encode(), "sha1")
    return username, base64.b64encode(digest).decode()
