"""HTTPS from certificate files: loaded with clear errors, and read again when they change."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

from sfu.errors import InvalidSettings
from sfu.server.logs import get_logger

# Certificates are renewed weeks before they end; looking at two files takes microseconds.
_LOOK_EVERY = 10.0


class TlsFiles:
    """The certificate and the key of HTTPS; ``context`` always has the newest that were good."""

    def __init__(self, certificate: str, key: str) -> None:
        """Raises ``InvalidSettings`` when they cannot be used; its text names file and setting."""
        self._certificate = Path(certificate)
        self._key = Path(key)
        self._seen = self._state()
        self.context = load_context(self._certificate, self._key)

    def reload(self) -> None:
        """Use what the files say now from the next connection on; when they are wrong, a warning
        is logged and the old certificate stays.
        """
        self._seen = self._state()
        try:
            # Tried apart first: a half loaded pair would break the context that is in use.
            load_context(self._certificate, self._key)
            self.context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except (InvalidSettings, OSError, ValueError) as error:
            get_logger().warning("certificate-not-reloaded", reason=str(error))
        else:
            get_logger().info("certificate-reloaded")

    async def watch(self, every: float = _LOOK_EVERY) -> None:
        """Reload whenever a file has changed, until cancelled; ``every`` is in seconds."""
        while True:
            await asyncio.sleep(every)
            if self._state() != self._seen:
                self.reload()

    def _state(self) -> tuple[object, ...]:
        """What changes when a file does, symbolic links to another one included."""
        return tuple(_stamp(path) for path in (self._certificate, self._key))


def load_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """A server's context with this certificate; raises ``InvalidSettings`` with the reason."""
    for name, path in (("tls_certificate", certificate), ("tls_key", key)):
        try:
            text = path.read_bytes()
        except OSError as error:
            raise InvalidSettings(
                f"{name} {str(path)!r} cannot be read: {error.strerror or error}."
            ) from None
        if b"-----BEGIN " not in text:
            raise InvalidSettings(f"{name} {str(path)!r} is not a PEM file.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Every browser that has WebRTC with AES-GCM has TLS 1.2.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # WebSockets are an upgrade of HTTP/1.1.
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        raise InvalidSettings(_sentence(error, certificate, key)) from None
    return context


def _no_password() -> str:
    """Stands in for a terminal that would be asked for the password of an encrypted key."""
    raise ValueError("encrypted")


def _stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_ino, status.st_size)


def _sentence(error: Exception, certificate: Path, key: Path) -> str:
    if str(error) == "encrypted":
        return f"tls_key {str(key)!r} is encrypted: the server needs it without a password."
    if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
        return (
            f"tls_key {str(key)!r} is not the key of tls_certificate {str(certificate)!r}: "
            "the first certificate in that file has to be the server's own."
        )
    return (
        f"tls_certificate {str(certificate)!r} and tls_key {str(key)!r} cannot be used: "
        "they need a certificate and its private key in PEM."
    )
