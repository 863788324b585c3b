"""A laboratory of several machines: servers, TURN servers and browsers in namespaces."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from namespaces import Doorway, Namespace

SECRET = "a secret that the TURN server knows"
_ROOT = Path(__file__).resolve().parents[2]

# What a page in a machine of its own is told of how it is connected.
_WAY = """async () => {
  const connection = window.parley?.call?.peer?.connection;
  if (!connection) return null;
  const reports = await connection.getStats();
  for (const transport of reports.values()) {
    if (transport.type !== 'transport' || !transport.selectedCandidatePairId) continue;
    const pair = reports.get(transport.selectedCandidatePairId);
    const local = reports.get(pair.localCandidateId), remote = reports.get(pair.remoteCandidateId);
    return { type: local.candidateType, protocol: local.protocol, relay: local.relayProtocol ?? '',
      remote: remote.address, remoteProtocol: remote.protocol };
  }
  return null;
}"""


class Lab:
    """Machines and programs in them, all gone with ``close``."""

    def __init__(self, folder: Path, servers: type[Any]) -> None:
        self.folder = folder
        self._make_server = servers
        self._machines: list[Namespace] = []
        self._doorways: list[Doorway] = []
        self._processes: list[subprocess.Popen[str]] = []

    def machine(self, name: str) -> Namespace:
        """A new machine, connected with nothing."""
        self._machines.append(Namespace(name))
        return self._machines[-1]

    async def serve(self, machine: Namespace, *pages: Namespace, **settings: Any) -> Any:
        """A server in ``machine``; its page is ``localhost`` here and in ``pages``."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SFU_")}
        environment |= {"SFU_HTTP_PORT": "0", "SFU_UDP_PORT": "8081", "SFU_OVERLOAD": "off"}
        environment |= {f"SFU_{name.upper()}": str(value) for name, value in settings.items()}
        process = self.start(machine, sys.executable, "-m", "sfu", "serve", env=environment)
        assert process.stdout is not None
        line = ""
        while not (found := re.search(r"open http://\S+?:(\d+)/?\s*$", line)):
            line = await asyncio.to_thread(process.stdout.readline)
            assert line, f"the server did not start: exit code {process.wait()}"
        doorway = Doorway(machine, int(found[1]))
        self._doorways.append(doorway)
        doorway.open(None, *pages)
        server = self._make_server(f"http://localhost:{doorway.port}", process)
        server.http_port = int(found[1])
        return server

    def start(self, machine: Namespace, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start a program in ``machine``."""
        process = subprocess.Popen(
            [*machine.prefix, *command],
            **{"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True} | options,
        )
        self._processes.append(process)
        return process

    async def turn_server(
        self, machine: Namespace, listening: str, relaying: str, peer: str
    ) -> None:
        """A coturn as the compose file starts it, with ``peer`` as the media server."""
        if shutil.which("turnserver") is None:
            pytest.skip("to install what is missing: sudo apt-get install coturn")
        compose = yaml.safe_load((_ROOT / "deploy" / "compose.yaml").read_text())
        options = [
            each.replace("${PARLEY_SITE:?}", "turn.test")
            .replace("${TURN_SECRET:?}", SECRET)
            .replace("${PARLEY_ADDRESS:?}", peer)
            for each in compose["services"]["turn"]["command"]
        ]
        self.start(
            machine,
            *("turnserver", "-n", "--log-file=stdout", *options),
            *(f"--listening-ip={listening}", f"--relay-ip={relaying}"),
            *(f"--pidfile={self.folder}/turn.pid", f"--userdb={self.folder}/turn.db"),
            stdout=subprocess.DEVNULL,
        )

        def connect() -> socket.socket:
            return socket.create_connection((listening, 3478), timeout=1)

        for _ in range(100):
            with contextlib.suppress(AssertionError):
                machine.socket(connect).close()
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the TURN server did not start")

    def browser(self, machine: Namespace) -> str:
        """What starts Chromium in ``machine``."""
        return machine.script(self.folder, "/usr/bin/chromium")

    async def way(self, page: Any) -> dict[str, str] | None:
        """How the page is connected, None until it is."""
        return await page.evaluate(_WAY)

    def close(self) -> None:
        for doorway in self._doorways:
            doorway.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        for machine in self._machines:
            machine.delete()
