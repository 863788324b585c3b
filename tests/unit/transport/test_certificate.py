"""What the server's side of DTLS agrees to, and what its key is."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from sfu.transport.certificate import Certificate
from sfu.transport.dtls import MTU
from tests.unit.transport.conftest import HOME, Pair

ROOT = Path(__file__).parents[3]
DTLS_1_0 = 0xFEFF
STRONG = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305")
WEAK = (
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-ECDSA-NULL-SHA",
    "AES128-GCM-SHA256",
    "DHE-RSA-AES128-GCM-SHA256",
    "AECDH-AES128-SHA",
)
SRTP = ("SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM", "SRTP_AES128_CM_SHA1_80")


def shakes_hands(
    suites: str = STRONG[0], profiles: str = SRTP[0], most: int | None = None
) -> tuple[str, str] | None:
    """What a client with only these gets: suite and profile of media, None for nothing."""
    pair = Pair()
    context = SSL.Context(SSL.DTLS_METHOD)
    context.use_certificate(pair.own.certificate)
    context.use_privatekey(pair.own.key)
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    context.set_options(SSL.OP_NO_QUERY_MTU)
    context.set_cipher_list(f"{suites}:@SECLEVEL=0".encode())
    if profiles:
        context.set_tlsext_use_srtp(profiles.encode())
    if most is not None:
        context.set_max_proto_version(most)
    pair.dtls = SSL.Connection(context, None)
    pair.dtls.set_connect_state()
    pair.dtls.set_ciphertext_mtu(MTU)
    pair.check()
    try:
        pair.handshake(HOME)
    except SSL.Error:
        return None
    if not pair.transport.connected:
        return None
    keys = pair.transport._dtls.keys
    return str(pair.dtls.get_cipher_name()), keys.profile


@pytest.mark.parametrize("suite", STRONG)
@pytest.mark.parametrize("profile", SRTP)
def test_strong_suites_and_profiles_are_agreed_to(suite: str, profile: str) -> None:
    assert shakes_hands(suite, profile) == (suite, profile)


def test_of_all_that_a_browser_has_the_cheapest_strong_one_is_chosen() -> None:
    assert shakes_hands(":".join((*WEAK, *STRONG)), ":".join(reversed(SRTP))) == (
        STRONG[0],
        SRTP[0],
    )


@pytest.mark.parametrize("suite", WEAK)
def test_weak_suites_get_no_keys(suite: str) -> None:
    assert shakes_hands(suite) is None


@pytest.mark.parametrize("profile", ["SRTP_AES128_CM_SHA1_32", ""])
def test_weak_profiles_of_media_and_none_get_no_keys(profile: str) -> None:
    assert shakes_hands(profiles=profile) is None


def test_an_old_version_gets_no_keys() -> None:
    assert shakes_hands(f"{STRONG[0]}:{WEAK[0]}", most=DTLS_1_0) is None


def test_each_start_has_a_key_of_its_own_and_none_is_in_the_repository() -> None:
    certificates = [Certificate.generate() for _ in range(3)]
    assert len({each.fingerprint for each in certificates}) == 3
    assert len({each.key.private_numbers().private_value for each in certificates}) == 3
    assert all(isinstance(each.key.curve, ec.SECP256R1) for each in certificates)
    mark = b"PRIVATE " + b"KEY-----\n"
    files = [path for folder in ("sfu", "web", "deploy") for path in (ROOT / folder).rglob("*")]
    assert len(files) > 100
    assert [path for path in files if path.is_file() and mark in path.read_bytes()] == []
