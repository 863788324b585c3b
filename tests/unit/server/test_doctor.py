"""Every problem that ``sfu doctor`` knows, provoked."""

import datetime
import json
import os
import signal
import socket
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sfu.config import Settings, environment_name
from sfu.errors import InvalidSettings
from sfu.server import doctor, machine_checks, network_checks, web_checks
from sfu.server.cli import main
from sfu.server.finding import Finding, State
from sfu.server.own_certificate import write_certificate
from sfu.server.reach import OwnPort, reach
from sfu.server.running import RunningServer
from sfu.server.udp import interface_addresses

OK, WARNING, PROBLEM = State.OK, State.WARNING, State.PROBLEM
OWN = ("192.0.2.7", "2001:db8::7", "127.0.0.1")
NOW = 1_800_000_000.0


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch):
    for name in [*Settings.__struct_fields__, "config"]:
        monkeypatch.delenv(environment_name(name), raising=False)


@pytest.fixture
def taken_udp():
    """A UDP port that another program has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def taken_tcp():
    """A TCP port that another program has; it accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as spare:
        spare.bind(("127.0.0.1", 0))
        return spare.getsockname()[1]


def states(findings):
    return [finding.state for finding in findings]


def one(findings):
    (finding,) = findings
    return finding


def is_complete(finding):
    """What is not well says what to change."""
    return bool(finding.text) and bool(finding.fix) == (finding.state is not OK)


# The machine


def test_a_missing_uvloop_is_a_warning():
    assert machine_checks.event_loop(True).state is OK
    finding = machine_checks.event_loop(False)
    assert finding.state is WARNING
    assert "uvloop" in finding.fix


@pytest.mark.parametrize(
    ("choice", "why_not", "state", "word"),
    [
        ("native", "", OK, "Native code sends"),
        ("native", "it was not built", PROBLEM, "it was not built"),
        ("auto", "", OK, "Native code sends"),
        ("auto", "it was not built", WARNING, "it was not built"),
        ("python", "", OK, "auto"),
        ("python", "it was not built", OK, "Python sends"),
    ],
)
def test_the_egress_that_would_run_and_why(choice, why_not, state, word):
    finding = machine_checks.egress(choice, why_not)
    assert finding.state is state
    assert word in finding.text
    assert is_complete(finding)


def test_why_there_is_no_native_code(monkeypatch):
    for error, reason in (
        (ModuleNotFoundError(), "it was not built"),
        (ImportError("libcrypto.so.3: cannot open"), "libcrypto.so.3"),
    ):

        def fail(_name, error=error):
            raise error

        monkeypatch.setattr(machine_checks.importlib, "import_module", fail)
        assert reason in machine_checks.why_not_native()


def test_broken_encryption_is_a_problem_and_no_traceback():
    def broken():
        raise RuntimeError("no such cipher")

    finding = machine_checks.encryption(broken)
    assert finding.state is PROBLEM
    assert "no such cipher" in finding.text
    assert machine_checks.encryption(lambda: None).state is OK
    assert "OpenSSL" in finding.text


def test_too_few_files_for_the_websockets():
    assert machine_checks.file_limit(100, 1024).state is OK
    assert machine_checks.file_limit(100, None).state is OK
    finding = machine_checks.file_limit(1000, 1024)
    assert finding.state is WARNING
    assert "max_websockets" in finding.fix


def test_a_clock_that_cannot_be_right():
    assert one(machine_checks.clock(NOW, NOW + 1, True)).state is PROBLEM
    assert one(machine_checks.clock(NOW, NOW - 1, False)).state is WARNING
    assert one(machine_checks.clock(NOW, NOW - 1, True)).state is OK
    assert one(machine_checks.clock(NOW, NOW - 1, None)).state is OK


def test_links_that_end_with_the_process():
    finding = machine_checks.room_links("")
    assert finding.state is WARNING
    assert "room_secret" in finding.fix
    assert machine_checks.room_links("0123456789abcdef").state is OK
    assert "0123456789abcdef" not in machine_checks.room_links("0123456789abcdef").text


# The page


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


# The media


def test_a_udp_port_of_another_program(taken_udp):
    settings = Settings(udp_host="127.0.0.1", udp_port=taken_udp)
    findings, listener = network_checks.udp_port(settings, None)
    assert one(findings).state is PROBLEM
    assert "udp_port" in one(findings).fix
    assert listener is None


class FakeServer(RunningServer):
    """A running server that counts nothing, or each time one more."""

    def __init__(self, step):
        self.step = step
        self.count = 0

    def checks_for_nobody(self):
        self.count += self.step
        return self.count


def test_a_udp_port_that_is_not_the_running_servers(taken_udp):
    settings = Settings(udp_host="127.0.0.1", udp_port=taken_udp)
    findings, listener = network_checks.udp_port(settings, FakeServer(0))
    assert one(findings).state is PROBLEM
    assert listener is None
    findings, listener = network_checks.udp_port(settings, FakeServer(1))
    assert one(findings).state is OK
    assert listener is not None


def test_a_server_that_runs_with_another_udp_port():
    settings = Settings(udp_host="127.0.0.1", udp_port=free_port())
    findings, listener = network_checks.udp_port(settings, FakeServer(1))
    assert one(findings).state is WARNING
    assert "settings" in one(findings).fix
    assert listener is None


def test_small_buffers_name_the_limit_to_raise():
    mebibyte = 1024 * 1024
    fine = list(network_checks.buffers(mebibyte, mebibyte, 0, 0))
    assert states(fine) == [OK, OK]
    receive, send = network_checks.buffers(212_992, 100_000, 212_992, 212_993)
    assert (receive.state, send.state) == (WARNING, WARNING)
    assert "net.core.rmem_max" in receive.fix
    assert "net.core.wmem_max" in send.fix
    assert "212993" in send.text


@pytest.mark.parametrize(
    ("address", "state", "word"),
    [
        ("192.0.2.7", OK, "of this machine"),
        ("8.8.8.8", OK, "forward UDP port 8081"),
        ("2606:4700::1", OK, "forward UDP port 8081"),
        ("10.0.0.1", WARNING, "private"),
        ("100.64.0.1", WARNING, "private"),
        ("fd00::9", WARNING, "private"),
        ("127.0.0.1", WARNING, "loopback"),
    ],
)
def test_what_an_advertised_address_is(address, state, word):
    settings = Settings(advertised_addresses=(address,))
    finding = one(network_checks.addresses(settings, {address: (address,)}, OWN))
    assert finding.state is state
    assert word in finding.text
    assert is_complete(finding)


def test_a_name_without_an_address_is_a_problem():
    settings = Settings(advertised_addresses=("call.example.org", "192.0.2.7"))
    found = {"call.example.org": (), "192.0.2.7": ("192.0.2.7",)}
    wrong, right = network_checks.addresses(settings, found, OWN)
    assert (wrong.state, right.state) == (PROBLEM, OK)
    assert "call.example.org" in wrong.text
    assert "advertised_addresses" in wrong.fix


@pytest.mark.parametrize(
    ("told", "state", "word"),
    [
        (("127.0.0.1", "::1"), WARNING, "loopback"),
        (("10.0.0.1", "127.0.0.1"), WARNING, "private"),
        (("8.8.8.8", "10.0.0.1"), OK, "8.8.8.8"),
    ],
)
def test_what_is_told_when_nothing_is_advertised(told, state, word):
    found = {address: (address,) for address in told}
    finding = one(network_checks.addresses(Settings(), found, told))
    assert finding.state is state
    assert word in finding.text
    assert is_complete(finding)


def test_names_are_looked_up_and_hanging_ones_given_up(monkeypatch):
    monkeypatch.setattr(network_checks, "_RESOLVE_TIMEOUT", 0.05)
    never = threading.Event()

    def resolve(name):
        if name == "hangs.example":
            never.wait()
        if name == "fails.example":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return ["0.0.0.0", "fe80::1%eth0", "8.8.8.8", "8.8.8.8"]

    found = network_checks.look_up(
        ["192.0.2.7", "hangs.example", "fails.example", "good.example"], resolve
    )
    never.set()
    assert found == {
        "192.0.2.7": ("192.0.2.7",),
        "hangs.example": (),
        "fails.example": (),
        "good.example": ("8.8.8.8",),
    }


def test_ipv6():
    finding = network_checks.ipv6("", has_ipv6=False, own=())
    assert finding.state is WARNING
    assert is_complete(finding)
    assert network_checks.ipv6("", has_ipv6=True, own=("fd00::1",)).state is OK
    assert "2606:4700::1" in network_checks.ipv6("", has_ipv6=True, own=("2606:4700::1",)).text
    assert "IPv4" in network_checks.ipv6("192.0.2.7", has_ipv6=False, own=()).text


def test_a_datagram_arrives_at_our_own_port_and_not_where_nobody_sends():
    findings, listener = network_checks.udp_port(Settings(udp_host="127.0.0.1", udp_port=0), None)
    assert states(findings) == [OK]
    assert isinstance(listener, OwnPort)
    assert listener.arrives("127.0.0.1")
    assert not listener.arrives("127.0.0.2")
    listener.close()


class DeafListener:
    port = 8081

    def __init__(self, *heard):
        self.heard = heard

    def arrives(self, address):
        return address in self.heard

    def close(self):
        pass


def test_what_does_not_arrive_is_a_problem_here_and_a_warning_through_a_router():
    deaf = DeafListener("127.0.0.1")
    ours, routed, arrived = reach(deaf, ("192.0.2.7", "8.8.8.8", "127.0.0.1"), OWN, port=8081)
    assert (ours.state, routed.state, arrived.state) == (PROBLEM, WARNING, OK)
    assert "8081" in ours.fix
    assert "8081" in routed.fix
    assert "127.0.0.1" in arrived.text


def test_trying_every_address_takes_a_bounded_time(monkeypatch):
    monkeypatch.setattr("sfu.server.reach._ALL_WITHIN", -1.0)
    finding = one(reach(DeafListener(*OWN), OWN, OWN, port=8081))
    assert finding.state is WARNING
    assert "192.0.2.7" in finding.text


# The command


def test_a_wrong_setting_is_a_problem_among_the_others(capsys):
    assert main(["doctor", "--http-port=x"]) == 1
    text = capsys.readouterr().out
    assert "PROBLEM  settings: http_port cannot be 'x'" in text
    assert "event-loop" in text


def test_nothing_wrong_is_exit_code_0_and_a_warning_does_not_change_it():
    fine = [Finding.ok("a", "Well."), Finding.warning("b", "Not so well.", "Change it.")]
    assert doctor.exit_code(fine) == 0
    assert "no problems, 1 warning." in doctor.as_text(fine)
    assert doctor.exit_code([*fine, Finding.problem("c", "Bad.", "Change it.")]) == 1
    assert "         Change it." in doctor.as_text(fine)


def test_findings_as_json():
    def read():
        raise InvalidSettings("no")

    whole = json.loads(doctor.as_json(doctor.examine(read)))
    assert whole["ok"] is False
    assert whole["findings"][0]["state"] == "problem"
    assert set(whole["findings"][0]) == {"check", "state", "text", "fix"}


def test_it_works_without_a_server(capsys):
    arguments = ["--http-port=0", "--udp-port=0", "--udp-host=127.0.0.1", "--json"]
    assert main(["doctor", *arguments]) == 0
    whole = json.loads(capsys.readouterr().out)
    by_check = {finding["check"]: finding["state"] for finding in whole["findings"]}
    assert by_check["udp-port"] == "ok"
    assert by_check["reach"] == "ok"


def test_a_hanging_program_on_the_http_port_does_not_make_it_hang(taken_tcp, monkeypatch):
    monkeypatch.setattr("sfu.server.running._TIMEOUT", 0.05)
    settings = Settings(http_port=taken_tcp, udp_port=0, udp_host="127.0.0.1")
    findings = doctor.examine(lambda: settings)
    port = one(finding for finding in findings if finding.check == "http-port")
    assert port.state is PROBLEM


def test_it_works_beside_a_running_server(start_server, capsys):
    udp_port = free_port()
    server = start_server(udp_port=udp_port)
    http_port = server.url.rpartition(":")[2]
    own = interface_addresses(ipv4=True, ipv6=False)
    assert main(["doctor", f"--http-port={http_port}", f"--udp-port={udp_port}"]) == 0
    text = capsys.readouterr().out
    assert f"TCP port {http_port} is the running server's." in text
    assert f"UDP port {udp_port} is the running server's, and datagrams reach it." in text
    assert "Datagrams arrive by" in text
    assert own[-1] in text
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    assert not RunningServer(Settings(http_port=int(http_port))).answers()
