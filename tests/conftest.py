"""A real server in a process of its own, for tests that need sockets."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("any-machine", deadline=None)
hypothesis.settings.load_profile("any-machine")


@pytest.fixture(scope="session", autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No server of a test keeps anything among the files of whoever runs it."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    if before is None:
        del os.environ["XDG_STATE_HOME"]
    else:
        os.environ["XDG_STATE_HOME"] = before


@dataclass
class ServerProcess:
    """A running server; ``url`` ends without a slash."""

    url: str
    process: subprocess.Popen[str]

    def create_room(self) -> str:
        """A new room's id."""
        request = urllib.request.Request(f"{self.url}/api/rooms", method="POST", data=b"")
        with urllib.request.urlopen(request, timeout=10) as response:
            return str(json.load(response)["room"])

    def metrics_text(self) -> str:
        """What /metrics answers."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as response:
            return str(response.read().decode())

    def metrics(self) -> dict[str, float]:
        """Samples by name and labels, as written: ``parley_rooms`` or ``name{label="x"}``."""
        samples = {}
        for line in self.metrics_text().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples

    def rooms(self) -> dict[str, Any]:
        """What /debug/rooms answers."""
        with urllib.request.urlopen(f"{self.url}/debug/rooms", timeout=10) as response:
            return dict(json.load(response))

    def resident_bytes(self) -> int:
        """Memory of the process (RSS)."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> int:
        """End it as an operator would; returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(10)
        self.process.kill()
        return self.process.wait(10)


@pytest.fixture
def start_server() -> Iterator[Callable[..., ServerProcess]]:
    """Starts servers on free ports: ``start_server(room_capacity=6)``; stops them afterwards."""
    servers: list[ServerProcess] = []

    def start(**settings: Any) -> ServerProcess:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SFU_")}
        environment |= {"SFU_HTTP_PORT": "0", "SFU_UDP_PORT": "0"}
        environment["SFU_OVERLOAD"] = "off"  # a busy test machine must not decide what is seen
        environment |= {f"SFU_{name.upper()}": str(value) for name, value in settings.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "sfu", "serve"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"open (http://\S+?)/?\s*$", line)
            if found:
                server = ServerProcess(found[1], process)
                servers.append(server)
                return server
        raise AssertionError(f"the server did not start: exit code {process.wait()}")

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def server_process() -> type[ServerProcess]:
    """For servers that are started in other ways."""
    return ServerProcess


@pytest.fixture
def server(start_server: Callable[..., ServerProcess]) -> ServerProcess:
    """A server with its default settings."""
    return start_server()
