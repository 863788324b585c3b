"""What a running server takes over when its settings are read again (SIGHUP)."""

import json
import time

import msgspec
import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from structlog.testing import capture_logs

from sfu.config import Settings
from sfu.room.token_admission import sign
from sfu.server.app import Server
from sfu.server.settings import LIVE, Reload

OLD, NEW = ("old", "o" * 32), ("new", "n" * 32)
SETTINGS = Settings(
    http_port=0,
    udp_port=0,
    udp_host="127.0.0.1",
    auth="token",
    api_keys=(":".join(OLD),),
    admin_keys=("the-first-admin-key",),
)


@pytest.fixture
async def server(web):
    async with Server(SETTINGS, files=web) as server:
        yield server


@pytest.fixture
async def http(server):
    async with ClientSession(server.url) as http:
        yield http


async def answer_to(http, key, identity="ann", room="standup"):
    """What the server says to a token that was signed with ``key``."""
    socket = await http.ws_connect("/ws")
    token = sign(key, room, identity=identity, now=time.time(), seconds=60, grants={})
    await socket.send_str(json.dumps({"type": "join", "room": room, "token": token}))
    answer = await socket.receive_json(timeout=10)
    return answer.get("code", answer["type"]), answer


async def asks(http, key):
    async with http.get("/api/v1/rooms", headers={"Authorization": f"Bearer {key}"}) as answer:
        return answer.status


async def test_keys_are_exchanged_and_who_is_in_a_call_stays(server, http):
    assert (await answer_to(http, OLD))[0] == "joined"
    assert (await answer_to(http, NEW))[0] == "bad-token"
    both = msgspec.structs.replace(
        SETTINGS, api_keys=(":".join(NEW), ":".join(OLD)), admin_keys=("the-second-admin-key",)
    )
    server.take_over(both)
    assert (await answer_to(http, NEW, "bob"))[0] == "joined"
    assert (await answer_to(http, OLD, "cleo"))[0] == "joined"
    server.take_over(msgspec.structs.replace(both, api_keys=(":".join(NEW),)))
    assert (await answer_to(http, OLD, "dan"))[0] == "bad-token"
    assert server.rooms.participants == 3
    assert await asks(http, "the-first-admin-key") == 401
    assert await asks(http, "the-second-admin-key") == 200


async def test_limits_hold_for_whoever_comes_next(server, http):
    assert (await answer_to(http, OLD))[0] == "joined"
    server.take_over(msgspec.structs.replace(SETTINGS, room_capacity=1))
    assert (await answer_to(http, OLD, "bob"))[0] == "room-full"
    server.take_over(msgspec.structs.replace(SETTINGS, max_participants=1))
    assert (await answer_to(http, OLD, "bob"))[0] == "server-full"
    server.take_over(msgspec.structs.replace(SETTINGS, max_rooms=1))
    assert (await answer_to(http, OLD, "bob", "another"))[0] == "server-full"
    server.take_over(SETTINGS)
    assert (await answer_to(http, OLD, "bob"))[0] == "joined"
    async with http.ws_connect("/ws"):
        server.take_over(msgspec.structs.replace(SETTINGS, max_websockets=1))
        with pytest.raises(WSServerHandshakeError) as refused:
            await http.ws_connect("/ws")
    assert refused.value.status == 503


async def test_a_turn_server_is_told_to_whoever_comes_next(server, http):
    assert (await answer_to(http, OLD))[1]["iceServers"] == []
    told = {"turn_urls": ("turn:turn.example.org",), "turn_secret": "s" * 16}
    server.take_over(msgspec.structs.replace(SETTINGS, **told))
    (ice,) = (await answer_to(http, OLD, "bob"))[1]["iceServers"]
    assert ice["urls"] == ["turn:turn.example.org"]


async def test_the_next_drain_takes_as_long_as_the_new_setting_says(server):
    server.take_over(msgspec.structs.replace(SETTINGS, drain_seconds=600))
    assert server.drain.begin() - time.time() > 500


def test_the_log_names_what_waits_for_a_restart_and_nothing_else():
    wanted = msgspec.structs.replace(SETTINGS, room_capacity=3, udp_port=9, max_slots=2)
    taken = []
    with capture_logs() as lines:
        Reload(lambda: wanted, SETTINGS, taken.append)()
    assert taken == [wanted]
    assert lines[-1]["need_restart"] == "udp_port, max_slots"


def test_an_api_that_was_never_there_waits_for_a_restart():
    without = msgspec.structs.replace(SETTINGS, admin_keys=())
    with capture_logs() as lines:
        Reload(lambda: SETTINGS, without, lambda settings: None)()
    assert lines[-1]["need_restart"] == "admin_keys"


def test_every_name_that_is_taken_over_is_a_setting():
    assert set(LIVE) <= set(Settings.__struct_fields__)
