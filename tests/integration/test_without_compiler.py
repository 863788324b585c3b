"""An installation on a machine without a compiler: a server that works, in Python alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from loadtest.watch import sees, until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def built(tmp_path):
    """The server as it is built with a compiler that fails: ``sfu`` in a folder of its own."""
    shutil.copy(ROOT / "setup.py", tmp_path)
    left_out = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(ROOT / "sfu", tmp_path / "sfu", ignore=left_out)
    shutil.copytree(ROOT / "web", tmp_path / "web", ignore=left_out)
    done = subprocess.run(
        [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"],
        cwd=tmp_path,
        env={**os.environ, "CC": "false"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.glob("sfu/**/*.so"))
    return tmp_path


async def test_a_server_built_without_a_compiler_carries_a_call(
    built, start_server, new_client, monkeypatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(built))
    monkeypatch.chdir(built)
    server = start_server()
    assert server.rooms()["egress"] == "python"
    room = server.create_room()
    ann = await new_client(server, room, 0)
    bob = await new_client(server, room, 1)
    await until(lambda: sees(ann, bob) and sees(bob, ann), 10, "both see each other")
