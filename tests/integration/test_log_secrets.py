"""No form of the log holds what opens a room or was said in one, whatever goes wrong meanwhile."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest.client import Client
from loadtest.refusal import JoinFailed
from loadtest.watch import until
from tests.conftest import ServerProcess
from tests.integration.attacker import ADMIN_KEY, CONTENT, FILE_NAME, KEY, SAID, Member, token

ROOM = "a-room-with-a-name-that-is-long"
WRONG_KEY = "a-key-that-somebody-mistyped"


@pytest.fixture(params=["json", "text"])
def logged(request, tmp_path: Path) -> Iterator[tuple[ServerProcess, Path]]:
    """A server whose log is a file, with everything in it that it ever writes."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SFU_")}
    environment |= {"SFU_HTTP_PORT": "0", "SFU_UDP_PORT": "0", "SFU_LOG_LEVEL": "debug"}
    environment |= {"SFU_LOG_FORMAT": request.param, "SFU_AUTH": "token"}
    environment |= {"SFU_API_KEYS": ":".join(KEY), "SFU_ADMIN_KEYS": ADMIN_KEY}
    path = tmp_path / "log"
    with path.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "sfu", "serve"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    found = re.search(r"open (http://\S+?)/?\s*$", process.stdout.readline())
    assert found is not None
    server = ServerProcess(found[1], process)
    yield server, path
    server.stop()


def get(url: str, key: str = "") -> int:
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


async def test_no_secret_is_in_the_log(logged) -> None:
    server, path = logged
    ann = Member(server.url, ROOM, "Ann Boardmember", None)
    bob = Member(server.url, ROOM, "Bob Boardmember", None)
    ann.token = token(ROOM, "ann@example.org", roomAdmin=True)
    bob.token = token(ROOM, "bob@example.org")
    bad = Member(server.url, ROOM, "Eve", None)
    bad.token = ann.token[:-4] + "AAAA"
    for each in (ann, bob):
        await each.join()
        await each.chat_open()
    with pytest.raises(JoinFailed):
        await bad.join()
    ann.write(SAID)
    number = await ann.accepted(FILE_NAME, len(CONTENT))
    await ann.upload(number, CONTENT)
    await until(lambda: len(bob.said) == 2, 10, "Bob reads it")
    # Mistakes, each of which somebody would like to see explained in a log.
    await bob.say(type="refresh", token=bad.token)
    await bob.say(type="offer", sdp=f"v=0\r\nm=audio\r\na=ice-pwd:{'s3cret' * 4}\r\n", tracks=[])
    for url, key in (
        (f"/r/{ROOM}?token={ann.token}", ""),
        (f"/api/v1/rooms?key={ADMIN_KEY}", WRONG_KEY),
        ("/api/v1/rooms", ADMIN_KEY),
    ):
        await asyncio.to_thread(get, server.url + url, key)
    await ann.die()
    for each in (bob, bad):
        await Client._stop(each)
    assert await asyncio.to_thread(server.stop) == 0
    text = path.read_text()
    assert text.count("participant-joined") == 2
    private = [ann.token, bob.token, bad.token, SAID, FILE_NAME, CONTENT.decode(), ROOM]
    private += [KEY[1], ADMIN_KEY, WRONG_KEY, "s3cret", "Boardmember", "example.org"]
    for client in (ann, bob):
        assert client.connection is not None
        private += [client.joined["resume"]]
        for sdp in (client.answer, client.connection.localDescription.sdp):
            private += re.findall(r"a=ice-pwd:(\S+)", sdp)
            private += re.findall(r"a=fingerprint:\S+ (\S+)", sdp)
    assert len(private) > 18
    for secret in private:
        assert secret not in text, f"the log holds {secret!r}"
    # Nor the parts of a token, of which the middle one says who it is for.
    for part in {*ann.token.split(".")[1:], *bob.token.split(".")[1:]}:
        assert part not in text
