"""Public keys are read again by themselves, and the last good ones stay."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from sfu.room.token_keys import MAX_KEY_SET_BYTES, TokenKeys
from sfu.server.key_set import KeySet, read

PRIVATE = ec.generate_private_key(ec.SECP256R1())


def key_set(*ids):
    public = ECAlgorithm.to_jwk(PRIVATE.public_key(), as_dict=True)
    return json.dumps({"keys": [{**public, "kid": id} for id in ids]})


def knows(keys, id):
    return keys.find("ES256", "", id) is not None


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "keys.json"
    path.write_text(key_set("a"))
    return path


async def test_a_file_is_read(file) -> None:
    keys = TokenKeys()
    await KeySet(str(file), keys).update()
    assert knows(keys, "a")
    assert not knows(keys, "b")


async def test_the_last_good_keys_stay_when_the_source_fails(file) -> None:
    keys = TokenKeys()
    source = KeySet(str(file), keys)
    await source.update()
    for spoil in (lambda: file.write_text("{}"), file.unlink):
        spoil()
        await source.update()
        assert knows(keys, "a")


async def test_a_token_with_an_unknown_key_makes_it_look_again(file) -> None:
    keys = TokenKeys()
    source = KeySet(str(file), keys, every=3600, at_most_every=0.0)
    await source.update()
    watching = asyncio.create_task(source.watch())
    file.write_text(key_set("b"))
    async with asyncio.timeout(30):
        while not knows(keys, "b"):  # noqa: ASYNC110 - nothing tells when a file was read
            await asyncio.sleep(0.01)
    watching.cancel()
    assert not knows(keys, "a")


async def test_unknown_keys_make_it_look_no_more_often_than_allowed(file) -> None:
    keys = TokenKeys()
    source = KeySet(str(file), keys, every=3600, at_most_every=3600)
    await source.update()
    watching = asyncio.create_task(source.watch())
    file.write_text(key_set("b"))
    for _ in range(50):
        assert not knows(keys, "b")
        await asyncio.sleep(0)
    watching.cancel()


async def test_it_looks_again_without_being_asked(file) -> None:
    keys = TokenKeys()
    source = KeySet(str(file), keys, every=0.01, at_most_every=0.01)
    watching = asyncio.create_task(source.watch())
    async with asyncio.timeout(30):
        while not keys._public:  # noqa: ASYNC110 - nothing tells when a file was read
            await asyncio.sleep(0.01)
    watching.cancel()


@pytest.mark.parametrize("status", [200, 302, 404])
async def test_a_web_address_is_read_unless_it_sends_us_elsewhere(status) -> None:
    async def answer(request):
        headers = {"Location": "/"} if status == 302 else {}
        return web.Response(text=key_set("a"), status=status, headers=headers)

    application = web.Application()
    application.router.add_get("/keys", answer)
    async with TestServer(application) as server:
        keys = TokenKeys()
        await KeySet(str(server.make_url("/keys")), keys).update()
    assert knows(keys, "a") is (status == 200)


async def test_an_endless_answer_is_read_to_the_limit() -> None:
    async def answer(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 65536)

    application = web.Application()
    application.router.add_get("/keys", answer)
    async with TestServer(application) as server:
        text = await read(str(server.make_url("/keys")))
    assert MAX_KEY_SET_BYTES < len(text) < 2 * MAX_KEY_SET_BYTES
