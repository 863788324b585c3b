"""What ``sfu doctor`` finds out about the keys of others, and about the clock."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from email.utils import formatdate

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec.structs import replace

from sfu.config import Settings
from sfu.server.finding import State
from sfu.server.token_checks import token_findings
from tests.unit.server.test_key_set import key_set

NOW = 1_800_000_000.0
TOKENS = Settings(auth="token", jwks="unset")


def found(source, now=NOW):
    findings = list(token_findings(replace(TOKENS, jwks=str(source)), clock=lambda: now))
    assert all(bool(each.fix) == (each.state is not State.OK) for each in findings)
    return {each.check: each for each in findings}


@contextlib.contextmanager
def site(text, date=NOW, status=200):
    """Answers with that in another thread, as the check has an event loop of its own."""

    async def answer(_request):
        headers = {"Date": formatdate(date, usegmt=True)}
        return web.Response(text=text, status=status, headers=headers)

    application = web.Application()
    application.router.add_get("/keys", answer)
    loop, server = asyncio.new_event_loop(), TestServer(application)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start_server(), loop).result(10)
        yield server.make_url("/keys")
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def test_without_keys_of_others_there_is_nothing_to_say():
    assert list(token_findings(Settings())) == []
    assert list(token_findings(Settings(auth="token", api_keys=("id:" + "s" * 32,)))) == []


def test_good_keys_are_counted(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(key_set("a", "b"))
    assert list(found(file)) == ["jwks"]
    assert found(file)["jwks"].state is State.OK
    assert "2 keys" in found(file)["jwks"].text
    with site(key_set("a")) as url:
        findings = found(url)
    assert [each.state for each in findings.values()] == [State.OK, State.OK]
    assert "1 key " in findings["jwks"].text


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"keys": [{"kty": "oct", "k": "x"}]})])
def test_what_is_no_set_of_public_keys_is_a_problem(tmp_path, text):
    file = tmp_path / "keys.json"
    file.write_text(text)
    assert found(file)["jwks"].state is State.PROBLEM
    assert "of no use" in found(file)["jwks"].text


def test_a_source_that_is_not_there_is_a_problem_with_its_reason(tmp_path):
    assert "No such file" in found(tmp_path / "nothing")["jwks"].text
    with site("gone", status=404) as url:
        assert "404" in found(url)["jwks"].text
    assert found(url)["jwks"].state is State.PROBLEM


@pytest.mark.parametrize(
    ("off", "state", "words"),
    [
        (0, State.OK, "fits"),
        (11, State.OK, "fits"),
        (60, State.WARNING, "58 s ahead of"),
        (-60, State.WARNING, "58 s behind"),
    ],
)
def test_a_clock_that_is_off_is_told(off, state, words):
    with site(key_set("a")) as url:
        finding = found(url, NOW + off)["clock"]
    assert finding.state is state
    assert words in finding.text
