"""Networks that clients of a load test may have, by name or spelt out."""

from __future__ import annotations

from typing import Any

from loadtest.conditions import Conditions, Network, changed, conditions_parser

# Both directions of each. Rates and delays are those of common speed tests and of browsers' own
# network throttling; losses in bursts, as radio has them. In a tunnel nothing gets through.
PROFILES: dict[str, Network] = {
    "lan": (Conditions(delay=0.001, jitter=0.001), Conditions(delay=0.001, jitter=0.001)),
    "wifi": (
        Conditions(rate=20e6, delay=0.005, jitter=0.015, loss=0.005, burst=3),
        Conditions(rate=40e6, delay=0.005, jitter=0.015, loss=0.005, burst=3),
    ),
    "4g": (
        Conditions(rate=5e6, delay=0.03, jitter=0.02, loss=0.002, burst=2),
        Conditions(rate=15e6, delay=0.03, jitter=0.02, loss=0.002, burst=2),
    ),
    "3g": (
        Conditions(rate=750e3, delay=0.1, jitter=0.05, loss=0.01, burst=3),
        Conditions(rate=1.6e6, delay=0.1, jitter=0.05, loss=0.01, burst=3),
    ),
    "lossy": (
        Conditions(delay=0.02, loss=0.05, burst=2),
        Conditions(delay=0.02, loss=0.05, burst=2),
    ),
    "bursty": (
        Conditions(delay=0.02, loss=0.05, burst=10),
        Conditions(delay=0.02, loss=0.05, burst=10),
    ),
    "tunnel": (
        Conditions(delay=0.03, blackout=3.0, every=15.0),
        Conditions(delay=0.03, blackout=3.0, every=15.0),
    ),
    "satellite": (
        Conditions(rate=3e6, delay=0.3, jitter=0.02, loss=0.005),
        Conditions(rate=20e6, delay=0.3, jitter=0.02, loss=0.005),
    ),
}


def network(text: str) -> Network:
    """Up and down of a profile, or of words such as ``loss=5% down-rate=400k delay=80ms``.

    Raises ``ValueError`` that says what is wrong.
    """
    if text in PROFILES:
        return PROFILES[text]
    words = text.replace(",", " ").split()
    if not words or not all("=" in word for word in words):
        raise ValueError(
            f"{text!r} is none of {', '.join(PROFILES)}, nor words like loss=5% delay=80ms"
        )
    told: dict[str, Any] = vars(conditions_parser().parse_args([f"--{word}" for word in words]))
    return changed(Conditions(), Conditions(), told)
