"""What the HTTP API does to people whose media flow."""

from __future__ import annotations

import json

from aiohttp import ClientSession

from loadtest.watch import sees, until

KEY = "an-admin-key-of-a-test"


def tracks_of(answer: dict) -> dict[str, bool]:
    return {track["source"]: track["muted"] for track in answer["tracks"]}


async def test_a_program_mutes_somebody_until_they_speak_again(start_server, new_client) -> None:
    server = start_server(admin_keys=KEY)
    room = server.create_room()
    ann = await new_client(server, room, 0)
    bob = await new_client(server, room, 1)
    await until(lambda: sees(ann, bob) and sees(bob, ann), 20, "both see each other")
    person = f"{server.url}/api/v1/rooms/{room}/participants/{ann.you}"
    async with ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http:
        for _ in range(2):  # muting what is muted is no error
            async with http.post(f"{person}/mute", json={"source": "microphone"}) as answer:
                assert (answer.status, await answer.read()) == (204, b"")
        async with http.get(person) as answer:
            assert tracks_of(await answer.json()) == {"microphone": True, "camera": False}
        await ann.say(type="mute", source="microphone", muted=False)

        async def speaks() -> bool:
            async with http.get(person) as answer:
                return not tracks_of(await answer.json())["microphone"]

        spoken = False
        for _ in range(200):
            if spoken := await speaks():
                break
        assert spoken
        async with http.post(f"{person}/mute", json={"source": "screen"}) as answer:
            assert answer.status == 409
            assert json.loads(await answer.read())["error"]["code"] == "no-such-track"
