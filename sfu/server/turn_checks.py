"""What ``sfu doctor`` finds about the TURN servers that clients are told of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sfu.config import Settings
from sfu.server.finding import Finding
from sfu.server.reach import Listener
from sfu.server.turn_client import TurnClient, TurnRefused, Unreachable
from sfu.signaling.ice_servers import turn_login

# Of each: it is asked thrice. All of them together, as the whole command has to end within ten.
_SECONDS = 1.5
_ALL_WITHIN = 4.0
# Whoever has more has them in the same networks.
_MAX_ADDRESSES = 4
_CHECK = "turn"


def turn_findings(
    settings: Settings, told: Sequence[str], listener: Listener | None, *, now: float
) -> Iterator[Finding]:
    """A finding per TURN server: as a browser would use it, to the addresses in ``told``.

    ``now`` is in seconds since 1970; ``listener`` has our port, if we know who has.
    """
    name, password = turn_login(settings.turn_secret, "doctor", now + settings.turn_seconds)
    until = time.monotonic() + _ALL_WITHIN
    for url in settings.turn_urls:
        if time.monotonic() > until:
            yield Finding.warning(
                _CHECK, f"There was no time left to try {url}.", "Look at the others first."
            )
            continue
        try:
            yield from _examine(partial(TurnClient, url, name, password), url, told, listener)
        except Unreachable as error:
            yield Finding.problem(
                _CHECK,
                f"{url} does not answer ({error}).",
                "Start the TURN server, let the firewall pass its port, or correct turn_urls.",
            )


def _examine(
    connect: Callable[..., TurnClient], url: str, told: Sequence[str], listener: Listener | None
) -> Iterator[Finding]:
    outcomes: dict[str, list[str]] = {"arrived": [], "denied": [], "lost": []}
    for address in told[:_MAX_ADDRESSES] or ("",):
        # Each by a relay of its own: coturn's carries nothing more once there was no way there.
        client = connect(seconds=_SECONDS)
        try:
            asked = client.allocate()
            outcome = _try(client, address, listener)
            client.release()
        except TurnRefused as refused:
            yield _refused(url, refused.code)
            return
        finally:
            client.close()
        if not asked:
            yield Finding.warning(
                _CHECK,
                f"{url} relays for everybody, without a name and a password.",
                "Start the TURN server with a secret (coturn: use-auth-secret and "
                "static-auth-secret).",
            )
            return
        outcomes.setdefault(outcome, []).append(address)
    yield _summary(url, **{name: outcomes[name] for name in ("arrived", "denied", "lost")})


def _try(client: TurnClient, address: str, listener: Listener | None) -> str:
    """What comes of a datagram to ``address``: arrived, denied, lost, or untried."""
    if not address:
        return "untried"
    try:
        client.permit(address)
    except TurnRefused as refused:
        # The other reason is an address of the other family, which the relay has no way to (443).
        return "denied" if refused.code == 403 else "untried"
    if listener is None:
        return "untried"
    relayed = partial(client.relay, host=address, port=listener.port)
    return "arrived" if listener.hears(relayed) else "lost"


def _summary(url: str, arrived: list[str], denied: list[str], lost: list[str]) -> Finding:
    if arrived:
        return Finding.ok(_CHECK, f"{url} takes the secret, and relays to {', '.join(arrived)}.")
    if lost:
        return Finding.problem(
            _CHECK,
            f"{url} takes the secret, but what it relays to {', '.join(lost)} does not arrive.",
            "Let the TURN server's machine send to the media port, or correct "
            "advertised_addresses.",
        )
    if denied:
        return Finding.problem(
            _CHECK,
            f"{url} takes the secret, and may not relay to {', '.join(denied)}.",
            "Allow it in the TURN server (coturn: allowed-peer-ip).",
        )
    return Finding.ok(_CHECK, f"{url} takes the secret. Whether it relays was not tried.")


def _refused(url: str, code: int) -> Finding:
    if code == 401:
        return Finding.problem(
            _CHECK,
            f"{url} does not take what turn_secret makes.",
            "Set turn_secret to the secret of the TURN server (coturn: static-auth-secret, with "
            "use-auth-secret), and look whether both clocks are right.",
        )
    if code in (486, 508):
        return Finding.warning(
            _CHECK,
            f"{url} takes the secret, and has no place left ({code}).",
            "Give the TURN server more ports or a larger quota.",
        )
    return Finding.problem(
        _CHECK,
        f"{url} refuses to relay (error {code}).",
        "Look into the log of the TURN server.",
    )
