"""Strangers and broken clients: each is counted and answered, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
import socket
import subprocess

import aiohttp
import pytest

from loadtest.watch import sees, until
from sfu.transport import stun


@pytest.fixture
async def call(server, new_client):
    """A call of two that works, and a check that it still does."""
    room = server.create_room()
    ann, bob = await new_client(server, room, 0), await new_client(server, room, 1)
    await until(lambda: sees(ann, bob) and sees(bob, ann), 10, "the call works")

    class Call:
        media_port = int(
            re.search(r"127\.0\.0\.1 (\d+) typ host", ann.connection.remoteDescription.sdp)[1]
        )
        ufrag = re.search(r"a=ice-ufrag:(\S+)", ann.connection.remoteDescription.sdp)[1]

        async def still_works(self) -> None:
            before = [ann.seen[bob.you].pictures, bob.seen[ann.you].pictures]
            await until(
                lambda: (
                    ann.seen[bob.you].pictures > before[0] + 5
                    and bob.seen[ann.you].pictures > before[1] + 5
                ),
                3,
                "pictures go on",
            )
            assert ann.participants.keys() == {bob.you}

    Call.room = room
    return Call()


def spray(port: int, datagrams: list[bytes]) -> list[bytes]:
    """Send from a stranger's socket; whatever comes back."""
    answers = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)
        for datagram in datagrams:
            stranger.sendto(datagram, ("127.0.0.1", port))
        stranger.settimeout(0.3)
        try:
            while True:
                answers.append(stranger.recv(2048))
        except TimeoutError:
            return answers


async def test_random_datagrams_are_dropped_without_an_answer(server, call) -> None:
    source = random.Random(1)
    datagrams = [source.randbytes(source.randrange(0, 1400)) for _ in range(1000)]
    datagrams += [bytes([first]) + source.randbytes(60) for first in range(256)]
    assert await asyncio.to_thread(spray, call.media_port, datagrams) == []
    drops = {k: v for k, v in server.metrics().items() if k.startswith("parley_drops_total")}
    assert sum(drops.values()) >= 1000
    await call.still_works()


async def test_checks_without_the_password_get_no_answer(server, call) -> None:
    def check(username: str, password: str) -> bytes:
        attributes = {stun.USERNAME: username.encode(), stun.PRIORITY: bytes(4)}
        return stun.write(stun.BINDING_REQUEST, os.urandom(12), attributes, password)

    datagrams = [
        check(f"{call.ufrag}:abcd", "wrong" * 5),
        check("nobody:abcd", "wrong" * 5),
        check(f"{call.ufrag}:abcd", ""),
    ]
    assert await asyncio.to_thread(spray, call.media_port, datagrams) == []
    samples = server.metrics()
    assert samples['parley_drops_total{reason="stun-integrity"}'] == 2
    assert samples['parley_drops_total{reason="stun-unknown-ufrag"}'] == 1
    await call.still_works()


async def test_replayed_media_is_dropped(server, call, new_client) -> None:
    eve = await new_client(server, call.room, 2)
    await until(lambda: eve.connection.connectionState == "connected", 10, "eve is connected")
    transport = eve.connection.getTransceivers()[0].receiver.transport
    captured: list[bytes] = []
    send = transport.transport._send

    async def sniff(data: bytes) -> None:
        if len(captured) < 20 and 127 < data[0] < 192:
            captured.append(data)
        await send(data)

    transport.transport._send = sniff
    await until(lambda: len(captured) == 20, 5, "packets were captured")
    for data in captured:
        await send(data)
    await until(
        lambda: server.metrics().get('parley_drops_total{reason="srtp-replay"}', 0) >= 20,
        5,
        "replays are counted",
    )
    await send(bytes(captured[-1][:-1]) + b"\x00")
    await eve.leave()


async def test_hostile_messages_end_their_own_session_only(server, call) -> None:
    hostile = [
        (b"not json", "bad-message"),
        (b'{"type":"nonsense"}', "bad-message"),
        (json.dumps({"type": "join", "room": call.room, "name": 7}).encode(), "bad-message"),
        (b'{"type":"mute","source":"camera","muted":true}', "not-joined"),
        (b'{"type":"join","room":"' + b"a" * 120_000 + b'"}', "message-too-large"),
    ]
    async with aiohttp.ClientSession() as http:
        for message, code in hostile:
            async with http.ws_connect(f"{server.url}/ws") as stranger:
                await stranger.send_str(message.decode())
                reply = json.loads((await stranger.receive()).data)
                assert (reply["type"], reply["code"], reply["fatal"]) == ("error", code, True)
                assert reply["message"]
                assert (await stranger.receive()).type in (
                    aiohttp.WSMsgType.CLOSE,
                    aiohttp.WSMsgType.CLOSED,
                )
    await call.still_works()


async def test_hostile_offers_end_their_own_session_only(server, call) -> None:
    offers = [
        "",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        "v=0\r\n" + "a=ssrc:1 cname:x\r\n" * 3000,
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 99999 X 1\r\n",
        "\x00" * 1000,
    ]
    async with aiohttp.ClientSession() as http:
        for offer in offers:
            async with http.ws_connect(f"{server.url}/ws") as stranger:
                await stranger.send_json({"type": "join", "room": call.room, "name": "x"})
                await stranger.send_json({"type": "offer", "sdp": offer, "tracks": []})
                replies = []
                async for message in stranger:
                    replies.append(json.loads(message.data))
                errors = [reply for reply in replies if reply["type"] == "error"]
                assert [error["code"] for error in errors] == ["bad-sdp"]
    await call.still_works()
    assert server.metrics()["parley_participants"] == 2


async def test_a_flood_of_messages_ends_its_session(server, call) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{server.url}/ws") as flooder:
        await flooder.send_json({"type": "join", "room": call.room, "name": "x"})
        codes = []

        async def listen() -> None:
            async for message in flooder:
                reply = json.loads(message.data)
                if reply["type"] == "error":
                    codes.append(reply["code"])

        # Read beside the flood: a client that leaves the server's last words unread while it
        # goes on writing may lose them when the connection is cut.
        listener = asyncio.create_task(listen())
        try:
            while not listener.done():
                await flooder.send_json({"type": "candidate"})
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        await listener
        assert codes == ["too-many-messages"]
    await call.still_works()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs: apt-get install prometheus")
async def test_promtool_finds_nothing_to_say_about_the_metrics(server, call) -> None:
    text = server.metrics_text()
    checked = await asyncio.to_thread(
        subprocess.run,
        ["promtool", "check", "metrics"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert call.room not in text
