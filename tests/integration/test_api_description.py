"""The HTTP API against its own description, asked in ways nobody thought of (schemathesis)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

KEY = "an-admin-key-of-a-test"
# The one would end the server, the other never ends itself; test_api.py tests both.
NOT_ASKED = ("beginDrain", "streamEvents")


@pytest.fixture
def schemathesis() -> str:
    beside = Path(sys.executable).with_name("schemathesis")
    found = str(beside) if beside.exists() else shutil.which("schemathesis")
    if not found:
        pytest.skip("schemathesis is not installed")
    return found


def test_every_answer_is_as_described(start_server, schemathesis, tmp_path) -> None:
    server = start_server(admin_keys=KEY)
    # What is wrong and too long as well may be refused for either.
    (tmp_path / "schemathesis.toml").write_text(
        "[checks.negative_data_rejection]\nexpected-statuses = [400, 401, 403, 404, 413]\n"
    )
    excluded = [f"--exclude-operation-id={name}" for name in NOT_ASKED]
    outcome = subprocess.run(
        [
            schemathesis,
            "run",
            f"{server.url}/api/v1/openapi.json",
            f"--header=Authorization: Bearer {KEY}",
            "--checks=all",
            "--max-examples=15",
            "--seed=1",
            *excluded,
        ],
        capture_output=True,
        text=True,
        timeout=110,
        cwd=tmp_path,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-8000:] + outcome.stderr[-2000:]
    assert server.metrics()['parley_bugs_total{boundary="http"}'] == 0
