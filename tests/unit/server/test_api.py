"""The HTTP API of a whole server, with people in its rooms."""

import asyncio
import contextlib
import json

import jsonschema
import pytest
from aiohttp import ClientSession

from sfu.config import Settings
from sfu.server import event_stream
from sfu.server.app import Server
from sfu.server.openapi import document

KEY = "an-admin-key-of-a-test"
SETTINGS = Settings(
    http_port=0,
    udp_port=0,
    udp_host="127.0.0.1",
    admin_keys=("another-key-that-is-longer-too", KEY),
    drain_seconds=600,
)
UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
async def server(web):
    async with Server(SETTINGS, files=web) as server:
        yield server


@pytest.fixture
async def api(server):
    async with ClientSession(server.url, headers={"Authorization": f"Bearer {KEY}"}) as http:
        yield http


@contextlib.asynccontextmanager
async def guest(http, room, name="Ann"):
    """Somebody in that room: the socket and what the server said at the door."""
    async with http.ws_connect("/ws") as socket:
        await socket.send_str(json.dumps({"type": "join", "room": room, "name": name}))
        yield socket, await socket.receive_json(timeout=10)


async def told(socket, type):
    """The next message of that type."""
    async with asyncio.timeout(10):
        while (message := await socket.receive_json())["type"] != type:
            pass
    return message


async def ask(http, method, path, body=None):
    """Status and answer; JSON is checked against the description."""
    async with http.request(method, f"/api/v1{path}", json=body) as answer:
        text = await answer.text()
    return answer.status, json.loads(text) if text else None


async def new_room(api):
    status, made = await ask(api, "POST", "/rooms")
    assert status == 201
    return made["room"]


async def test_rooms_are_made_listed_inspected_and_closed(api):
    room = await new_room(api)
    empty = {"room": room, "locked": False, "participants": []}
    assert await ask(api, "GET", f"/rooms/{room}") == (200, empty)
    assert await ask(api, "GET", "/rooms") == (200, {"rooms": []})
    async with guest(api, room) as (ann, joined), guest(api, room, "Bob") as (bob, _):
        listed = {"rooms": [{"room": room, "locked": False, "participants": 2}]}
        assert await ask(api, "GET", "/rooms") == (200, listed)
        _, found = await ask(api, "GET", f"/rooms/{room}")
        assert [each["name"] for each in found["participants"]] == ["Ann", "Bob"]
        person = f"/rooms/{room}/participants/{joined['you']}"
        assert await ask(api, "GET", person) == (200, found["participants"][0])
        assert found["participants"][0]["role"] == "host"
        assert await ask(api, "POST", f"/rooms/{room}/close") == (204, None)
        for each in (ann, bob):
            assert (await told(each, "closed"))["code"] == "ended"
    assert (await ask(api, "POST", f"/rooms/{room}/close"))[0] == 204
    for method, path in (("GET", ""), ("POST", "/close"), ("GET", "/stats")):
        status, answer = await ask(api, method, f"/rooms/{UNKNOWN}{path}")
        assert (status, answer["error"]["code"]) == (404, "not-found")


async def test_the_made_token_makes_a_host(api):
    _, made = await ask(api, "POST", "/rooms")
    async with guest(api, made["room"]), api.ws_connect("/ws") as host:
        join = {"type": "join", "room": made["room"], "token": made["token"]}
        await host.send_str(json.dumps(join))
        assert (await told(host, "joined"))["role"] == "host"


async def test_somebody_is_sent_out_without_a_host(api):
    room = await new_room(api)
    async with guest(api, room) as (ann, joined), guest(api, room, "Bob") as (bob, _):
        assert (await ask(api, "DELETE", f"/rooms/{room}/participants/{joined['you']}"))[0] == 204
        assert (await told(ann, "closed"))["code"] == "removed"
        assert (await told(bob, "participant-left"))["reason"] == "removed"
        status, answer = await ask(api, "DELETE", f"/rooms/{room}/participants/{joined['you']}")
        assert (status, answer["error"]["code"]) == (404, "no-such-participant")


async def test_a_source_that_is_not_published_cannot_be_muted(api):
    room = await new_room(api)
    async with guest(api, room) as (_, joined):
        path = f"/rooms/{room}/participants/{joined['you']}/mute"
        status, answer = await ask(api, "POST", path, {"source": "microphone"})
        assert (status, answer["error"]["code"]) == (409, "no-such-track")
        status, answer = await ask(api, "POST", path, {"source": "trumpet"})
        assert (status, answer["error"]["code"]) == (400, "bad-request")
        assert "trumpet" in answer["error"]["message"]


async def test_data_reaches_the_pages_it_is_for_and_no_others(api):
    room = await new_room(api)
    async with guest(api, room) as (ann, joined), guest(api, room, "Bob") as (bob, _):
        path = f"/rooms/{room}/data"
        wish = {"topic": "poll", "data": "all"}
        assert await ask(api, "POST", path, wish) == (200, {"sent": 2})
        wish = {"data": "Ann", "participants": [joined["you"], joined["you"]]}
        assert await ask(api, "POST", path, wish) == (200, {"sent": 1})
        assert await ask(api, "POST", path, {"data": "nobody", "participants": []}) == (
            200,
            {"sent": 0},
        )
        await ask(api, "POST", path, {"data": "last"})
        assert await told(ann, "data") == {"type": "data", "topic": "poll", "data": "all"}
        assert [(await told(ann, "data"))["data"] for _ in range(2)] == ["Ann", "last"]
        assert [(await told(bob, "data"))["data"] for _ in range(2)] == ["all", "last"]
        status, answer = await ask(api, "POST", path, {"data": "x", "participants": ["p0"]})
        assert (status, answer["error"]["code"]) == (404, "no-such-participant")


async def events_of(answer):
    """The server-sent events of a stream, as dictionaries of their fields."""
    event = {}
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            event[name] = value
        elif event:
            yield event
            event = {}


async def test_stats_are_told_once_and_as_a_stream_until_the_room_is_empty(api):
    room = await new_room(api)
    async with asyncio.timeout(10), api.get(f"/api/v1/rooms/{room}/stats/stream") as answer:
        (event,) = [event async for event in events_of(answer)]
        assert json.loads(event["data"])["stats"]["participants"] == []
    assert (await ask(api, "GET", f"/rooms/{UNKNOWN}/stats/stream"))[0] == 404
    async with guest(api, room) as (ann, joined):
        _, told_once = await ask(api, "GET", f"/rooms/{room}/stats")
        (person,) = told_once["stats"]["participants"]
        assert person["participant"] == joined["you"]
        path = f"/rooms/{room}/participants/{joined['you']}/stats"
        assert (await ask(api, "GET", path))[1]["stats"]["participant"] == joined["you"]
        async with asyncio.timeout(10), api.get(f"/api/v1{path}/stream?interval=0.2") as answer:
            assert answer.content_type == "text/event-stream"
            seen = 0
            async for event in events_of(answer):
                assert event["event"] == "stats"
                assert json.loads(event["data"])["stats"]["participant"] == joined["you"]
                seen += 1
                if seen == 2:
                    await ann.send_str('{"type":"leave"}')
            assert seen >= 2


async def test_events_are_listed_and_streamed_and_a_stream_goes_on_where_it_broke(api):
    room = await new_room(api)
    async with guest(api, room) as (_, joined):
        _, listed = await ask(api, "GET", f"/events?room={room}")
        assert [event["type"] for event in listed["events"]] == [
            "room-opened",
            "participant-joined",
        ]
        assert [event["number"] for event in listed["events"]] == [1, 2]
        assert listed["events"][1]["participant"] == joined["you"]
        async with asyncio.timeout(10), api.get("/api/v1/events/stream?after=0") as answer:
            events = events_of(answer)
            first = await anext(events)
            assert first["event"] == "room-opened"
        again = {"Last-Event-ID": first["id"]}
        async with (
            asyncio.timeout(10),
            api.get("/api/v1/events/stream?after=0", headers=again) as answer,
        ):
            events = events_of(answer)
            assert (await anext(events))["event"] == "participant-joined"
            async with guest(api, room, "Bob"):
                assert (await anext(events))["event"] == "participant-joined"
            assert (await anext(events))["event"] == "participant-left"
    _, others = await ask(api, "GET", "/events?room=nobodys")
    assert (others["events"], others["first"], others["server"]) == ([], 1, listed["server"])


async def test_streams_are_bounded_and_end_with_the_server(api, server, monkeypatch):
    monkeypatch.setattr(event_stream, "MAX_STREAMS", 1)
    async with asyncio.timeout(10), api.get("/api/v1/events/stream") as answer:
        status, refused = await ask(api, "GET", "/events/stream")
        assert (status, refused["error"]["code"]) == (503, "too-many-streams")
        await server.stop()
        assert await answer.content.read() == b""


async def test_draining_is_begun_seen_and_taken_back(api, server):
    room = await new_room(api)
    quiet = {"draining": False, "deadline": None, "participants": 0}
    assert await ask(api, "GET", "/drain") == (200, quiet)
    assert await ask(api, "DELETE", "/drain") == (200, quiet)
    async with guest(api, room) as (ann, _):
        status, begun = await ask(api, "POST", "/drain", {"seconds": 60})
        assert (status, begun["draining"], begun["participants"]) == (202, True, 1)
        assert (await told(ann, "draining"))["deadline"] == begun["deadline"]
        assert (await ask(api, "POST", "/rooms"))[0] == 503
        assert (await ask(api, "GET", "/drain"))[1] == begun
        assert (await ask(api, "DELETE", "/drain"))[1]["draining"] is False
        assert (await told(ann, "draining"))["deadline"] is None
        async with guest(api, room, "Bob") as (_, joined):
            assert joined["type"] == "joined"
        await ask(api, "POST", "/drain", {"seconds": 0})
        status, answer = await ask(api, "DELETE", "/drain")
        assert (status, answer["error"]["code"]) == (409, "too-late")
    assert server.drain.over.is_set()


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", f"Basic {KEY}", f"Bearer {KEY}x", "Bearer \u00e9"]
)
async def test_without_a_key_there_is_nothing_to_see(server, header):
    headers = {} if header is None else {"Authorization": header}
    async with ClientSession(server.url, headers=headers) as http:
        async with http.get("/api/v1/rooms") as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert (await answer.json())["error"]["code"] == "unauthorized"
        async with http.post("/api/v1/drain", json={"seconds": 0}) as answer:
            assert answer.status == 401
    assert not server.drain.active


async def test_without_admin_keys_there_is_no_api(web):
    settings = Settings(http_port=0, udp_port=0, udp_host="127.0.0.1")
    async with Server(settings, files=web) as server, ClientSession(server.url) as http:
        headers = {"Authorization": "Bearer "}
        async with http.get("/api/v1/rooms", headers=headers) as answer:
            assert answer.status == 404


async def test_events_are_posted_again_when_they_are_asked_for(api, server):
    posted = []
    server._webhooks.take = posted.append
    server._events.listeners[:] = [server._webhooks.take]
    room = await new_room(api)
    async with guest(api, room):
        pass
    first = list(posted)
    assert await ask(api, "POST", "/events/replay", {"room": UNKNOWN}) == (202, {"events": 0})
    assert await ask(api, "POST", "/events/replay", {"after": 1, "room": room}) == (
        202,
        {"events": len(first) - 1},
    )
    assert posted == first + first[1:]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=1.5", "after=nan", "after=1e99"])
async def test_positions_are_whole_numbers(api, query):
    status, answer = await ask(api, "GET", f"/events?{query}")
    assert (status, answer["error"]["code"]) == (400, "bad-request")


async def test_what_is_answered_is_what_is_described(api):
    described = document()
    async with api.get("/api/v1/openapi.json", headers={"Authorization": ""}) as answer:
        assert await answer.json() == described
    room = await new_room(api)
    async with guest(api, room):
        for path in ("/rooms", f"/rooms/{room}", f"/rooms/{room}/stats", "/events", "/drain"):
            _, answer = await ask(api, "GET", path)
            key = f"/api/v1{path}".replace(room, "{room}")
            content = described["paths"][key]["get"]["responses"]["200"]["content"]
            schema = {
                **content["application/json"]["schema"],
                "components": described["components"],
            }
            jsonschema.validate(answer, schema)


async def test_the_inspector_shows_operators_who_gets_what(api, server):
    from_afar = {"X-Forwarded-For": "203.0.113.7"}
    room = await new_room(api)
    async with guest(api, room):
        async with api.get("/debug/rooms", headers=from_afar) as answer:
            assert list((await answer.json())["rooms"]) == [room]
        async with api.get("/debug/rooms", headers=from_afar | {"Authorization": ""}) as answer:
            assert answer.status == 403
    for path, type in (
        ("/debug", "text/html"),
        ("/debug/inspector.js", "text/javascript"),
        ("/debug/inspector.css", "text/css"),
    ):
        async with api.get(path, headers={"Authorization": ""}) as answer:
            assert (answer.status, answer.content_type) == (200, type)
            assert room not in await answer.text()


async def test_a_room_is_made_for_what_is_asked(api):
    wish = {"maxParticipants": 1, "noScreen": True, "maxVideos": 2.0}
    status, made = await ask(api, "POST", "/rooms", wish)
    assert status == 201
    async with guest(api, made["room"]) as (_, joined):
        assert joined["capacity"] == 1
        assert joined["may"]["publish"] == ["microphone", "camera"]
        async with guest(api, made["room"], "Bob") as (_, refused):
            assert refused["code"] == "room-full"
    for wrong in ({"maxVideos": 1.5}, {"maxParticipants": 201}, {"noScreen": "yes"}, {"seats": 3}):
        status, answer = await ask(api, "POST", "/rooms", wrong)
        assert (status, answer["error"]["code"]) == (400, "bad-request")
