"""Ann and Bob in a room of a real server, and Eve, who holds a token for another one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from loadtest.watch import sees, until
from sfu.config import Settings
from sfu.room.token_admission import sign
from sfu.server.app import Server
from tests.integration.conftest import LOOKS
from tests.integration.data_client import DataClient

KEY = ("key", "a-secret-that-tokens-are-signed-with-in-tests")
THEIRS, OWN = "the-board-meets", "eves-own-room"
ADMIN_KEY = "an-admin-key-that-eve-does-not-have"
SETTINGS = Settings(
    http_host="127.0.0.1",
    http_port=0,
    udp_host="127.0.0.1",
    udp_port=0,
    overload="off",  # clients, server and everything else of a test share one busy machine
    auth="token",
    api_keys=(":".join(KEY),),
    admin_keys=(ADMIN_KEY,),
)
# What is said and sent in the other room, and who is in it.
NAMES = ("Ann Boardmember", "Bob Boardmember")
SAID, FILE_NAME, CONTENT = "we buy the whole street", "plan-of-the-street.txt", b"number seven" * 9
# What Ann and Bob are told of each other all the time.
_USUAL = {"quality", "speakers", "layers", "load"}


def token(room: str, identity: str, **grants: Any) -> str:
    """A genuine one."""
    return sign(
        KEY, room, identity=identity, now=time.time(), seconds=600, grants=grants, name=identity
    )


class Member(DataClient):
    """A client with a token."""

    token = ""

    async def _ask(self, message: dict[str, Any], reply: str) -> dict[str, Any]:
        if message["type"] == "join":
            message = message | {"token": self.token}
        return await super()._ask(message, reply)

    def last(self, type: str) -> dict[str, Any]:
        """The latest message of that type, empty when there is none."""
        found = [message for message in self.messages if message["type"] == type]
        return found[-1] if found else {}

    @property
    def joined(self) -> dict[str, Any]:
        """What the server said at the door."""
        return next(message for message in self.messages if message["type"] == "joined")

    @property
    def answer(self) -> str:
        """The server's latest session description for this client."""
        return str([each["sdp"] for each in self.messages if each["type"] == "answer"][-1])


class Scene:
    """A call of two, with Eve in a room of her own, and what may not have happened to any."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.ann, self.bob, self.eve = (
            Member(server.url, *who)
            for who in (
                (THEIRS, NAMES[0], *LOOKS[0]),
                (THEIRS, NAMES[1], *LOOKS[1]),
                (OWN, "Eve", *LOOKS[2]),
            )
        )
        self.ann.token = token(THEIRS, NAMES[0], roomAdmin=True)
        self.bob.token = token(THEIRS, NAMES[1])
        # All that a token can give: she is a host of her room.
        self.eve.token = token(OWN, "Eve", roomAdmin=True)
        self.seen_by_eve: list[str] = []  # whatever any door said
        self.file = 0
        self.knock = ""  # of Wendy, who waits to be let in
        self._wendy: aiohttp.ClientSession | None = None
        self._waits: asyncio.Task[Any] | None = None

    async def begin(self) -> None:
        """Until Ann and Bob see each other, have written, and have a file."""
        for each in (self.ann, self.bob, self.eve):
            await each.join()
            await each.chat_open()
        ann, bob = self.ann, self.bob
        await until(lambda: sees(ann, bob) and sees(bob, ann), 20, "the call works")
        ann.write(SAID)
        self.file = await ann.accepted(FILE_NAME, len(CONTENT))
        await ann.upload(self.file, CONTENT)
        await until(lambda: len(bob.said) == 2, 10, "Bob reads it and hears of the file")
        await ann.say(type="lobby", on=True)
        self._wendy = aiohttp.ClientSession()
        waiting = await self._wendy.ws_connect(f"{self.server.url.rstrip('/')}/ws")
        wendy = token(THEIRS, "Wendy Waiting")
        await waiting.send_json({"type": "join", "room": THEIRS, "token": wendy})
        assert (await waiting.receive_json(timeout=10))["type"] == "waiting"
        self._waits = asyncio.create_task(waiting.receive())  # or it answers no ping
        await until(lambda: bool(ann.last("knocks")), 10, "Ann hears of Wendy")
        self.knock = ann.last("knocks")["waiting"][0]["id"]

    async def end(self) -> None:
        """Everybody goes."""
        everybody = (self.ann, self.bob, self.eve)
        await asyncio.gather(*(each._stop() for each in everybody), return_exceptions=True)
        if self._waits is not None:
            self._waits.cancel()
        if self._wendy is not None:
            await self._wendy.close()

    @property
    def theirs(self) -> Any:
        """The other room, as the server has it."""
        return self.server.rooms.rooms[THEIRS]

    @property
    def tracks(self) -> list[str]:
        """Of Ann and Bob."""
        people = self.theirs.participants.values()
        return [track.id for person in people for track in person.tracks]

    def transport(self, member: Member) -> Any:
        """The server's side of somebody's connection."""
        return self.server.rooms.rooms[member.room].participants[member.you].transport

    @contextlib.asynccontextmanager
    async def untouched(self) -> AsyncIterator[None]:
        """Fails unless the call went on as if nothing had happened, and Eve learned nothing."""
        ann, bob = self.ann, self.bob
        before = self._state()
        told = len(ann.messages), len(bob.messages), len(ann.said), len(bob.said)
        yield
        pictures = ann.seen[bob.you].pictures, bob.seen[ann.you].pictures
        await until(
            lambda: (
                ann.seen[bob.you].pictures > pictures[0] + 3
                and bob.seen[ann.you].pictures > pictures[1] + 3
            ),
            20,
            "the pictures of the others go on",
        )
        new = ann.messages[told[0] :] + bob.messages[told[1] :]
        told_more = [each for each in new if each["type"] not in _USUAL]
        assert told_more == [], told_more
        assert (len(ann.said), len(bob.said)) == told[2:]
        assert self._state() == before
        assert sum(self.server.counters.bugs.values()) == 0
        self.learned_nothing()

    def _state(self) -> dict[str, Any]:
        """What may not change of the other room."""
        transports = self.transport(self.ann), self.transport(self.bob)
        table = self.server.transports.by_address
        return {
            "people": {each.id: each.role for each in self.theirs.participants.values()},
            "locked": self.theirs.locked,
            "tracks": [
                (track.id, track.muted)
                for each in self.theirs.participants.values()
                for track in each.tracks
            ],
            "addresses": [transport.remote_address for transport in transports],
            "routes": [table[transport.remote_address] is transport for transport in transports],
            "files": self.theirs.files.used,
        }

    def learned_nothing(self) -> None:
        """Nothing of the other room is in what Eve got through any door."""
        eve = self.eve
        assert eve.seen.keys() <= {eve.you}
        assert eve.contents == {}
        got = json.dumps([eve.messages, eve.said, eve.told]) + "".join(self.seen_by_eve)
        secrets = [*NAMES, SAID, FILE_NAME, CONTENT.decode(), ADMIN_KEY, KEY[1]]
        for each in (self.ann, self.bob):
            secrets += [each.token, each.joined["resume"]]
            secrets += [line for line in each.answer.splitlines() if line.startswith("a=ice-pwd")]
        for secret in secrets:
            assert secret not in got, f"Eve learned {secret!r}"

    async def say(self, *messages: dict[str, Any], join: bool = True) -> list[dict[str, Any]]:
        """All that a new WebSocket is answered until it leaves or is thrown out.

        ``join``: first into Eve's own room.
        """
        url = f"{self.server.url.rstrip('/')}/ws"
        async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
            answers: list[dict[str, Any]] = []
            if join:
                who = token(OWN, f"eve {len(self.seen_by_eve)}", roomAdmin=True)
                await socket.send_json({"type": "join", "room": OWN, "token": who})
                answers += [await socket.receive_json(timeout=10)]
                assert answers[0]["type"] == "joined", answers
            for message in (*messages, {"type": "leave"}):
                with contextlib.suppress(ConnectionError):
                    await socket.send_json(message)
            async with asyncio.timeout(10):
                answers += [json.loads(message.data) async for message in socket]
            self.seen_by_eve.append(json.dumps(answers))
            return answers[1:] if join else answers


@contextlib.asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    """The whole of it, and its end."""
    async with Server(SETTINGS) as server:
        made = Scene(server)
        try:
            await made.begin()
            yield made
        finally:
            await made.end()
