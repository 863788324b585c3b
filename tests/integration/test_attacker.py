"""Whoever holds a valid token for one room gets nothing of another, whichever door is tried.

Every message that a client can say and every address of the server has a row here: a new one
without a row fails.
"""

from __future__ import annotations

import base64
import json
import typing
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import jwt
import pytest

from loadtest.watch import until
from sfu.signaling.client_messages import ClientMessage
from sfu.signaling.data_messages import DataClientMessage
from tests.integration.attacker import KEY, OWN, THEIRS, Scene, scene, token

NOBODY = "no-such-participant"
LAST = 999  # no file of any room has this number


@pytest.fixture
async def call() -> AsyncIterator[Scene]:
    async with scene() as made:
        yield made


def tags(union: Any) -> set[str]:
    """The names of a protocol's messages."""
    return {each.__struct_config__.tag for each in typing.get_args(union)}


def people(call: Scene) -> list[str]:
    return [call.ann.you, call.bob.you]


def with_ssrcs_of(call: Scene) -> dict[str, Any]:
    """An offer of Eve's that says it sends under Ann's mids and SSRCs."""
    description = call.ann.connection.localDescription.sdp
    tracks = [{"mid": "0", "source": "microphone"}, {"mid": "1", "source": "camera"}]
    return {"type": "offer", "sdp": description, "tracks": tracks}


def candidates_of(call: Scene) -> list[dict[str, Any]]:
    host, port = call.transport(call.ann).remote_address[:2]
    line = f"candidate:1 1 udp 2130706431 {host} {port} typ host ufrag "
    return [
        {"type": "candidate", "candidate": line + call.transport(each).local.ufrag}
        for each in (call.ann, call.bob)
    ]


# What Eve says in her own room about the other one, and the codes of the answers to that.
MESSAGES: dict[str, Callable[[Scene], tuple[list[dict[str, Any]], list[str]]]] = {
    "join": lambda call: (
        [{"type": "join", "room": THEIRS, "token": call.eve.token}],
        ["already-joined"],
    ),
    "refresh": lambda call: (
        [{"type": "refresh", "token": each} for each in forged(call)],
        ["bad-token"] * len(forged(call)),
    ),
    "offer": lambda call: ([with_ssrcs_of(call)], []),
    "subscribe": lambda call: (
        [{"type": "subscribe", "tracks": [wish(each) for each in call.tracks]}],
        [],
    ),
    "mute": lambda call: (
        [{"type": "mute", "source": each, "muted": True} for each in ("camera", "microphone")],
        ["no-such-track"] * 2,
    ),
    "hand": lambda call: ([{"type": "hand", "raised": True}], []),
    "react": lambda call: ([{"type": "react", "reaction": "clap"}], []),
    "mute-other": lambda call: (
        [{"type": "mute-other", "participant": id, "source": "camera"} for id in people(call)],
        [NOBODY, NOBODY],
    ),
    "remove": lambda call: (
        [{"type": "remove", "participant": id} for id in people(call)],
        [NOBODY, NOBODY],
    ),
    "lock": lambda call: (
        [{"type": "lock", "locked": True}, {"type": "lock", "locked": False}],
        [],
    ),
    "lobby": lambda call: ([{"type": "lobby", "on": True}, {"type": "lobby", "on": False}], []),
    "admit": lambda call: (
        [{"type": "admit", "ids": ids} for ids in ([call.knock], people(call))],
        [NOBODY, NOBODY],
    ),
    "deny": lambda call: (
        [{"type": "deny", "ids": ids} for ids in ([call.knock], people(call))],
        [NOBODY, NOBODY],
    ),
    "end": lambda call: ([{"type": "end"}], ["ended"]),
    "candidate": lambda call: (candidates_of(call), []),
    "leave": lambda call: ([{"type": "leave", "participant": call.ann.you, "room": THEIRS}], []),
}


def wish(track: str) -> dict[str, Any]:
    return {"id": track, "height": 8640, "priority": 100, "pinned": True}


def forged(call: Scene) -> list[str]:
    """What can be made of Eve's token for the other room without the key."""
    head, body, signature = call.eve.token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["video"]["room"] = THEIRS
    plain = jwt.encode(claims, None, "none")
    changed = plain.split(".")[1]
    return [
        f"{head}.{changed}.{signature}",
        f"{head}.{changed}.",
        plain,
        jwt.encode(claims, "a-guess" * 6, "HS256"),
        jwt.encode(claims | {"iss": "other"}, KEY[1], "HS256"),
    ]


def test_every_message_of_a_client_has_a_row() -> None:
    assert tags(ClientMessage) == set(MESSAGES)
    assert tags(DataClientMessage) == set(DATA)


async def test_no_message_reaches_the_other_room(call: Scene) -> None:
    for name, row in MESSAGES.items():
        messages, expected = row(call)
        async with call.untouched():
            answers = await call.say(*messages)
        ends = [each["code"] for each in answers if each["type"] in ("error", "closed")]
        assert [code for code in ends if code != "left"] == expected, (name, answers)


async def test_no_door_leads_into_the_other_room(call: Scene) -> None:
    ann = call.ann.joined["resume"]
    own = call.eve.joined["resume"]
    tries: list[tuple[dict[str, Any], str]] = [
        ({"room": THEIRS, "token": call.eve.token}, "bad-token"),
        ({"room": THEIRS}, "token-required"),
        ({"room": THEIRS, "token": call.eve.token, "resume": own}, "bad-token"),
        ({"room": THEIRS, "token": call.eve.token, "resume": own, "media": False}, "bad-token"),
        ({"room": THEIRS, "resume": own}, "token-required"),
        ({"room": OWN, "resume": ann}, "token-required"),
        ({"room": f"../{THEIRS}", "token": call.eve.token}, "bad-message"),
        ({"room": THEIRS.upper(), "token": call.eve.token}, "bad-token"),
        *(({"room": THEIRS, "token": each}, "bad-token") for each in forged(call)),
    ]
    for message, code in tries:
        async with call.untouched():
            answers = await call.say({"type": "join", **message}, join=False)
        assert answers[0].get("code") == code, (message, answers)
    # With a token of her own somebody else's seat is worth nothing: she is a newcomer.
    async with call.untouched():
        fresh = {"token": token(OWN, "eve the second"), "resume": ann}
        joined = (await call.say({"type": "join", "room": OWN, **fresh}, join=False))[0]
    assert (joined["type"], joined["resumed"], joined["room"]) == ("joined", False, OWN)
    assert joined["you"] not in people(call)


# On the channels of chat and files; what is answered, by type and code.
DATA: dict[str, Callable[[Scene], tuple[str, list[dict[str, Any]], Sequence[tuple[str, str]]]]] = {
    "say": lambda call: (
        "chat",
        [{"id": "x", "text": "psst", "to": id} for id in people(call)],
        [("refused", NOBODY)] * 2,
    ),
    "send-file": lambda call: (
        "files",
        [{"id": "x", "name": "a", "size": 4, "to": id} for id in people(call)],
        [("refused", NOBODY)] * 2,
    ),
    "fetch-file": lambda call: (
        "files",
        [{"number": number} for number in (call.file, 0, -1, 2**31, 2**40)],
        [("file-gone", "no-such-file")] * 5,
    ),
    "cancel-file": lambda call: ("files", [{"number": call.file}], []),
}


async def test_no_data_channel_leads_to_the_other_room(call: Scene) -> None:
    eve = call.eve
    for name, row in DATA.items():
        label, messages, expected = row(call)
        eve.told.clear()
        async with call.untouched():
            for message in messages:
                eve.tell(label, type=name, **message)
            # Answered when all before it on that channel was dealt with.
            eve.tell(label, type="fetch-file", number=LAST)
            await until(lambda: LAST in numbers(eve.told), 10, f"{name} was dealt with")
        answers = [(each["type"], each["code"]) for each in eve.told]
        assert answers == [*expected, ("file-gone", "no-such-file")], name
    async with call.untouched():
        for number in (call.file, call.file + 1):  # pieces of files that others send
            eve.channels["files"].send(number.to_bytes(4, "big") + b"overwritten")
        eve.write("heard by nobody else")
        await until(lambda: eve.texts[-1:] == ["heard by nobody else"], 10, "her own room hears")
    call.bob.tell("files", type="fetch-file", number=call.file)
    await until(lambda: bool(call.bob.contents.get(call.file)), 10, "Bob fetches the file")
    assert b"overwritten" not in call.bob.contents[call.file]


def numbers(told: list[dict[str, Any]]) -> list[int]:
    """Of the files that the server spoke of."""
    return [each.get("number", 0) for each in told]
