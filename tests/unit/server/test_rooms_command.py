"""``sfu rooms`` against a running server, and against what is none."""

import asyncio
import contextlib
import json
import socket

import pytest
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.test_utils import TestServer

from sfu.config import Settings, environment_name
from sfu.server.app import Server
from sfu.server.cli import main
from sfu.server.own_certificate import write_certificate
from sfu.server.rooms_command import _shown

KEY = "an-admin-key-of-a-test"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch):
    for name in [*Settings.__struct_fields__, "config"]:
        monkeypatch.delenv(environment_name(name), raising=False)


@pytest.fixture
def start(web):
    async def run(**settings):
        server = Server(
            Settings(http_port=0, udp_port=0, tcp="off", admin_keys=(KEY,), **settings), files=web
        )
        return await stack.enter_async_context(server)

    stack = contextlib.AsyncExitStack()
    return run, stack


@pytest.fixture
async def start_server(start):
    run, stack = start
    async with stack:
        yield run


async def sfu(*arguments):
    return await asyncio.to_thread(main, ["rooms", *arguments])


async def enter(http, room, name):
    client = await http.ws_connect("/ws")
    await client.send_str(json.dumps({"type": "join", "room": room, "name": name}))
    return client, await client.receive_json(timeout=10)


async def test_rooms_are_listed_with_everybody_in_them(start_server, capsys):
    server = await start_server()
    room = server.rooms.create_id()
    mine = [f"--http-port={server.http_port}", f"--admin-keys={KEY}"]
    capsys.readouterr()
    assert await sfu(*mine) == 0
    assert capsys.readouterr().out == "Nobody is in any room.\n"
    async with ClientSession(server.url) as http:
        ann, joined = await enter(http, room, "Ann")
        _bob, _ = await enter(http, room, "Bob\u202e")
        await ann.send_str('{"type": "lock", "locked": true}')
        while (await ann.receive_json(timeout=10))["type"] != "room-updated":
            pass
        capsys.readouterr()
        assert await sfu(*mine) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split() == ["ROOM", "PARTICIPANT", "NAME", "ROLE", "SENDS", "STATE"]
        assert lines[1].split() == [room, "(locked)", joined["you"], "Ann", "host", "connecting"]
        assert lines[2].split()[1:] == ["Bob", "member", "connecting"]
        assert lines[-1] == "1 room, 2 participants."
        assert await sfu("--json", f"--url={server.url}", f"--admin-keys={KEY}") == 0
        (found,) = json.loads(capsys.readouterr().out)["rooms"]
        assert [each["name"] for each in found["participants"]] == ["Ann", "Bob"]
        assert found["room"] == room


async def test_the_certificate_of_ones_own_server_is_checked(start_server, tmp_path, capsys):
    certificate, key = write_certificate(tmp_path, ["127.0.0.1"])
    server = await start_server(tls_certificate=str(certificate), tls_key=str(key))
    mine = [f"--http-port={server.http_port}", f"--admin-keys={KEY}", f"--tls-key={key}"]
    assert await sfu(*mine, f"--tls-certificate={certificate}") == 0
    capsys.readouterr()
    (tmp_path / "other").mkdir()
    other, _ = write_certificate(tmp_path / "other", ["127.0.0.1"])
    assert await sfu(*mine, f"--tls-certificate={other}") == 1
    assert "certificate that is not its own" in capsys.readouterr().err
    assert await sfu(f"--url={server.url}", f"--admin-keys={KEY}") == 1
    async with ClientSession(connector=TCPConnector(ssl=False)) as http:
        assert (await http.get(f"{server.url}healthz")).status == 200


async def test_each_failure_has_a_sentence_and_no_key_in_it(start_server, capsys):
    server = await start_server()
    url = f"--url={server.url}"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"--url=http://127.0.0.1:{closed.getsockname()[1]}"
    bare = Server(Settings(http_port=0, udp_port=0, tcp="off"))
    async with bare:
        for arguments, words in (
            ([url], "admin_keys is not set"),
            ([url, "--admin-keys=some-other-key-of-mine"], "does not take"),
            ([nobody, f"--admin-keys={KEY}"], "nothing answers at"),
            ([f"--url={bare.url}", f"--admin-keys={KEY}"], "has no API"),
        ):
            assert await sfu(*arguments) == 1
            error = capsys.readouterr().err
            assert words in error
            assert error.startswith("sfu: ")
            assert KEY not in error
            assert "Traceback" not in error


async def test_another_program_is_told_from_a_server(capsys):
    async def hello(_request):
        return web.Response(text="hello")

    other = web.Application()
    other.add_routes([web.get("/{path:.*}", hello)])
    async with TestServer(other) as server:
        assert await sfu(f"--url={server.make_url('/')}", f"--admin-keys={KEY}") == 1
    assert "no Parley" in capsys.readouterr().err


async def test_an_address_that_is_none_is_wrong_use(capsys):
    assert await sfu("--url", "call.example.org") == 2
    assert await sfu("--url") == 2
    assert "--url cannot be" in capsys.readouterr().err


def test_no_name_repaints_the_terminal():
    assert _shown("A\x1b[2J\nB") == "A [2J B"
