"""What ``sfu doctor`` says as a whole, beside a running server and without one."""

import json
import os
import signal
import socket

import pytest

from sfu.config import Settings, environment_name
from sfu.errors import InvalidSettings
from sfu.server import doctor
from sfu.server.cli import main
from sfu.server.finding import Finding, State
from sfu.server.running import RunningServer
from sfu.server.udp import interface_addresses


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch):
    for name in [*Settings.__struct_fields__, "config"]:
        monkeypatch.delenv(environment_name(name), raising=False)


@pytest.fixture
def taken_tcp():
    """A TCP port that another program has; it accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as spare:
        spare.bind(("127.0.0.1", 0))
        return spare.getsockname()[1]


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
    port = next(finding for finding in findings if finding.check == "http-port")
    assert port.state is State.PROBLEM


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
