import contextlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import sfu
from sfu.config import SCHEMA, Settings, environment_name, flag
from sfu.server import cli
from sfu.server.cli import COMMANDS, main
from sfu.server.completion import SHELLS, script
from sfu.server.tls import load_context
from sfu.server.udp import interface_addresses

FREE_PORTS = ["--http-port=0", "--udp-port=0", "--udp-host=127.0.0.1"]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch):
    for name in [*Settings.__struct_fields__, "config"]:
        monkeypatch.delenv(environment_name(name), raising=False)


@pytest.fixture
def write(tmp_path):
    """Writes a settings file: its path."""

    def write(text):
        path = tmp_path / "parley.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


@contextlib.contextmanager
def running(*arguments, **environ):
    """``sfu serve`` in a process of its own, ready, with the link it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sfu", "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environ,
        cwd=Path(sfu.__file__).parent.parent,
    )
    try:
        line = process.stdout.readline()
        link = re.search(r"http://\S+", line)
        assert link is not None, line + process.stderr.read()
        yield process, link[0]
    finally:
        process.kill()
        process.communicate()


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sfu {sfu.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help_names_the_commands(capsys, arguments):
    assert main(arguments) == 0
    assert "sfu serve" in capsys.readouterr().out


def test_every_command_has_a_help_that_the_overview_names(capsys):
    main(["--help"])
    overview = capsys.readouterr().out
    for command in COMMANDS:
        assert f"sfu {command}" in overview
        assert main([command, "--help"]) == 0
        assert f"Usage: sfu {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["serve", "--help"], ["serve", "--http-port=1", "-h"], ["dev", "-h"], ["doctor", "--help"]],
)
def test_help_of_serve_names_every_setting(capsys, arguments):
    assert main(arguments) == 0
    text = capsys.readouterr().out
    for name in Settings.__struct_fields__:
        assert flag(name) in text
        assert environment_name(name) in text


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sevre"],
        ["--serve"],
        ["config", "chekc"],
        ["config", "check"],
        ["completion"],
        ["completion", "tcsh"],
    ],
)
def test_a_wrong_command_is_answered_with_the_right_ones(capsys, arguments):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "  sfu serve" in captured.err or f"Usage: sfu {arguments[0]}" in captured.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--http-port=99999"], ["http_port", "99999", "65535", "SFU_HTTP_PORT"]),
        (["--nothing"], ["--nothing", "--help"]),
        (["--http-host=203.0.113.7", *FREE_PORTS], ["203.0.113.7", "--http-host"]),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_no_traceback(capsys, arguments, words):
    assert main(["serve", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("sfu: ")
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err


def test_a_taken_http_port_is_one_sentence_with_the_port_and_the_flag(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", *FREE_PORTS, f"--http-port={port}"]) == 2
    error = capsys.readouterr().err
    assert str(port) in error
    assert "--http-port" in error
    assert error.count("\n") == 1


def test_a_taken_udp_port_is_one_sentence_with_the_port_and_the_flag(capsys):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert main(["serve", *FREE_PORTS, f"--udp-port={port}"]) == 2
    error = capsys.readouterr().err
    assert str(port) in error
    assert "--udp-port" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_the_printed_link_until_it_is_told_to_stop(number):
    with running(*FREE_PORTS) as (process, link):
        assert re.fullmatch(r"http://localhost:\d+/", link)
        with urllib.request.urlopen(link + "healthz", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert "server-stopped" in errors


def test_a_misspelt_variable_is_mentioned():
    with running(*FREE_PORTS, SFU_HTTP_PROT="1") as (process, _link):
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert "SFU_HTTP_PROT" in errors
    assert "SFU_HTTP_PORT" in errors


def test_config_prints_a_file_that_config_check_and_serve_take(capsys, write):
    assert main(["config"]) == 0
    path = write(capsys.readouterr().out)
    assert main(["config", "check", path]) == 0
    assert "is fine" in capsys.readouterr().out


def test_config_check_names_every_mistake_with_its_line(capsys, write):
    path = write("# ours\nhttp_port = 70000\nudp_prot = 1\n")
    assert main(["config", "check", path]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    first, second = captured.err.splitlines()
    assert "http_port cannot be 70000" in first
    assert f"{path}, line 2" in first
    assert "did you mean udp_port" in second
    assert f"{path}, line 3" in second


def test_config_check_notices_settings_that_cannot_go_together(capsys, write):
    assert main(["config", "check", write('tls_key = "key.pem"')]) == 1
    assert "tls_certificate" in capsys.readouterr().err


@pytest.mark.parametrize("text", [b"http_port", b"\xff", b"a = " + b"[" * 9999, b"[[a]]", b"\0"])
@pytest.mark.parametrize("command", [["config", "check"], ["serve", "--config"]])
def test_a_broken_file_is_one_sentence_and_no_traceback(capsys, write, command, text):
    assert main([*command, write(text)]) in (1, 2)
    error = capsys.readouterr().err
    assert error.startswith("sfu: ")
    assert error.count("\n") == 1
    assert "parley.toml" in error


@pytest.mark.parametrize("name", ["missing.toml", ".", "a\0b", "x" * 5000])
def test_a_file_that_cannot_be_read_is_one_sentence(capsys, name):
    for arguments in (["config", "check", name], ["serve", f"--config={name}"]):
        assert main(arguments) == 2
        error = capsys.readouterr().err
        assert "cannot be read" in error
        assert error.count("\n") == 1


def test_a_wrong_value_of_the_file_in_the_environment_stops_the_start(capsys, write, monkeypatch):
    monkeypatch.setenv("SFU_CONFIG", write("\nhttp_port = 70000"))
    assert main(["serve"]) == 2
    assert "parley.toml, line 2" in capsys.readouterr().err


def logged(process, event):
    """Lines of the log up to the first with ``event``, which is the last."""
    lines = []
    for line in process.stderr:
        lines.append(line)
        if event in line:
            return lines
    raise AssertionError(f"{event} was never logged: {lines}")


def test_sighup_reads_the_settings_again(write):
    path = write('log_level = "error"\nmax_slots = 5')
    with running(*FREE_PORTS, f"--config={path}") as (process, _link):
        write('log_level = "debug"\nmax_slots = 6\nroom_capacity = 6')
        process.send_signal(signal.SIGHUP)
        line = logged(process, "settings-reloaded")[-1]
        assert "max_slots" in line
        assert "log_level" not in line
        assert "room_capacity" not in line
        write("room_capacity = 0")
        process.send_signal(signal.SIGHUP)
        line = logged(process, "settings-not-reloaded")[-1]
        assert "room_capacity cannot be 0" in line
        process.send_signal(signal.SIGTERM)
        # Told at the level that the reload set: the first one would have hidden it.
        logged(process, "server-stopped")
        assert process.wait(20) == 0


def test_dev_serves_on_this_machine_with_logs_as_text(monkeypatch):
    started = []
    monkeypatch.setattr(cli, "serve", lambda settings, ready: started.append(settings) or done())
    assert main(["dev", "--room-capacity=3"]) == 0
    (settings,) = started
    assert settings == Settings(
        log_format="text", room_capacity=3, room_secret=settings.room_secret
    )


def test_dev_with_tls_serves_every_interface_with_a_certificate_that_goes_with_it(monkeypatch):
    found = []

    async def look(settings, ready):
        certificate, key = Path(settings.tls_certificate), Path(settings.tls_key)
        assert load_context(certificate, key)
        found.append((settings.http_host, settings.log_format, certificate))

    monkeypatch.setattr(cli, "serve", look)
    assert main(["dev", "--tls", "--log-format=json"]) == 0
    (host, form, certificate) = found[0]
    assert (host, form) == ("", "json")
    assert not certificate.exists()


async def done():
    """Serves nobody."""


def complete(*words):
    """What bash offers for the last of ``words``."""
    result = subprocess.run(
        [
            "bash",
            "-c",
            'source /dev/stdin; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sfu; '
            'printf "%s\\n" "${COMPREPLY[@]}"',
            "bash",
            *words,
        ],
        input=script("bash", COMMANDS, ("serve", "dev", "doctor")),
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr == ""
    return result.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_commands_flags_words_and_files(tmp_path):
    (tmp_path / "parley.toml").touch()
    assert complete("sfu", "") == [*COMMANDS, "--help", "--version"]
    assert complete("sfu", "do") == ["doctor"]
    assert complete("sfu", "serve", "--http") == ["--http-host", "--http-port"]
    assert complete("sfu", "serve", "--conf") == ["--config"]
    assert complete("sfu", "dev", "--tls") == ["--tls", "--tls-certificate", "--tls-key"]
    assert complete("sfu", "doctor", "--js") == ["--json"]
    assert complete("sfu", "serve", "--log-format", "") == ["auto", "json", "text"]
    assert complete("sfu", "serve", "--log-format", "=") == ["auto", "json", "text"]
    assert complete("sfu", "serve", "--log-format", "=", "j") == ["json"]
    assert complete("sfu", "config", "") == ["check", "--help"]
    assert complete("sfu", "completion", "f") == ["fish"]
    for before in (("config", "check"), ("serve", "--config"), ("dev", "--tls-key")):
        assert complete("sfu", *before, f"{tmp_path}/par") == [f"{tmp_path}/parley.toml"]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_every_command_and_flag(capsys, shell):
    assert main(["completion", shell]) == 0
    text = capsys.readouterr().out
    for command in COMMANDS:
        assert command in text
    for setting in SCHEMA.values():
        assert setting.flag.removeprefix("--" if shell == "fish" else "") in text


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shells_that_are_here_can_read_their_script(capsys, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    main(["completion", shell])
    flag_for_reading = "--no-execute" if shell == "fish" else "-n"
    script = capsys.readouterr().out
    subprocess.run([shell, flag_for_reading], input=script, text=True, check=True)


def test_a_reader_that_has_enough_is_no_traceback():
    process = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m sfu config | true"],
        capture_output=True,
        text=True,
        cwd=Path(sfu.__file__).parent.parent,
        check=True,
    )
    assert "Traceback" not in process.stderr


def test_dev_with_tls_prints_links_that_work_over_https():
    process = subprocess.Popen(
        [sys.executable, "-m", "sfu", "dev", "--tls", *FREE_PORTS],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(sfu.__file__).parent.parent,
    )
    try:
        link = re.search(r"https://localhost:\d+/", process.stdout.readline())[0]
        context = ssl._create_unverified_context()
        with urllib.request.urlopen(link + "healthz", timeout=10, context=context) as answer:
            assert answer.status == 200
        process.terminate()
        # Not communicate(), which misses what readline() has read ahead.
        rest = process.stdout.read()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()
    addresses = interface_addresses(ipv4=True, ipv6=False)
    for address in addresses:
        assert (f"https://{address}:" in rest) == (not address.startswith("127."))


def test_a_mistake_of_ours_is_a_sentence_and_no_traceback(capsys, monkeypatch):
    def fails(*_):
        raise RuntimeError("a mistake\nin two lines")

    monkeypatch.setattr(cli, "commented_defaults", fails)
    assert main(["config"]) == 70
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(
        r"sfu: this is a mistake in Parley: RuntimeError: a mistake in two lines "
        r"\(test_cli\.py:\d+, version \S+\)\. Please report it\.\n",
        said.err,
    )


def test_links_of_a_server_are_good_after_a_restart(tmp_path):
    with running(*FREE_PORTS, XDG_STATE_HOME=str(tmp_path)) as (_, link):
        made = urllib.request.Request(f"{link}api/rooms", method="POST", data=b"")
        with urllib.request.urlopen(made, timeout=10) as answer:
            room = json.load(answer)["room"]
    with (
        running(*FREE_PORTS, XDG_STATE_HOME=str(tmp_path)) as (_, link),
        urllib.request.urlopen(f"{link}api/rooms/{room}", timeout=10) as answer,
    ):
        assert answer.status == 204
