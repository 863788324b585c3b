"""A signed token says who somebody is and what they may do, and nothing else says so."""

from __future__ import annotations

import base64
import hmac
import json
import time
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from livekit import api

from sfu.errors import Refused
from sfu.media.source import Source
from sfu.room.permissions import EVERY_SOURCE, Permissions
from sfu.room.role import Role
from sfu.room.token_admission import TokenAdmission, sign
from sfu.room.token_keys import MAX_KEY_SET_BYTES, MAX_PUBLIC_KEYS, TokenKeys

NOW = 1_800_000_000.0
KEY, OTHER = ("old", "o" * 32), ("new", "n" * 32)
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ALGORITHMS = {
    "RS256": (RSA, jwt.algorithms.RSAAlgorithm),
    "ES256": (EC, jwt.algorithms.ECAlgorithm),
}
ANN = Permissions(identity="ann")


def admission(now: float = NOW, leeway: float = 0.0, keys: TokenKeys | None = None) -> Any:
    return TokenAdmission(keys or TokenKeys([":".join(KEY), ":".join(OTHER)]), lambda: now, leeway)


def claims(**changes: Any) -> dict[str, Any]:
    grants = changes.pop("video", {})
    video = {"roomJoin": True, "room": "room", **grants}
    made = {"iss": "old", "sub": "ann", "exp": NOW + 60, "video": video, **changes}
    return {name: value for name, value in made.items() if value is not None}


def token(key: Any = KEY[1], algorithm: str = "HS256", **changes: Any) -> str:
    kid = changes.pop("kid", None)
    return jwt.encode(claims(**changes), key, algorithm, {"kid": kid} if kid else None)


def code(shown: str, **how: Any) -> str:
    with pytest.raises(Refused) as refused:
        admission(**how).permissions(shown, "room")
    return refused.value.code


def public(algorithm: str, kid: str, **changes: Any) -> dict[str, Any]:
    private, kind = ALGORITHMS[algorithm]
    return {**kind.to_jwk(private.public_key(), as_dict=True), "kid": kid, **changes}


def key_set(*entries: Any) -> bytes:
    return json.dumps({"keys": entries}).encode()


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(*parts: Any) -> list[str]:
    return [encoded(json.dumps(part).encode()) for part in parts]


# --- grants, by our own tokens and by LiveKit's library ---

GRANTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"canPublish": False}, {"sources": frozenset(), "data": False, "role": Role.VIEWER}),
    (
        {"canPublish": False, "canPublishData": True},
        {"sources": frozenset(), "role": Role.VIEWER},
    ),
    ({"canPublishSources": ["microphone"]}, {"sources": {Source.MICROPHONE}}),
    ({"canPublishSources": ["camera"]}, {"sources": {Source.CAMERA}}),
    (
        {"canPublishSources": ["screen_share", "screen_share_audio"]},
        {"sources": {Source.SCREEN, Source.SCREEN_AUDIO}},
    ),
    ({"canPublishSources": []}, {"sources": EVERY_SOURCE}),
    ({"canPublishSources": ["smell"]}, {"sources": frozenset(), "role": Role.VIEWER}),
    ({"canSubscribe": False}, {"subscribe": False}),
    ({"canPublishData": False}, {"data": False}),
    ({"roomAdmin": True}, {"role": Role.HOST}),
    (
        {"hidden": True, "roomAdmin": True},
        {"hidden": True, "sources": frozenset(), "data": False, "role": Role.HOST},
    ),
]
SNAKE = {
    "canPublish": "can_publish",
    "canPublishSources": "can_publish_sources",
    "canSubscribe": "can_subscribe",
    "canPublishData": "can_publish_data",
    "roomAdmin": "room_admin",
    "hidden": "hidden",
}


@pytest.mark.parametrize(("grants", "expected"), GRANTS)
def test_a_grant_allows_what_it_says_and_no_more(grants: Any, expected: Any) -> None:
    assert admission().permissions(token(video=grants), "room") == replace(ANN, **expected)


@pytest.mark.parametrize(
    ("grants", "expected"), [each for each in GRANTS if each[0] != {"canPublish": False}]
)
def test_tokens_of_livekits_library_mean_the_same(grants: Any, expected: Any) -> None:
    video = api.VideoGrants(
        room_join=True, room="room", **{SNAKE[name]: value for name, value in grants.items()}
    )
    made = api.AccessToken(*KEY).with_identity("ann").with_name("Ann").with_metadata("m")
    shown = made.with_grants(video).to_jwt()
    found = admission(time.time() + 1).permissions(shown, "room")
    assert found == replace(ANN, name="Ann", metadata="m", **expected)


def test_a_name_is_plain_text_of_bounded_length() -> None:
    found = admission().permissions(token(name=" A\x00nn\n" + "x" * 100), "room")
    assert found.name == "A nn " + "x" * 59


# --- what is no good ---


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": NOW}, "token-expired"),
        ({"exp": None}, "bad-token"),
        ({"exp": "tomorrow"}, "bad-token"),
        ({"exp": True}, "bad-token"),
        ({"exp": float("inf")}, "bad-token"),
        ({"exp": float("nan")}, "bad-token"),
        ({"nbf": NOW + 1}, "bad-token"),
        ({"nbf": "now"}, "bad-token"),
        ({"sub": ""}, "bad-token"),
        ({"sub": None}, "bad-token"),
        ({"sub": "x" * 129}, "bad-token"),
        ({"sub": "a\nb"}, "bad-token"),
        ({"metadata": "x" * 1025}, "bad-token"),
        ({"metadata": {}}, "bad-token"),
        ({"name": 5}, "bad-token"),
        ({"aud": "another service"}, "bad-token"),
        ({"iss": "nobody"}, "bad-token"),
        ({"iss": None}, "bad-token"),
        ({"iss": "new"}, "bad-token"),
        ({"video": {"room": "another"}}, "bad-token"),
        ({"video": {"room": None}}, "bad-token"),
        ({"video": {"roomJoin": False}}, "bad-token"),
        ({"video": {"roomJoin": "yes"}}, "bad-token"),
        ({"video": {"canPublish": "no"}}, "bad-token"),
        ({"video": {"canPublishSources": "camera"}}, "bad-token"),
        ({"video": {"roomAdmin": 1}}, "bad-token"),
    ],
)
def test_a_token_that_says_anything_else_is_refused(changes: Any, expected: str) -> None:
    assert code(token(**changes)) == expected


def test_a_token_without_grants_lets_nobody_in() -> None:
    bare = {"iss": "old", "sub": "ann", "exp": NOW + 60}
    assert code(jwt.encode(bare, KEY[1], "HS256")) == "bad-token"
    assert code(jwt.encode({**bare, "video": ["roomJoin"]}, KEY[1], "HS256")) == "bad-token"


def test_without_a_token_nobody_gets_in() -> None:
    assert code("") == "token-required"


def test_clocks_may_differ_by_the_leeway_and_no_more() -> None:
    for allowed, ends, begins in ((True, NOW - 9, NOW + 9), (False, NOW - 10, NOW + 11)):
        for changes in ({"exp": ends}, {"nbf": begins}):
            if allowed:
                assert admission(leeway=10).permissions(token(**changes), "room") == ANN
            else:
                assert code(token(**changes), leeway=10)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: b.decode("latin-1")))
def test_text_is_no_token(text: str) -> None:
    assert code(text) in ("bad-token", "token-required")


@given(st.data())
def test_a_token_with_one_character_changed_is_refused(data: st.DataObject) -> None:
    good = token()
    at = data.draw(st.integers(0, len(good) - 2))  # the last one has bits that mean nothing
    other = data.draw(st.sampled_from("Aa09_-.=").filter(lambda c: c != good[at]))
    assert code(good[:at] + other + good[at + 1 :]) == "bad-token"


# --- keys ---


def test_each_active_key_is_good_and_the_issuer_says_which() -> None:
    assert admission().permissions(token(KEY[1], iss="old"), "room") == ANN
    assert admission().permissions(token(OTHER[1], iss="new"), "room") == ANN
    assert code(token(OTHER[1], iss="old")) == "bad-token"


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": ["HS256"]}, {"alg": {}}, {}])
def test_an_algorithm_that_is_none_is_refused(header: Any) -> None:
    assert code(".".join((*unsigned(header, claims()), ""))) == "bad-token"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_only_the_algorithms_that_are_meant_are_taken(algorithm: str) -> None:
    assert code(jwt.encode(claims(), "o" * 64, algorithm)) == "bad-token"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_public_keys_are_found_by_their_id(algorithm: str) -> None:
    keys = TokenKeys()
    asked = []
    keys.unknown = lambda: asked.append(1)
    private = ALGORITHMS[algorithm][0]
    shown = token(private, algorithm, kid="k1")
    assert code(shown, keys=keys) == "bad-token"
    assert asked  # it may be a new one
    keys.read_public(key_set(public("RS256", "k1"), public("ES256", "k1")))
    assert admission(keys=keys).permissions(shown, "room") == ANN
    assert code(token(private, algorithm, kid="k2"), keys=keys) == "bad-token"
    assert code(token(private, algorithm), keys=keys) == "bad-token"


def test_a_public_key_is_no_secret_to_sign_with() -> None:
    keys = TokenKeys([":".join(KEY)])
    keys.read_public(key_set(public("RS256", "old")))
    text = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for algorithm in ("HS256", "RS256"):  # PyJWT itself signs with no such secret
        head, body = unsigned({"alg": algorithm, "kid": "old"}, claims())
        signature = hmac.digest(text, f"{head}.{body}".encode(), "sha256")
        assert code(f"{head}.{body}.{encoded(signature)}", keys=keys) == "bad-token"


@pytest.mark.parametrize(
    "entry",
    [
        public("RS256", "k", use="enc"),
        public("RS256", "k", alg="RS512"),
        public("RS256", "k", n="AQAB"),
        public("ES256", "k", crv="P-384"),
        public("ES256", "k", x="AA"),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k"},
        {"kty": "RSA"},
        {},
    ],
)
def test_keys_for_something_else_are_passed_over(entry: Any) -> None:
    keys = TokenKeys()
    with pytest.raises(ValueError, match="no key"):
        keys.read_public(key_set(entry))
    assert keys.read_public(key_set(entry, public("ES256", "good"))) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": 5}',
        b'{"keys": [5]}',
        b'{"keys": [{"kty": []}]}',
        b"[" * 10_000,
        b"\xff",
        b" " * (MAX_KEY_SET_BYTES + 1),
    ],
)
def test_what_is_no_key_set_changes_nothing(text: bytes) -> None:
    keys = TokenKeys()
    keys.read_public(key_set(public("ES256", "k1")))
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        keys.read_public(text)
    assert admission(keys=keys).permissions(token(EC, "ES256", kid="k1"), "room") == ANN


def test_a_key_set_holds_a_bounded_number_of_keys() -> None:
    entries = [public("ES256", f"k{n}") for n in range(MAX_PUBLIC_KEYS + 5)]
    assert TokenKeys().read_public(key_set(*entries)) == MAX_PUBLIC_KEYS


# --- our own ---


def test_the_token_of_a_new_room_makes_a_host_of_it_for_a_day() -> None:
    made = admission().host_token("room")
    found = admission().permissions(made, "room")
    assert (found.role, found.heir) == (Role.HOST, False)
    assert code(made, now=NOW + 24 * 3600) == "token-expired"
    assert TokenAdmission(TokenKeys(), lambda: NOW).host_token("room") == ""


def test_what_is_signed_here_is_good_here() -> None:
    made = sign(KEY, "room", identity="ann", now=NOW, seconds=60, grants={}, name="Ann")
    assert admission().permissions(made, "room") == replace(ANN, name="Ann")


@pytest.mark.parametrize(("name", "known"), [("a-b_9", True), ("a b", False), ("x" * 65, False)])
def test_a_room_may_have_any_name_of_the_protocol(name: str, known: bool) -> None:
    assert admission().knows(name, lambda _: False) is known
