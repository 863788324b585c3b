"""The keys that access tokens are signed with: secrets of our own, and public keys of others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jwt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# While keys are exchanged there are two; whoever signs for many parties has a few more.
MAX_PUBLIC_KEYS = 32
# What as many public keys with their certificate chains take.
MAX_KEY_SET_BYTES = 256 * 1024
# Shorter ones can be factored (RFC 7518 section 3.3).
_MIN_RSA_BITS = 2048

_ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}


# What makes a public key (RFC 7518 sections 6.2.1 and 6.3.1).
_PUBLIC_PARTS = ("kty", "n", "e", "crv", "x", "y")


def split_api_key(text: str) -> tuple[str, str]:
    """Id and secret of ``id:secret``."""
    id, _, secret = text.partition(":")
    return id, secret


class TokenKeys:
    """Finds the one key that a token may be signed with; never one of another algorithm.

    ``unknown`` is called when a token names a public key that is not here: it may be a new one.
    """

    __slots__ = ("_public", "_secrets", "unknown")

    def __init__(self, api_keys: Sequence[str] = ()) -> None:
        self.change(api_keys)
        self._public: dict[tuple[str, str], Any] = {}  # by algorithm and key id
        self.unknown: Callable[[], None] = lambda: None

    def change(self, api_keys: Sequence[str]) -> None:
        """Take these secrets instead of those of before: others let nobody in any more."""
        self._secrets = dict(split_api_key(key) for key in api_keys)

    @property
    def first(self) -> tuple[str, str] | None:
        """Id and secret of the key that we sign with ourselves."""
        return next(iter(self._secrets.items()), None)

    def find(self, algorithm: str, issuer: str, key_id: str) -> Any:
        """What checks a signature made with ``algorithm``; None when we have no such key.

        Secrets are told apart by who issued the token (``iss``), public keys by ``kid``.
        """
        if algorithm == "HS256":
            return self._secrets.get(issuer)
        found = self._public.get((algorithm, key_id))
        if found is None and algorithm in _ALGORITHMS.values():
            self.unknown()
        return found

    def read_public(self, text: bytes) -> int:
        """Take the public keys of a JWK set (RFC 7517 section 5) instead of those of before.

        Keys of other kinds and for other uses are passed over. Returns how many there are now.
        Raises ``ValueError`` when it is no such set, or nothing in it is of use.
        """
        if len(text) > MAX_KEY_SET_BYTES:
            raise ValueError(f"it has more than {MAX_KEY_SET_BYTES} bytes")
        try:
            entries = json.loads(text)["keys"]
            public = dict(
                found for entry in entries[:MAX_PUBLIC_KEYS] if (found := _public_key(entry))
            )
        except (LookupError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError("it is no JWK set") from error
        if not public:
            raise ValueError("it has no key for RS256 or ES256")
        self._public = public
        return len(public)


def _public_key(entry: dict[str, Any]) -> tuple[tuple[str, str], Any] | None:
    algorithm = _ALGORITHMS.get(entry.get("kty", ""))
    if algorithm is None or entry.get("alg", algorithm) != algorithm:
        return None
    if entry.get("use", "sig") != "sig" or entry.get("crv", "P-256") != "P-256":
        return None
    # Nothing secret is kept, whatever the set has in it.
    public: dict[str, Any] = {name: entry[name] for name in _PUBLIC_PARTS if name in entry}
    try:
        key = jwt.PyJWK(public, algorithm=algorithm).key
    except jwt.PyJWTError:
        return None
    if algorithm == "RS256" and key.key_size < _MIN_RSA_BITS:
        return None
    return (algorithm, str(entry.get("kid", ""))), key
