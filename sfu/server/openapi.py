"""The HTTP API described for programs (OpenAPI 3.1), made from the values it takes and answers."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from sfu import __version__
from sfu.server import api_values as values

PREFIX = "/api/v1"
# Seconds between the figures of a stream: a whole room takes a millisecond to describe.
MIN_INTERVAL, DEFAULT_INTERVAL, MAX_INTERVAL = 0.2, 1.0, 60.0

# Every operation: method, path below PREFIX, id, what it does, what it takes, what it answers with
# which status, and the statuses of its refusals beside 400 and 401.
_OPERATIONS: tuple[
    tuple[str, str, str, str, type[Struct] | None, type[Struct] | str | None, int, tuple[int, ...]],
    ...,
] = (
    (
        "get",
        "/rooms",
        "listRooms",
        "Every room that somebody is in.",
        None,
        values.RoomList,
        200,
        (),
    ),
    (
        "post",
        "/rooms",
        "createRoom",
        "Make a room. It costs nothing and opens when the first one joins.",
        values.RoomWish,
        values.NewRoom,
        201,
        (503,),
    ),
    (
        "get",
        "/rooms/{room}",
        "inspectRoom",
        "Who is in a room of this server, if anybody.",
        None,
        values.RoomView,
        200,
        (404,),
    ),
    (
        "post",
        "/rooms/{room}/close",
        "closeRoom",
        "End the call for everybody. Its link still opens a new one.",
        None,
        None,
        204,
        (404,),
    ),
    (
        "get",
        "/rooms/{room}/participants/{id}",
        "inspectParticipant",
        "One participant.",
        None,
        values.ParticipantView,
        200,
        (404,),
    ),
    (
        "delete",
        "/rooms/{room}/participants/{id}",
        "removeParticipant",
        "Send somebody out of the call.",
        None,
        None,
        204,
        (404,),
    ),
    (
        "post",
        "/rooms/{room}/participants/{id}/mute",
        "muteParticipant",
        "Switch off a source of somebody until they switch it on again themselves.",
        values.MuteWish,
        None,
        204,
        (404, 409),
    ),
    (
        "post",
        "/rooms/{room}/data",
        "sendData",
        "Tell the pages of some or all in the room something of your application.",
        values.DataWish,
        values.DataResult,
        200,
        (404,),
    ),
    (
        "get",
        "/rooms/{room}/stats",
        "roomStats",
        "The live routing table of a room: who gets what, at which layer, and why.",
        None,
        values.Stats,
        200,
        (404,),
    ),
    (
        "get",
        "/rooms/{room}/participants/{id}/stats",
        "participantStats",
        "What one participant sends and receives.",
        None,
        values.Stats,
        200,
        (404,),
    ),
    (
        "get",
        "/rooms/{room}/stats/stream",
        "streamRoomStats",
        "The same again and again, as server-sent events `stats`, until the room is empty.",
        None,
        "text/event-stream",
        200,
        (404, 503),
    ),
    (
        "get",
        "/rooms/{room}/participants/{id}/stats/stream",
        "streamParticipantStats",
        "The same again and again, as server-sent events `stats`, until they leave.",
        None,
        "text/event-stream",
        200,
        (404, 503),
    ),
    (
        "get",
        "/events",
        "listEvents",
        "Remembered events (at most 10,000, 1,000 at once) after a position.",
        None,
        values.EventList,
        200,
        (),
    ),
    (
        "get",
        "/events/stream",
        "streamEvents",
        "Events as they happen, as server-sent events; Last-Event-ID goes on where a stream broke.",
        None,
        "text/event-stream",
        200,
        (503,),
    ),
    (
        "post",
        "/events/replay",
        "replayEvents",
        "Post remembered events to the webhooks again, with the ids they had.",
        values.ReplayWish,
        values.ReplayResult,
        202,
        (),
    ),
    (
        "get",
        "/drain",
        "inspectDrain",
        "Whether the server lets nobody new in.",
        None,
        values.DrainView,
        200,
        (),
    ),
    (
        "post",
        "/drain",
        "beginDrain",
        "Let nobody new in and stop at the deadline, or when everybody has left.",
        values.DrainWish,
        values.DrainView,
        202,
        (),
    ),
    (
        "delete",
        "/drain",
        "cancelDrain",
        "Let everybody in again, unless the server is stopping already.",
        None,
        values.DrainView,
        200,
        (409,),
    ),
)
_REFUSALS = {
    400: "The request is not as described.",
    401: "None of the admin_keys was shown.",
    408: "The body did not come in time.",
    404: "This server made no such room, or there is no such participant in it.",
    409: "It does not fit what is so now.",
    413: "The body is too large.",
    503: "Not now: the server is draining, or has too many streams.",
}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "room": {"in": "path", "required": True, "schema": {"type": "string"}},
    "id": {"in": "path", "required": True, "schema": {"type": "string"}},
    "interval": {
        "in": "query",
        "description": "Seconds between two.",
        "schema": {
            "type": "number",
            "minimum": MIN_INTERVAL,
            "maximum": MAX_INTERVAL,
            "default": DEFAULT_INTERVAL,
        },
    },
    "after": {
        "in": "query",
        "description": "Only events with a larger position; a stream begins with the next one.",
        "schema": {"type": "integer", "minimum": 0, "maximum": values.MAX_POSITION},
    },
    "of": {"in": "query", "description": "Only this room's.", "schema": {"type": "string"}},
}


def document() -> dict[str, Any]:
    """The whole description, in values that JSON has."""
    structs: set[type[Struct]] = {values.Failure}
    for _, _, _, _, takes, gives, _, _ in _OPERATIONS:
        structs |= {each for each in (takes, gives) if isinstance(each, type)}
    ordered = sorted(structs, key=lambda struct: struct.__name__)
    _, components = msgspec.json.schema_components(
        ordered, ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for method, path, id, what, takes, gives, status, refusals in _OPERATIONS:
        operation: dict[str, Any] = {
            "operationId": id,
            "summary": what,
            "parameters": _parameters(path),
            "responses": {
                str(status): {"description": "Done.", **_content(gives)},
                **{
                    str(refused): {
                        "description": _REFUSALS[refused],
                        **_content(values.Failure),
                    }
                    for refused in sorted({400, 401, *refusals, *((408, 413) if takes else ())})
                },
            },
        }
        if takes:
            operation["requestBody"] = {
                "required": any(field.required for field in msgspec.structs.fields(takes)),
                **_content(takes),
            }
        paths.setdefault(PREFIX + path, {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Parley",
            "version": __version__,
            "description": "What programs of whoever runs the server can ask of it.",
        },
        "security": [{"adminKey": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"adminKey": {"type": "http", "scheme": "bearer"}},
        },
    }


def _parameters(path: str) -> list[dict[str, Any]]:
    names = [name for name in ("room", "id") if f"{{{name}}}" in path]
    found = [{"name": name, **_PARAMETERS[name]} for name in names]
    if path.endswith("/stats/stream"):
        found.append({"name": "interval", **_PARAMETERS["interval"]})
    if path in ("/events", "/events/stream"):
        found.append({"name": "after", **_PARAMETERS["after"]})
        found.append({"name": "room", **_PARAMETERS["of"]})
    return found


def _content(gives: type[Struct] | str | None) -> dict[str, Any]:
    match gives:
        case None:
            return {}
        case str():
            return {"content": {gives: {}}}
        case _:
            schema = {"$ref": f"#/components/schemas/{gives.__name__}"}
            return {"content": {"application/json": {"schema": schema}}}
