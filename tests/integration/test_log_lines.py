"""Every line that a server writes during a call: what is in it, and what never is."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from loadtest.watch import sees, until
from sfu.server.logs import ROOM_CHARACTERS
from tests.conftest import ServerProcess
from tests.integration.data_client import DataClient

SECRETS = {
    "SFU_ADMIN_KEYS": "an-admin-key-in-a-test",
    "SFU_WEBHOOK_SECRET": "a-webhook-secret-of-a-test",
    "SFU_ROOM_SECRET": "a-room-secret-in-a-test",
}
SAID = "what nobody else may read"


@pytest.fixture
def logged(tmp_path):
    """A server whose log is a file."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SFU_")}
    environment |= {"SFU_HTTP_PORT": "0", "SFU_UDP_PORT": "0", "SFU_LOG_LEVEL": "debug"} | SECRETS
    environment["SFU_WEBHOOK_URLS"] = "http://127.0.0.1:9/a-secret-path"
    path = tmp_path / "log"
    with path.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sfu", "serve"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        found = re.search(r"open (http://\S+?)/?\s*$", process.stdout.readline())
        assert found is not None
        server = ServerProcess(found[1], process)
        yield SimpleNamespace(server=server, path=path)
        server.stop()


async def test_lines_name_room_and_participant_and_give_nothing_away(logged) -> None:
    server = logged.server
    room = server.create_room()
    quiet = {"url": server.url, "room": room, "colour": None}
    ann, bob = DataClient(name="Ann Secretname", **quiet), DataClient(name="Bob", **quiet)
    for client in (ann, bob):
        await client.join()
        await client.chat_open()
    await until(lambda: sees(ann, bob) and sees(bob, ann), 20, "both hear each other")
    ann.write(SAID)
    await until(lambda: SAID in bob.texts, 20, "it is read")
    private = [room, "Ann Secretname", SAID, "a-secret-path", *SECRETS.values()]
    for client in (ann, bob):
        for message in client.messages:
            private += [message["resume"]] if message.get("resume") else []
            for name in ("ice-ufrag", "ice-pwd", "fingerprint:sha-256 "):
                private += re.findall(rf"a={name}:?(\S+)", message.get("sdp", ""))
    assert len(private) > 10
    await bob.die()
    await ann.leave()
    assert await asyncio.to_thread(server.stop) == 0
    text = logged.path.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    seen = {line["event"] for line in lines}
    assert {"room-opened", "participant-joined", "transport-connected", "participant-left"} <= seen
    for line in lines:
        kind = line["event"].split("-")[0]
        if kind in ("room", "participant", "transport"):
            assert line["room"] == room[:ROOM_CHARACTERS], line
        if kind in ("participant", "transport"):
            assert line["participant"].startswith("p"), line
    for secret in private:
        assert secret not in text, f"the log holds {secret!r}"
