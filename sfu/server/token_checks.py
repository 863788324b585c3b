"""What ``sfu doctor`` says of the keys that tokens of others are checked with, and of the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime

from aiohttp import ClientError

from sfu.config import Settings
from sfu.room.token_keys import TokenKeys
from sfu.server.finding import Finding
from sfu.server.key_set import fetch, reason

# ``Date`` has whole seconds, and the answer was on its way for a while.
_DATE_SECONDS = 2.0


def token_findings(
    settings: Settings, *, clock: Callable[[], float] = time.time
) -> Iterator[Finding]:
    """Whether ``jwks`` is there and of use; nothing where no tokens are asked for."""
    if settings.auth != "token" or not settings.jwks:
        return
    check = "jwks"
    try:
        text, date = asyncio.run(fetch(settings.jwks))
    except (OSError, ClientError) as error:
        yield Finding.problem(
            check,
            f"{settings.jwks} cannot be read: {reason(error)}.",
            "Correct jwks, or let this machine reach it: without its keys no token of theirs is "
            "believed.",
        )
        return
    try:
        count = TokenKeys().read_public(text)
    except ValueError as error:
        yield Finding.problem(
            check,
            f"{settings.jwks} is there, and of no use: {error}.",
            "Set jwks to a JWK set with public keys for RS256 (2,048 bits or more) or ES256.",
        )
    else:
        keys = "1 key" if count == 1 else f"{count} keys"
        yield Finding.ok(check, f"{keys} that tokens are checked with at {settings.jwks}.")
    yield from _clock_finding(date, settings.token_leeway, clock())


def _clock_finding(date: str, leeway: float, now: float) -> Iterator[Finding]:
    """How far this machine's clock is from the one of whoever has the keys, if that tells."""
    try:
        difference = now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return  # a file, or a server that does not say
    check = "clock"
    seconds = max(0.0, abs(difference) - _DATE_SECONDS)
    if seconds <= leeway:
        yield Finding.ok(check, "The clock of this machine fits that of the keys' server.")
        return
    side = "ahead of" if difference > 0 else "behind"
    yield Finding.warning(
        check,
        f"The clock of this machine is {seconds:.0f} s {side} that of the keys' server: tokens "
        f"seem to {'end too early' if difference > 0 else 'begin too late'}.",
        "Set the clock (NTP); token_leeway allows for small differences.",
    )
