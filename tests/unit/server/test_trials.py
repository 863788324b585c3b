"""Attempts to reach the media port, without a room."""

import asyncio

import pytest
from aiohttp import ClientSession
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from loadtest.client import _use_loopback
from sfu.config import Settings
from sfu.server import trials
from sfu.server.app import Server

PORTS = {"http_port": 0, "udp_port": 0, "room_secret": "s" * 32}
TURN = {"turn_urls": ("turn:turn.example.org",), "turn_secret": "t" * 32}


@pytest.fixture
async def start(web):
    """Starts a server with these settings, and asks it."""
    left = []

    async def started(**settings):
        server = Server(Settings(**PORTS, **settings), files=web)
        await server.start()
        http = ClientSession(server.url)
        left.extend((http.close, server.stop))
        return server, http

    yield started
    for close in left:
        await close()


@pytest.fixture
async def browser():
    """An independent stack that offers a data channel and nothing else."""
    _use_loopback("127.0.0.1")
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.createDataChannel("test")
    await connection.setLocalDescription(await connection.createOffer())
    yield connection
    await connection.close()


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a connection's state has no event to wait for
            await asyncio.sleep(0.02)


async def test_a_browser_connects_and_is_forgotten_when_its_time_is_over(
    start, browser, monkeypatch
):
    monkeypatch.setattr(trials, "TRIAL_SECONDS", 2.0)
    server, http = await start()
    answer = await http.post("/api/trials", json={"sdp": browser.localDescription.sdp})
    assert answer.status == 201
    sdp = (await answer.json())["sdp"]
    await browser.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
    await until(lambda: browser.connectionState == "connected")
    assert len(server.transports) == 1
    await until(lambda: len(server.transports) == 0)
    assert server.transports.addresses == 0


@pytest.mark.parametrize("body", [b"", b"{}", b'{"sdp": "v=0"}', b'{"sdp": 7}', b"\xff"])
async def test_what_is_no_offer_is_refused_with_a_sentence(start, body):
    server, http = await start()
    answer = await http.post("/api/trials", data=body)
    assert answer.status == 400
    assert "not an offer" in (await answer.json())["error"]["message"]
    assert len(server.transports) == 0


async def test_at_most_so_many_run_at_once(start, browser, monkeypatch):
    monkeypatch.setattr(trials, "MAX_TRIALS", 1)
    server, http = await start()
    for status in (201, 429):
        answer = await http.post("/api/trials", json={"sdp": browser.localDescription.sdp})
        assert answer.status == status
    assert len(server.transports) == 1


async def test_passwords_of_the_relay_are_told_only_where_everybody_gets_in(start):
    _, http = await start(**TURN)
    told = await (await http.get("/api/trials")).json()
    assert told["turn"] is True
    assert told["iceServers"][0]["urls"] == ["turn:turn.example.org"]
    _, http = await start(**TURN, auth="token", api_keys=("key:" + "s" * 32,))
    told = await (await http.get("/api/trials")).json()
    assert told["turn"] is True
    assert told["iceServers"] == []


async def test_the_addresses_that_browsers_are_told(start):
    server, http = await start(advertised_addresses=("192.0.2.1", "2001:db8::1"), tcp="off")
    told = await (await http.get("/api/trials")).json()
    port = server.udp_port
    assert told["addresses"] == [f"192.0.2.1:{port}", f"[2001:db8::1]:{port}"]
    assert told["tcp"] is False
