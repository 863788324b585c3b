"""The certificate this process shows to every browser; its fingerprint travels in the answer."""

from __future__ import annotations

import datetime
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

# Preference: AES-GCM costs half of AES-CM with HMAC, and longer keys cost more than they protect;
# every browser has the last (RFC 8827 6.5).
SRTP_PROFILES = b"SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80"
_COOKIE_BYTES = 16
# Any reader of the clock, however wrong, finds it valid; browsers do not look anyway.
_VALIDITY = datetime.timedelta(days=365)
# The one that RFC 8827 section 6.5 asks for, and one for processors without AES instructions.
_CIPHERS = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305"


@dataclass(frozen=True)
class Certificate:
    """A self-signed ECDSA certificate (small, so that the DTLS flight is small) and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    context: SSL.Context

    @classmethod
    def generate(cls) -> Certificate:
        """A new certificate with a new P-256 key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sfu")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _VALIDITY)
            .not_valid_after(now + _VALIDITY)
            .sign(key, hashes.SHA256())
        )
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_verify(
            SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT,
            # Browsers' certificates are self-signed: the fingerprint is what is verified.
            lambda *_: True,
        )
        context.use_certificate(certificate)
        context.use_privatekey(key)
        context.set_cipher_list(_CIPHERS)
        context.set_tlsext_use_srtp(SRTP_PROFILES)
        context.set_options(SSL.OP_NO_QUERY_MTU | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET)
        _enable_cookies(context)
        return cls(certificate, key, context)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate as SDP writes it: upper-case hex with colons."""
        return fingerprint(self.certificate, "sha-256")


def _enable_cookies(context: SSL.Context) -> None:
    """Cookies bound to connection and address (RFC 6347 section 4.2.1), for those who ask."""
    secret = secrets.token_bytes(_COOKIE_BYTES)

    def cookie(connection: SSL.Connection) -> bytes:
        holder = f"{id(connection)} {connection.get_app_data()}".encode()
        return hmac.digest(secret, holder, "sha256")[:_COOKIE_BYTES]

    context.set_cookie_generate_callback(cookie)
    context.set_cookie_verify_callback(
        lambda connection, given: hmac.compare_digest(given, cookie(connection))
    )


_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha-256": hashes.SHA256,
    "sha-384": hashes.SHA384,
    "sha-512": hashes.SHA512,
}


def fingerprint(certificate: x509.Certificate, algorithm: str) -> str:
    """The fingerprint of a certificate (RFC 8122); empty for a weak or unknown algorithm."""
    make = _HASHES.get(algorithm.lower())
    return certificate.fingerprint(make()).hex(":").upper() if make else ""
