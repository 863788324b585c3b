"""Problems of page and signaling that ``sfu doctor`` knows, provoked."""

import datetime
import socket
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sfu.config import Settings
from sfu.server import web_checks
from sfu.server.finding import State
from sfu.server.own_certificate import write_certificate

OK, WARNING, PROBLEM = State.OK, State.WARNING, State.PROBLEM
NOW = 1_800_000_000.0


def one(findings):
    (finding,) = findings
    return finding


def is_complete(finding):
    """What is not well says what to change."""
    return bool(finding.text) and bool(finding.fix) == (finding.state is not OK)


@pytest.fixture
def taken_tcp():
    """A TCP port that another program has; it accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def test_the_http_port_of_another_program(taken_tcp):
    settings = Settings(http_port=taken_tcp)
    finding = web_checks.http_port(settings, running=False)
    assert finding.state is PROBLEM
    assert "http_port" in finding.fix
    assert web_checks.http_port(settings, running=True).state is OK


def test_an_http_host_of_another_machine(monkeypatch):
    def unknown(*_arguments, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    addressed = web_checks.http_port(Settings(http_host="203.0.113.9", http_port=0), running=False)
    monkeypatch.setattr(web_checks.socket, "getaddrinfo", unknown)
    named = web_checks.http_port(Settings(http_host="call.example", http_port=0), running=False)
    for finding in (addressed, named):
        assert finding.state is PROBLEM
        assert "http_host" in finding.fix


def test_an_http_port_that_only_root_may_open(monkeypatch):
    def refuse(*_arguments, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(web_checks.socket, "create_server", refuse)
    finding = web_checks.http_port(Settings(http_port=80), running=False)
    assert finding.state is PROBLEM
    assert "1023" in finding.fix


def test_plain_http_for_other_devices_is_a_warning():
    assert one(web_checks.https(Settings(), now=NOW)).state is OK
    assert one(web_checks.https(Settings(http_host="localhost"), now=NOW)).state is OK
    for host in ("", "0.0.0.0", "call.example.org"):
        finding = one(web_checks.https(Settings(http_host=host), now=NOW))
        assert finding.state is WARNING
        assert "tls_certificate" in finding.fix


def make_certificate(folder, *, begins=-30, ends=60, password=None):
    """A certificate that is valid from and until so many days from NOW, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "call.example.org")])
    now = datetime.datetime.fromtimestamp(NOW, datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now + datetime.timedelta(days=begins))
        .not_valid_after(now + datetime.timedelta(days=ends))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("call.example.org")]), False)
        .sign(key, hashes.SHA256())
    )
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    folder.mkdir(exist_ok=True)
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    )
    return paths


@pytest.mark.parametrize(
    ("validity", "state", "word"),
    [
        ({}, OK, "call.example.org"),
        ({"ends": 10}, WARNING, "ends on"),
        ({"ends": -1}, PROBLEM, "ended on"),
        ({"begins": 1}, PROBLEM, "valid only from"),
        ({"password": b"secret"}, PROBLEM, "encrypted"),
    ],
)
def test_how_long_a_certificate_is_good(tmp_path, validity, state, word):
    certificate, key = make_certificate(tmp_path, **validity)
    settings = Settings(tls_certificate=str(certificate), tls_key=str(key))
    finding = one(web_checks.https(settings, now=NOW))
    assert finding.state is state
    assert word in finding.text
    assert is_complete(finding)


def test_certificate_files_that_cannot_be_used(tmp_path):
    certificate, key = make_certificate(tmp_path / "a")
    _, other = make_certificate(tmp_path / "b")
    garbage = tmp_path / "garbage.pem"
    garbage.write_bytes(b"hello")
    half = tmp_path / "half.pem"
    half.write_bytes(certificate.read_bytes()[:200])
    missing = tmp_path / "missing.pem"
    for pair, word in (
        ((missing, key), "tls_certificate"),
        ((certificate, missing), "tls_key"),
        ((garbage, key), "is not a PEM file"),
        ((half, key), "cannot be used"),
        ((certificate, other), "is not the key of"),
        ((tmp_path, key), "cannot be read"),
    ):
        finding = web_checks.certificate(*pair, now=NOW)
        assert finding.state is PROBLEM
        assert word in finding.text


def test_the_certificate_made_for_trying_out_is_fine(tmp_path):
    certificate, key = write_certificate(tmp_path, ["192.0.2.7", "2001:db8::7"])
    finding = web_checks.certificate(certificate, key, now=time.time())
    assert finding.state is OK
    for name in ("localhost", "192.0.2.7", "2001:db8::7"):
        assert name in finding.text
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("origin", "state", "fix"),
    [
        ("https://example.org", OK, ""),
        ("https://example.org:8443", OK, ""),
        ("http://localhost:3000", OK, ""),
        ("http://127.0.0.1:3000", OK, ""),
        ("http://[::1]:3000", OK, ""),
        ("http://[::1]", OK, ""),
        ("https://Example.org", PROBLEM, "https://example.org "),
        ("https://example.org:443", PROBLEM, "https://example.org "),
        ("http://example.org", WARNING, "https://example.org "),
        ("http://example.org:3000", WARNING, "allowed_origins"),
    ],
)
def test_origins_that_look_wrong(origin, state, fix):
    finding = one(web_checks.origins((origin,)))
    assert finding.state is state
    assert origin in finding.text
    assert fix in finding.fix


def test_a_server_that_is_open_to_everybody():
    for host in ("", "192.0.2.1", "call.example"):
        finding = web_checks.auth(Settings(http_host=host))
        assert finding.state is WARNING
        assert "auth" in finding.fix
        assert web_checks.auth(Settings(http_host=host, auth="token")).state is OK
    assert web_checks.auth(Settings(http_host="127.0.0.1")).state is OK
