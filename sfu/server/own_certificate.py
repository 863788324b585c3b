"""The certificate ``sfu dev --tls`` makes for itself, for every address of this machine."""

from __future__ import annotations

import datetime
import ipaddress
import socket
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# It lives as long as the process; a clock that is a day behind still finds it valid.
_BEFORE = datetime.timedelta(days=1)
_VALIDITY = datetime.timedelta(days=30)


def write_certificate(folder: Path, addresses: Sequence[str]) -> tuple[Path, Path]:
    """Write a self-signed certificate for ``addresses`` and the names of this machine, and its
    key, into ``folder``: their paths. Browsers ask once whether to trust it.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    host = socket.gethostname()
    names = [name for name in ("localhost", host, f"{host}.local") if name and name.isascii()]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Parley on this machine")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + _VALIDITY)
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(each) for each in dict.fromkeys(names)]
                + [x509.IPAddress(ipaddress.ip_address(each)) for each in addresses]
            ),
            critical=False,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "certificate.pem", folder / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.touch(mode=0o600)
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_path, key_path
