"""Chat and files of aiortc clients over real UDP."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from loadtest.watch import sees, until
from tests.integration.conftest import LOOKS
from tests.integration.data_client import DataClient

QUIET: dict[str, Any] = {"colour": None, "tone": None}


@pytest.fixture
async def new_member() -> AsyncIterator[Callable[..., Awaitable[DataClient]]]:
    """Makes a client whose chat is open."""
    clients: list[DataClient] = []

    async def make(server: Any, room: str, look: int = 0, **options: Any) -> DataClient:
        colour, tone = LOOKS[look]
        options = {"name": f"client {look}", "colour": colour, "tone": tone} | options
        client = DataClient(url=server.url, room=room, **options)
        clients.append(client)
        await client.join()
        await client.chat_open()
        return client

    yield make
    await asyncio.gather(*(client._stop() for client in clients), return_exceptions=True)


async def test_four_read_the_same_in_the_same_order(server, new_member) -> None:
    room = server.create_room()
    members = [await new_member(server, room, look, **QUIET) for look in range(4)]
    for turn in range(8):
        for member in members:
            member.write(f"{member.name}: {turn}")
    await until(lambda: all(len(each.said) == 32 for each in members), 10, "all is read")
    numbers = [[message["number"] for message in each.said] for each in members]
    assert numbers == [list(range(1, 33))] * 4
    assert len({tuple(each.texts) for each in members}) == 1
    assert [m["id"] for m in members[0].said if m["sender"] != members[0].you] == [""] * 24


async def test_a_late_joiner_reads_what_was_said_and_not_what_was_private(
    server, new_member
) -> None:
    room = server.create_room()
    ann = await new_member(server, room, 0, **QUIET)
    bob = await new_member(server, room, 1, **QUIET)
    ann.write("hello\nworld")
    ann.write("only for bob", to=bob.you)
    bob.write("<b>hi</b>")
    await until(lambda: len(bob.said) == 3 and len(ann.said) == 3, 5, "both read")
    eve = await new_member(server, room, 2, **QUIET)
    assert eve.texts == ["hello\nworld", "<b>hi</b>"]
    assert [message["name"] for message in eve.said] == ["client 0", "client 1"]
    assert all(abs(message["at"] - time.time()) < 60 for message in eve.said)
    ann.write("to nobody", to="p000000000000", id="lost")
    await until(lambda: ann.answers("refused"), 5, "refused")
    assert ann.answers("refused") == [
        {"type": "refused", "id": "lost", "code": "no-such-participant"}
        | {"message": ann.answers("refused")[0]["message"]}
    ]


async def test_who_comes_back_reads_on(server, new_member) -> None:
    room = server.create_room()
    ann = await new_member(server, room, 0, **QUIET)
    bob = await new_member(server, room, 1, **QUIET)
    bob.write("one")
    await until(lambda: ann.texts == ["one"], 5, "ann reads")
    await ann.leave()
    bob.write("two")
    again = await new_member(server, room, 0, **QUIET)
    await until(lambda: again.texts == ["one", "two"], 5, "ann reads all")
    again.write("three")
    await until(lambda: bob.texts == ["one", "two", "three"], 5, "bob reads ann")


async def test_a_file_of_five_megabytes_arrives_whole_while_media_flows(server, new_member) -> None:
    room = server.create_room()
    ann = await new_member(server, room, 0)
    bob = await new_member(server, room, 1)
    await until(lambda: sees(ann, bob) and sees(bob, ann), 10, "both see each other")
    content = random.Random(1).randbytes(5 * 1024 * 1024)
    number = await ann.accepted("../holiday.jpg", len(content))
    pictures = bob.seen[ann.you].pictures
    await ann.upload(number, content)
    await until(lambda: bool(bob.said), 60, "the file is announced")
    file = bob.said[0]["file"]
    assert (file["number"], file["name"], file["size"]) == (number, "holiday.jpg", len(content))
    bob.tell("files", type="fetch-file", number=number)
    bob.write("meanwhile")
    await until(lambda: "meanwhile" in ann.texts, 5, "chat goes on")
    await until(lambda: len(bob.contents.get(number, b"")) >= len(content), 90, "the file is there")
    assert hashlib.sha256(bob.contents[number]).digest() == hashlib.sha256(content).digest()
    assert bob.seen[ann.you].pictures > pictures + 10
    samples = server.metrics()
    assert samples["parley_files_total"] == 1
    assert samples['parley_file_bytes_total{direction="in"}'] == len(content)
    assert samples['parley_bugs_total{boundary="data"}'] == 0


async def test_an_upload_can_be_cancelled_and_a_private_file_is_private(server, new_member) -> None:
    room = server.create_room()
    ann = await new_member(server, room, 0, **QUIET)
    bob = await new_member(server, room, 1, **QUIET)
    eve = await new_member(server, room, 2, **QUIET)
    given_up = await ann.accepted("a", 100_000)
    await ann.upload(given_up, bytes(50_000))
    ann.tell("files", type="cancel-file", number=given_up)
    private = await ann.accepted("b", 50_000, to=bob.you)
    await ann.upload(private, bytes(50_000))
    await until(lambda: bool(bob.said), 10, "bob hears of it")
    for who in (bob, eve):
        for number in (given_up, private):
            who.tell("files", type="fetch-file", number=number)
    await until(lambda: len(eve.answers("file-gone")) == 2, 10, "eve gets nothing")
    await until(lambda: len(bob.contents.get(private, b"")) == 50_000, 10, "bob has it")
    assert [each["number"] for each in bob.answers("file-gone")] == [given_up]
    assert eve.said == []
    assert eve.contents == {}
