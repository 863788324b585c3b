import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import sfu
from sfu.config import Settings, environment_name, flag
from sfu.server.cli import main

FREE_PORTS = ["--http-port=0", "--udp-port=0", "--udp-host=127.0.0.1"]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch):
    for name in Settings.__struct_fields__:
        monkeypatch.delenv(environment_name(name), raising=False)


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


@pytest.mark.parametrize("arguments", [["serve", "--help"], ["serve", "--http-port=1", "-h"]])
def test_help_of_serve_names_every_setting(capsys, arguments):
    assert main(arguments) == 0
    text = capsys.readouterr().out
    for name in Settings.__struct_fields__:
        assert flag(name) in text
        assert environment_name(name) in text


@pytest.mark.parametrize("arguments", [[], ["sevre"], ["--serve"]])
def test_a_wrong_command_is_answered_with_the_right_ones(capsys, arguments):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "sfu serve" in captured.err


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
