"""The whole server with its real parts, on free ports of this machine."""

import asyncio
import json
import socket
import ssl
import time
from functools import partial
from types import SimpleNamespace

import msgspec
import pytest
from aiohttp import ClientError, ClientSession, TCPConnector, WSMsgType

from sfu.config import Settings
from sfu.errors import InvalidSettings
from sfu.room.token_admission import sign
from sfu.server import app
from sfu.server.advertised import Advertised
from sfu.server.app import Server
from sfu.server.own_certificate import write_certificate

FREE_PORTS = Settings(http_port=0, udp_port=0)


@pytest.fixture
async def server(web):
    async with Server(FREE_PORTS, files=web) as server:
        yield server


@pytest.fixture
async def http(server):
    async with ClientSession(server.url) as http:
        yield http


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - counters have no event to wait for
            await asyncio.sleep(0.005)


async def join(client, http, room=None):
    """Join a room (a new one unless given): its id and the answer."""
    if room is None:
        async with http.post("/api/rooms") as answer:
            room = (await answer.json())["room"]
    await client.send_str(json.dumps({"type": "join", "room": room, "name": "Ada"}))
    return room, await client.receive_json(timeout=10)


async def test_the_link_leads_to_the_page(server, http):
    assert server.url == f"http://localhost:{server.http_port}/"
    async with http.get("/") as answer:
        assert "<title>Parley</title>" in await answer.text()
    async with http.get("/readyz") as answer:
        assert answer.status == 200


async def test_two_clients_meet_and_part(server, http):
    async with http.ws_connect("/ws") as first, http.ws_connect("/ws") as second:
        room, joined = await join(first, http)
        assert joined["type"] == "joined"
        _, also = await join(second, http, room)
        assert [other["id"] for other in also["participants"]] == [joined["you"]]
        news = await first.receive_json(timeout=10)
        assert (news["type"], news["participant"]["id"]) == ("participant-joined", also["you"])
        async with http.get("/debug/rooms") as answer:
            assert list((await answer.json())["rooms"]) == [room]
        async with http.get("/metrics") as answer:
            text = await answer.text()
        assert "parley_rooms 1.0" in text
        assert "parley_participants 2.0" in text
        await second.close()
        news = await first.receive_json(timeout=10)
        assert (news["type"], news["reason"]) == ("participant-left", "left")
        await first.send_str('{"type":"leave"}')
        assert (await first.receive_json(timeout=10))["code"] == "left"
        assert (await first.receive(timeout=10)).type is WSMsgType.CLOSE
    assert server.rooms.rooms == {}
    assert server.counters.leaves == {"left": 2}


async def test_an_unknown_room_is_refused_and_the_client_may_try_another(server, http):
    async with http.ws_connect("/ws") as client:
        _, refused = await join(client, http, "AAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        assert (refused["type"], refused["code"]) == ("error", "room-not-found")
        _, joined = await join(client, http)
        assert joined["type"] == "joined"


async def test_stopping_tells_every_client_and_empties_every_room(web):
    server = Server(FREE_PORTS, files=web)
    await server.start()
    async with (
        ClientSession(server.url) as http,
        http.ws_connect("/ws") as first,
        http.ws_connect("/ws") as second,
    ):
        room, _ = await join(first, http)
        await join(second, http, room)
        await first.receive_json(timeout=10)
        stopping = asyncio.create_task(server.stop())
        for client in (first, second):
            closed = await client.receive_json(timeout=10)
            assert (closed["type"], closed["code"]) == ("closed", "server-stopping")
            assert (await client.receive(timeout=10)).type is WSMsgType.CLOSE
            assert client.close_code == 1001
        await stopping
    assert server.rooms.rooms == {}
    assert len(server.transports) == 0
    assert server.counters.leaves == {"server-stopping": 2}


async def test_a_stopped_server_leaves_its_ports_free(web):
    async with Server(FREE_PORTS, files=web) as first:
        settings = Settings(http_port=first.http_port, udp_port=first.udp_port)
    async with Server(settings, files=web) as second:
        assert (second.http_port, second.udp_port) == (settings.http_port, settings.udp_port)


async def test_stopping_twice_does_no_harm(web):
    server = Server(FREE_PORTS, files=web)
    await server.start()
    await server.stop()
    await server.stop()


async def test_a_taken_http_port_frees_the_udp_port_again(web):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as spare:
            spare.bind(("127.0.0.1", 0))
            udp_port = spare.getsockname()[1]
        settings = Settings(
            http_port=taken.getsockname()[1], udp_host="127.0.0.1", udp_port=udp_port
        )
        with pytest.raises(InvalidSettings, match="--http-port"):
            await Server(settings, files=web).start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as spare:
            spare.bind(("127.0.0.1", udp_port))


async def test_garbage_on_the_media_port_is_counted_and_changes_nothing(server, http):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for data in (b"", b"\x00", b"\x16\xfe\xfd", b"\x80" * 40, bytes(1500), b"\xff" * 1500):
            stranger.sendto(data, ("127.0.0.1", server.udp_port))
    await until(lambda: server.counters.datagrams_in == 6)
    assert sum(server.counters.drops.values()) == 6
    assert not server.counters.bugs
    assert server.counters.datagrams_out == 0
    async with http.get("/healthz") as answer:
        assert answer.status == 200


def https_settings(folder, **changes):
    certificate, key = write_certificate(folder, ["127.0.0.1"])
    return Settings(
        http_port=0,
        udp_port=0,
        udp_host="127.0.0.1",
        tls_certificate=str(certificate),
        tls_key=str(key),
        **changes,
    )


async def test_with_a_certificate_the_page_and_the_signaling_are_https(web, tmp_path):
    settings = https_settings(tmp_path)
    context = ssl.create_default_context(cafile=settings.tls_certificate)
    async with Server(settings, files=web) as server:
        assert server.url.startswith("https://localhost:")
        connector = TCPConnector(ssl=context)
        async with ClientSession(server.url, connector=connector) as http:
            async with http.get("/readyz") as answer:
                assert answer.status == 200
            async with http.ws_connect("/ws", headers={"Origin": server.url[:-1]}) as client:
                _, joined = await join(client, http)
                assert joined["type"] == "joined"
        with pytest.raises(ClientError):
            async with ClientSession() as http, http.get(server.url.replace("https", "http")):
                pass


async def test_a_certificate_can_be_replaced_while_the_server_runs(web, tmp_path):
    settings = https_settings(tmp_path)
    async with Server(settings, files=web) as server:
        https_settings(tmp_path)  # writes the files again
        server.reload_certificate()
        shown = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", server.http_port))
    assert shown == (tmp_path / "certificate.pem").read_text()


async def test_a_certificate_that_cannot_be_used_stops_the_start(web, tmp_path):
    settings = https_settings(tmp_path)
    (tmp_path / "key.pem").write_text("hello")
    with pytest.raises(InvalidSettings, match="tls_key"):
        await Server(settings, files=web).start()


async def test_without_https_there_is_no_certificate_to_reload(server):
    server.reload_certificate()


async def test_advertised_names_are_told_as_addresses_and_interfaces_while_unknown(
    web, monkeypatch
):
    known = {}

    async def resolve(name):
        return known.get(name, ())

    monkeypatch.setattr(app, "Advertised", partial(Advertised, resolve=resolve))
    settings = Settings(
        http_port=0,
        udp_port=0,
        udp_host="127.0.0.1",
        advertised_addresses=("203.0.113.7", "call.example"),
    )
    async with Server(settings, files=web) as server:
        port = server.udp_port
        assert server.rooms.candidates() == (("203.0.113.7", port),)
        known["call.example"] = ["2001:db8::7"]
        await server._advertised.update()
        assert server.rooms.candidates() == (("203.0.113.7", port), ("2001:db8::7", port))
    known.clear()
    settings = msgspec.structs.replace(settings, advertised_addresses=("call.example",))
    async with Server(settings, files=web) as server:
        assert server.rooms.candidates() == (("127.0.0.1", server.udp_port),)


async def test_the_server_ticks(server):
    await until(lambda: sum(server.counters.loop_lag.counts) >= 3)
    assert not server.counters.bugs


@pytest.mark.parametrize(
    ("host", "link"),
    [
        ("", "http://localhost:80/"),
        ("0.0.0.0", "http://localhost:80/"),
        ("::", "http://localhost:80/"),
        ("::1", "http://localhost:80/"),
        ("192.168.1.7", "http://192.168.1.7:80/"),
        ("2001:db8::7", "http://[2001:db8::7]:80/"),
        ("call.example", "http://call.example:80/"),
    ],
)
def test_the_link_is_one_that_works_on_this_machine(host, link):
    server = Server(Settings(http_host=host))
    server.http_port = 80
    assert server.url == link


async def test_where_tokens_are_asked_for_only_they_let_in(web):
    key = ("k1", "s" * 32)
    settings = msgspec.structs.replace(FREE_PORTS, auth="token", api_keys=(":".join(key),))
    async with Server(settings, files=web) as server, ClientSession(server.url) as http:
        async with http.post("/api/rooms") as answer:
            assert answer.status == 403
        async with http.ws_connect("/ws") as client:
            for token, told in (
                ("", "token-required"),
                (signed(key, seconds=-60), "token-expired"),
                (signed(key), "Ada"),
            ):
                await client.send_json({"type": "join", "room": "standup", "token": token})
                answer = await client.receive_json(timeout=10)
                assert told in (answer.get("code"), answer.get("name"))


def signed(key, seconds=60.0):
    return sign(
        key, "standup", identity="ada", name="Ada", now=time.time(), seconds=seconds, grants={}
    )


@pytest.mark.parametrize(("host", "warned"), [("", True), ("127.0.0.1", False)])
async def test_a_server_that_is_open_to_others_says_so(web, monkeypatch, host, warned):
    events = []
    log = SimpleNamespace(
        info=lambda event, **_: events.append(event),
        warning=lambda event, **_: events.append(event),
    )
    monkeypatch.setattr(app, "get_logger", lambda: log)
    settings = msgspec.structs.replace(FREE_PORTS, http_host=host)
    async with Server(settings, files=web):
        assert ("open-to-everybody" in events) is warned


async def test_whoever_joins_too_often_is_told_to_wait(web):
    limits = {"joins_per_minute": 2, "trusted_proxies": ("127.0.0.0/8", "::1")}
    settings = msgspec.structs.replace(FREE_PORTS, **limits)
    headers = {"X-Forwarded-For": "203.0.113.1"}
    answers = []
    async with Server(settings, files=web) as server, ClientSession(server.url) as http:
        for _ in range(3):
            async with http.ws_connect("/ws", headers=headers) as client:
                _, answer = await join(client, http)
                answers.append((answer["type"], answer.get("code", "")))
    assert answers == [("joined", ""), ("joined", ""), ("error", "too-many-joins")]
