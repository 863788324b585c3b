"""Who may do what where signed tokens say so: JSON Web Tokens with LiveKit's claims."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jwt

from sfu.errors import Refused
from sfu.media.source import Source
from sfu.room.options import claimed
from sfu.room.permissions import EVERY_SOURCE, Permissions, printable
from sfu.room.role import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfu.room.token_keys import TokenKeys

# Of a room made by a program, until whoever asked for it has joined.
_HOST_TOKEN_SECONDS = 24 * 3600.0

# As the protocol has it.
_ROOM_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_IDENTITY_CHARACTERS = 128
MAX_METADATA_CHARACTERS = 1024

_SOURCES = {
    "microphone": Source.MICROPHONE,
    "camera": Source.CAMERA,
    "screen_share": Source.SCREEN,
    "screen_share_audio": Source.SCREEN_AUDIO,
}
# Times are checked here, against the clock of the rooms; a token for somebody else (``aud``) is
# refused by the library.
_OPTIONS: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


class TokenAdmission:
    """Checks tokens with ``keys``; ``leeway`` is how far other clocks may be off, in seconds.

    A room is what a token was signed for, so no id has to be issued first.
    """

    __slots__ = ("_clock", "_keys", "_leeway")

    needs_token = True

    def __init__(self, keys: TokenKeys, clock: Callable[[], float], leeway: float = 0.0) -> None:
        """``clock`` gives seconds since 1970."""
        self._keys = keys
        self._clock = clock
        self._leeway = leeway

    def knows(self, room_id: str, issued: Callable[[str], bool]) -> bool:
        """Every name that a room can have: what counts is the token."""
        return _ROOM_NAME.fullmatch(room_id) is not None

    def host_token(self, room_id: str) -> str:
        """One for whoever created the room by a program; empty without a secret to sign with."""
        key = self._keys.first
        if key is None:
            return ""
        return sign(
            key,
            room_id,
            identity="host",
            now=self._clock(),
            seconds=_HOST_TOKEN_SECONDS,
            grants={"roomAdmin": True},
        )

    def permissions(self, token: str, room_id: str) -> Permissions:
        """What ``token`` allows in the room now.

        Raises ``Refused`` (``token-required``, ``bad-token``, ``token-expired``).
        """
        if not token:
            raise Refused("token-required", "Nobody gets in here without a token: ask for one.")
        claims = self._claims(token)
        self._check_times(claims)
        grants = claims.get("video")
        if not isinstance(grants, dict) or not _flag(grants, "roomJoin", default=False):
            raise Refused("bad-token", "This token lets nobody into a room (video.roomJoin).")
        if grants.get("room") != room_id:
            raise Refused("bad-token", "This token is for another room.")
        return _permissions(claims, grants)

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            # Only to find the key; nothing of it is believed before the signature was checked.
            header = jwt.get_unverified_header(token)
            peek = jwt.decode(token, options={"verify_signature": False})
            algorithm = header.get("alg", "")
            key = self._keys.find(algorithm, _text(peek, "iss"), str(header.get("kid", "")))
            if key is not None:
                return jwt.decode(token, key, algorithms=[algorithm], options=_OPTIONS)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise Refused("bad-token", "This is no token, or it is not genuine.") from None
        raise Refused("bad-token", "This token was signed with a key that is not known here.")

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self._clock()
        ends, begins = claims.get("exp"), claims.get("nbf", 0)
        if ends is None or not _is_time(ends) or not _is_time(begins):
            raise Refused("bad-token", "This token does not say until when it is good (exp).")
        if now >= ends + self._leeway:
            raise Refused("token-expired", "This token has run out: get a new one.")
        if now < begins - self._leeway:
            raise Refused("bad-token", "This token is not good yet (nbf): check the clocks.")


def sign(
    key: tuple[str, str],
    room_id: str,
    *,
    identity: str,
    now: float,
    seconds: float,
    grants: dict[str, Any],
    name: str = "",
    config: Mapping[str, Any] | None = None,
) -> str:
    """A token that lets ``identity`` into the room for ``seconds``; ``key`` is id and secret, and
    ``config`` says what a room has to be that it opens.
    """
    id, secret = key
    claims = {
        "iss": id,
        "sub": identity,
        "name": name,
        "nbf": int(now),
        "exp": int(now + seconds),
        "video": {"roomJoin": True, "room": room_id, **grants},
    }
    if config:
        claims["roomConfig"] = dict(config)
    return jwt.encode(claims, secret, algorithm="HS256")


def _permissions(claims: dict[str, Any], grants: dict[str, Any]) -> Permissions:
    identity, metadata = _text(claims, "sub"), _text(claims, "metadata")
    if not 0 < len(identity) <= MAX_IDENTITY_CHARACTERS or not identity.isprintable():
        raise Refused("bad-token", "This token does not say who somebody is (sub).")
    if len(metadata) > MAX_METADATA_CHARACTERS:
        raise Refused("bad-token", f"metadata has more than {MAX_METADATA_CHARACTERS} characters.")
    hidden = _flag(grants, "hidden", default=False)
    publishes = _flag(grants, "canPublish", default=True)
    sources = _sources(grants) if publishes and not hidden else frozenset()
    return Permissions(
        role=_role(grants, sources),
        sources=sources,
        subscribe=_flag(grants, "canSubscribe", default=True),
        data=_flag(grants, "canPublishData", default=publishes) and not hidden,
        hidden=hidden,
        identity=identity,
        name=printable(_text(claims, "name")),
        metadata=metadata,
        options=claimed(claims.get("roomConfig")),
    )


def _role(grants: dict[str, Any], sources: frozenset[Source]) -> Role:
    if _flag(grants, "roomAdmin", default=False):
        return Role.HOST
    return Role.MEMBER if sources else Role.VIEWER


def _sources(grants: dict[str, Any]) -> frozenset[Source]:
    """Those named; all when none is. A name that nobody knows allows nothing."""
    named = grants.get("canPublishSources") or []
    if not isinstance(named, list):
        raise Refused("bad-token", "canPublishSources of this token is no list.")
    if not named:
        return EVERY_SOURCE
    return frozenset(_SOURCES[name] for name in named if isinstance(name, str) and name in _SOURCES)


def _flag(grants: dict[str, Any], name: str, *, default: bool) -> bool:
    value = grants.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Refused("bad-token", f"{name} of this token is neither true nor false.")
    return value


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused("bad-token", f"{name} of this token is no text.")
    return value or ""


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15
