"""The WebSocket, with a real socket on loopback and a session that only remembers."""

import asyncio
import base64
import io
import json
import os
import socket
import struct

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError, web

from sfu.server import client_socket, logs
from sfu.signaling.messages import MAX_MESSAGE_BYTES

PATIENCE = 10.0


async def ended(site, number=0):
    """Whether the session was told that its client meant to go."""
    async with asyncio.timeout(PATIENCE):
        return await site.sessions[number].ended


async def gone(site):
    """Wait until no WebSocket is left."""
    await site.sockets.wait_closed()
    assert len(site.sockets) == 0


def upgrade(site):
    """The request that begins a WebSocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /ws HTTP/1.1\r\nHost: {site.host}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        "\r\n".encode()
    )


class RawClient:
    """A WebSocket client that does only what it is told, so that it can misbehave."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, site, *, receive_buffer=None):
        plain = socket.socket()
        if receive_buffer is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, (site.client.host, site.client.port))
        reader, writer = await asyncio.open_connection(sock=plain, limit=1024)
        writer.write(upgrade(site))
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head
        return cls(reader, writer)

    def frame(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        length = (
            bytes([0x80 | len(payload)])
            if len(payload) < 126
            else b"\xfe" + struct.pack(">H", len(payload))
        )
        self.writer.write(bytes([0x80 | opcode]) + length + mask + masked)

    async def read_frame(self):
        first, second = await self.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", await self.reader.readexactly(2))
        return first & 0x0F, await self.reader.readexactly(length)


async def test_messages_go_in_and_out_in_order(site):
    async with site.client.ws_connect("/ws") as client:
        for text in ("one", "two", "three"):
            await client.send_str(text)
        assert [await client.receive_str() for _ in range(3)] == [
            "heard one",
            "heard two",
            "heard three",
        ]
    assert site.sessions[0].received == ["one", "two", "three"]


async def test_each_socket_has_its_own_session(site):
    async with site.client.ws_connect("/ws") as first, site.client.ws_connect("/ws") as second:
        await first.send_str("a")
        await second.send_str("b")
        assert await first.receive_str() == "heard a"
        assert await second.receive_str() == "heard b"
        assert len(site.sockets) == 2
    await gone(site)
    assert [session.received for session in site.sessions] == [["a"], ["b"]]


async def test_the_server_hangs_up_after_the_last_message(site):
    async with site.client.ws_connect("/ws") as client:
        await client.send_str("leave")
        assert json.loads(await client.receive_str())["code"] == "left"
        assert (await client.receive()).type is WSMsgType.CLOSE
        assert client.close_code == 1000
    assert await ended(site) is True
    await gone(site)


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_client_that_closes_meant_to_go(site, code):
    async with site.client.ws_connect("/ws") as client:
        await client.send_str("join")
        await client.receive_str()
        await client.close(code=code)
    assert await ended(site) is True


async def test_a_close_frame_without_a_code_is_a_goodbye_too(site):
    client = await RawClient.connect(site)
    client.frame(0x8, b"")
    assert await ended(site) is True
    client.writer.close()


async def test_a_close_with_an_error_code_is_abrupt(site):
    client = await RawClient.connect(site)
    client.frame(0x8, struct.pack(">H", 1011))
    assert await ended(site) is False
    client.writer.close()


async def test_a_connection_that_breaks_is_abrupt(site):
    client = await RawClient.connect(site)
    client.writer.transport.abort()
    assert await ended(site) is False
    await gone(site)


async def test_a_client_that_hangs_up_during_the_upgrade_is_no_bug(site, monkeypatch):
    stream = io.StringIO()
    logs.configure(stream, level="info", form="json")
    prepare = web.WebSocketResponse.prepare
    failed = asyncio.Event()

    async def prepare_too_late(response, request):
        request.transport.abort()
        try:
            return await prepare(response, request)
        except ConnectionError:
            failed.set()
            raise

    monkeypatch.setattr(web.WebSocketResponse, "prepare", prepare_too_late)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await RawClient.connect(site)
    async with asyncio.timeout(PATIENCE):
        await failed.wait()
    await gone(site)
    assert site.sessions == []
    assert not site.counters.bugs
    assert stream.getvalue() == ""


async def test_a_peer_that_does_not_answer_pings_is_noticed(start_site):
    site = await start_site(websocket_heartbeat=0.1)
    client = await RawClient.connect(site)
    opcode, _ = await client.read_frame()
    assert opcode == 0x9  # the ping; no pong follows
    assert await ended(site) is False
    await gone(site)


async def test_a_peer_that_answers_pings_stays(start_site):
    site = await start_site(websocket_heartbeat=0.1)
    client = await RawClient.connect(site)
    for _ in range(3):
        opcode, payload = await client.read_frame()
        assert opcode == 0x9
        client.frame(0xA, payload)
    client.frame(0x1, b"still here")
    assert await client.read_frame() == (0x1, b"heard still here")
    client.writer.close()


async def test_binary_messages_are_refused(site):
    async with site.client.ws_connect("/ws") as client:
        await client.send_bytes(b"\x00\x01")
        assert json.loads(await client.receive_str())["code"] == "text-only"
        assert (await client.receive()).type is WSMsgType.CLOSE
    assert site.counters.signaling_errors["text-only"] == 1
    assert site.sessions[0].received == []


async def test_text_that_is_not_unicode_ends_the_socket_only(site):
    client = await RawClient.connect(site)
    client.frame(0x1, b"\xff\xfe")
    assert await ended(site) is False
    async with site.client.ws_connect("/ws") as other:
        await other.send_str("fine")
        assert await other.receive_str() == "heard fine"
    client.writer.close()


async def test_a_message_a_little_too_long_reaches_the_session_and_gets_its_sentence(site):
    async with site.client.ws_connect("/ws") as client:
        await client.send_str("x" * (MAX_MESSAGE_BYTES + 1))
        await client.receive_str()
    assert len(site.sessions[0].received[0]) == MAX_MESSAGE_BYTES + 1


async def test_a_message_far_too_long_is_not_read(site):
    async with site.client.ws_connect("/ws") as client:
        await client.send_str("x" * (3 * MAX_MESSAGE_BYTES))
        assert (await client.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        assert client.close_code == 1009
    assert await ended(site) is False
    assert site.sessions[0].received == []
    assert site.counters.signaling_errors["message-too-large"] == 1


async def test_a_flood_of_messages_is_refused_and_a_burst_is_not(start_site):
    site = await start_site(messages_per_second=10)
    async with site.client.ws_connect("/ws") as client:
        for _ in range(20):
            await client.send_str("burst")
        for _ in range(20):
            assert await client.receive_str() == "heard burst"
        for _ in range(200):
            await client.send_str("flood")
        answers = []
        async for message in client:
            answers.append(message.data)
    assert json.loads(answers[-1])["code"] == "too-many-messages"
    assert site.counters.signaling_errors["too-many-messages"] == 1
    assert len(site.sessions[0].received) < 60


async def test_a_burst_of_messages_leaves_others_their_turn_after_each(site):
    client = await RawClient.connect(site)
    client.frame(0x1, b"hello")
    await client.read_frame()  # now there is a session
    session, heard, turn = site.sessions[0], [], 0
    session.receive = lambda text, now: heard.append(turn)
    for _ in range(50):
        client.frame(0x1, b"one of many")  # all of them arrive together
    async with asyncio.timeout(PATIENCE):
        while len(heard) < 50:
            await asyncio.sleep(0)
            turn += 1
    assert len(set(heard)) == 50
    client.writer.close()


async def test_a_flood_that_is_thrown_away_leaves_others_their_turn(start_site, monkeypatch):
    site = await start_site(messages_per_second=1)
    client = await RawClient.connect(site)
    read, turn, turns = web.WebSocketResponse.receive, 0, []

    async def receive(response, patience=None):
        message = await read(response, patience)
        turns.append(turn)
        return message

    monkeypatch.setattr(web.WebSocketResponse, "receive", receive)
    for _ in range(1000):
        client.frame(0x1, b"flood")
    async with asyncio.timeout(PATIENCE):
        while len(turns) < 900:  # the first was waited for already
            await asyncio.sleep(0)
            turn += 1
    most = max(turns.count(each) for each in set(turns))
    assert most <= client_socket._THROWN_AWAY_AT_ONCE
    client.writer.close()


async def test_a_slow_reader_is_closed_and_nobody_waits_for_it(start_site, monkeypatch):
    monkeypatch.setattr(client_socket, "CLOSE_GRACE", 0.1)
    site = await start_site(outbox_messages=8)
    slow = await RawClient.connect(site, receive_buffer=4096)
    message = b"x" * 60_000
    async with site.client.ws_connect("/ws") as other:
        async with asyncio.timeout(PATIENCE):
            while not site.sessions[0].ended.done():
                site.sessions[0].send(message)
                await asyncio.sleep(0)
        assert await ended(site) is False
        assert site.counters.signaling_errors["slow-reader"] == 1
        await other.send_str("fine")
        assert await other.receive_str() == "heard fine"
    await gone(site)
    slow.writer.close()


async def test_a_slow_reader_that_wakes_up_learns_why(start_site):
    site = await start_site(outbox_messages=8)
    async with site.client.ws_connect("/ws") as client:
        await client.send_str("join")
        await client.receive_str()
        session = site.sessions[0]
        for _ in range(9):  # in one go: the writer had no turn
            session.send(b"{}")
        assert json.loads(await client.receive_str())["code"] == "slow-reader"
        assert (await client.receive()).type is WSMsgType.CLOSE
        assert client.close_code == 1008
    assert await ended(site) is False


async def test_who_never_joins_is_sent_away(start_site, monkeypatch):
    monkeypatch.setattr(client_socket, "_JOIN_WITHIN", 0.05)
    site = await start_site()
    async with site.client.ws_connect("/ws") as client:
        assert json.loads(await client.receive_str())["code"] == "join-timeout"
        assert (await client.receive()).type is WSMsgType.CLOSE
    assert site.counters.signaling_errors["join-timeout"] == 1


async def test_who_joined_may_be_silent(start_site, monkeypatch):
    monkeypatch.setattr(client_socket, "_JOIN_WITHIN", 0.05)
    site = await start_site(websocket_heartbeat=0.1)
    client = await RawClient.connect(site)
    client.frame(0x1, b"join")
    assert (await client.read_frame())[0] == 0x1
    # A ping comes after twice the time to join, so the time to join is over.
    assert (await client.read_frame())[0] == 0x9
    assert not site.sessions[0].ended.done()
    client.writer.close()


async def test_a_bug_ends_one_client_and_no_other(site):
    async with site.client.ws_connect("/ws") as other, site.client.ws_connect("/ws") as client:
        await client.send_str("bug")
        closed = json.loads(await client.receive_str())
        assert (closed["type"], closed["code"]) == ("closed", "internal-error")
        assert "a bug" not in closed["message"]
        assert (await client.receive()).type is WSMsgType.CLOSE
        assert client.close_code == 1011
        await other.send_str("fine")
        assert await other.receive_str() == "heard fine"
    assert site.counters.bugs["message"] == 1
    assert await ended(site, 1) is False


async def test_stopping_tells_everybody_and_lets_nobody_in(site):
    async with site.client.ws_connect("/ws") as first, site.client.ws_connect("/ws") as second:
        for client in (first, second):
            await client.send_str("join")
            await client.receive_str()
        site.sockets.dismiss("server-stopping", "The server is stopping.")
        site.sessions[0].send(b"too late")
        for client in (first, second):
            closed = json.loads(await client.receive_str())
            assert (closed["type"], closed["code"]) == ("closed", "server-stopping")
            assert (await client.receive()).type is WSMsgType.CLOSE
            assert client.close_code == 1001
        await gone(site)
        with pytest.raises(WSServerHandshakeError) as refused:
            await site.client.ws_connect("/ws")
        assert refused.value.status == 503


async def test_only_so_many_sockets_are_open(start_site):
    site = await start_site(max_websockets=1)
    async with site.client.ws_connect("/ws"):
        with pytest.raises(WSServerHandshakeError) as refused:
            await site.client.ws_connect("/ws")
        assert refused.value.status == 503
    assert site.counters.signaling_errors["too-many-connections"] == 1
    await gone(site)
    async with site.client.ws_connect("/ws") as client:
        await client.send_str("fine")
        assert await client.receive_str() == "heard fine"


async def test_a_plain_request_is_told_what_is_expected(site):
    answer = await site.client.get("/ws")
    assert answer.status == 426
    error = (await answer.json())["error"]
    assert error["code"] == "not-a-websocket"
    assert "WebSocket" in error["message"]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, "call.example"),
        ("https://call.example", "call.example"),
        ("https://CALL.example", "call.example"),
        ("https://call.example", "call.example:443"),
        ("http://call.example:8080", "call.example:8080"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("https://friend.example", "call.example"),
    ],
)
async def test_pages_of_this_server_and_allowed_ones_may_connect(start_site, origin, host):
    site = await start_site(allowed_origins=("https://friend.example",))
    headers = {"Host": host} | ({"Origin": origin} if origin else {})
    async with site.client.ws_connect("/ws", headers=headers) as client:
        await client.send_str("hello")
        assert await client.receive_str() == "heard hello"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "call.example"),
        ("https://call.example.evil.example", "call.example"),
        ("https://call.example:444", "call.example"),
        ("https://user@call.example", "call.example"),
        ("null", "call.example"),
        ("", "call.example"),
        ("file://", "call.example"),
        ("https://[broken", "call.example"),
    ],
)
async def test_pages_of_others_may_not_connect(site, origin, host):
    with pytest.raises(WSServerHandshakeError) as refused:
        await site.client.ws_connect("/ws", headers={"Host": host, "Origin": origin})
    assert refused.value.status == 403
    assert site.counters.signaling_errors["wrong-origin"] == 1
    assert site.sessions == []


async def test_a_peer_that_takes_nothing_is_gone_whatever_it_says_itself(start_site, monkeypatch):
    monkeypatch.setattr(client_socket, "_DEAF_SECONDS", 0.2)
    monkeypatch.setattr(client_socket, "CLOSE_GRACE", 0.1)
    site = await start_site(outbox_messages=10_000, messages_per_second=1000)
    deaf = await RawClient.connect(site, receive_buffer=4096)
    for _ in range(200):
        site.sessions[0].send(b"x" * 60_000)  # more than all buffers on the way hold
    async with asyncio.timeout(PATIENCE):
        while not site.sessions[0].ended.done():
            deaf.frame(0xA, b"")  # it is alive
            await asyncio.sleep(0.02)
    assert await ended(site) is False
    assert site.counters.signaling_errors["slow-reader"] == 1
    await gone(site)
    deaf.writer.close()


async def test_pings_are_answered_and_count_as_messages(start_site):
    site = await start_site(messages_per_second=10)
    client = await RawClient.connect(site)
    client.frame(0x9, b"are you there")
    assert await client.read_frame() == (0xA, b"are you there")
    for _ in range(100):
        client.frame(0x9, b"")
    answers = []
    async with asyncio.timeout(PATIENCE):
        while (frame := await client.read_frame())[0] != 0x8:
            answers.append(frame)
    assert len(answers) < 40
    assert json.loads(answers[-1][1])["code"] == "too-many-messages"
    client.writer.close()
