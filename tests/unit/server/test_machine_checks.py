"""Problems of the machine that ``sfu doctor`` knows, provoked."""

import pytest

from sfu.server import machine_checks
from sfu.server.finding import State

OK, WARNING, PROBLEM = State.OK, State.WARNING, State.PROBLEM
NOW = 1_800_000_000.0


def one(findings):
    (finding,) = findings
    return finding


def is_complete(finding):
    """What is not well says what to change."""
    return bool(finding.text) and bool(finding.fix) == (finding.state is not OK)


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


def test_links_that_end_with_the_process(tmp_path):
    (tmp_path / "file").write_text("no folder")
    for place in (None, tmp_path / "file" / "room-secret"):
        finding = machine_checks.room_links("", place)
        assert finding.state is WARNING
        assert "room_secret" in finding.fix
    kept = tmp_path / "to" / "be" / "made" / "room-secret"
    assert machine_checks.room_links("", kept).state is OK
    assert str(kept) in machine_checks.room_links("", kept).text
    given = machine_checks.room_links("0123456789abcdef", None)
    assert given.state is OK
    assert "0123456789abcdef" not in given.text
