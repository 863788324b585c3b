import asyncio
import base64
import contextlib
import json
from collections import defaultdict

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks.webhooks import Webhook

from sfu.counters import Counters
from sfu.server import webhooks as module
from sfu.server.events import EventLog
from sfu.server.webhooks import Webhooks, signing_key

KEY = b"0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Receiver:
    """Another server; ``refuse`` says with which status it answers an event, if not with 204."""

    def __init__(self) -> None:
        self.received = []
        self.refuse = lambda event: 0
        self.news = asyncio.Event()

    async def take(self, request):
        body = await request.read()
        event = Webhook(SECRET).verify(body, dict(request.headers))
        assert request.headers["webhook-id"] == event["data"]["id"]
        self.received.append(event)
        self.news.set()
        return web.Response(status=self.refuse(event) or 204)

    async def has(self, count):
        async with asyncio.timeout(10):
            while len(self.received) < count:
                self.news.clear()
                await self.news.wait()

    def numbers(self):
        """The numbers of the events in the order in which they came, by room."""
        found = defaultdict(list)
        for event in self.received:
            found[event["data"]["room"]].append(event["data"]["number"])
        return dict(found)


@contextlib.asynccontextmanager
async def listening(receiver):
    application = web.Application()
    application.router.add_post("/hook", receiver.take)
    async with TestServer(application) as server:
        yield str(server.make_url("/hook"))


@contextlib.asynccontextmanager
async def sending(*urls, retry_seconds=(0.0,) * 3):
    log, counters = EventLog(), Counters()
    sender = Webhooks(urls, SECRET, counters, retry_seconds=retry_seconds)
    log.listeners.append(sender.take)
    sender.start()
    try:
        yield log, counters
    finally:
        await sender.stop()


async def test_events_arrive_signed_as_the_standard_says_and_in_order():
    receiver = Receiver()
    async with listening(receiver) as url, sending(url) as (log, counters):
        for turn in range(5):
            log.take("participant-joined", {"room": "a", "participant": f"p{turn}"})
            log.take("participant-joined", {"room": "b", "participant": f"q{turn}"})
        await receiver.has(10)
    assert receiver.numbers() == {"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5]}
    first = receiver.received[0]
    assert first["type"] == "participant-joined"
    assert first["timestamp"] == first["data"]["time"]
    assert counters.webhooks == {"delivered": 10}


async def test_what_is_refused_comes_again_before_later_events_of_its_room():
    receiver = Receiver()
    refused = iter([500, 302, 429])
    receiver.refuse = lambda event: next(refused, 0) if event["data"]["room"] == "a" else 0
    async with listening(receiver) as url, sending(url) as (log, counters):
        log.take("room-opened", {"room": "a"})
        log.take("room-closed", {"room": "a"})
        log.take("room-opened", {"room": "b"})
        await receiver.has(6)
    assert receiver.numbers() == {"a": [1, 1, 1, 1, 2], "b": [1]}
    assert len({event["data"]["id"] for event in receiver.received}) == 3
    assert counters.webhooks == {"delivered": 3, "retried": 3}


async def test_rooms_whose_events_are_refused_delay_no_others(monkeypatch):
    monkeypatch.setattr(module, "_LAST_WORDS_SECONDS", 0.01)
    receiver = Receiver()
    receiver.refuse = lambda event: 0 if event["data"]["room"] == "good" else 500
    async with listening(receiver) as url, sending(url, retry_seconds=(600.0,)) as (log, _):
        for number in range(20):
            log.take("room-opened", {"room": f"bad{number}"})
        await receiver.has(20)
        log.take("room-opened", {"room": "good"})
        await receiver.has(21)
    assert receiver.numbers()["good"] == [1]


async def test_what_nobody_takes_is_given_up_and_the_next_one_tried():
    receiver = Receiver()
    receiver.refuse = lambda event: 500 if event["data"]["number"] == 1 else 0
    async with listening(receiver) as url, sending(url) as (log, counters):
        log.take("room-opened", {"room": "a"})
        log.take("room-closed", {"room": "a"})
        await receiver.has(5)
    assert receiver.numbers() == {"a": [1, 1, 1, 1, 2]}
    assert counters.webhooks == {"delivered": 1, "given-up": 1, "retried": 3}


async def test_one_receiver_that_is_down_does_not_keep_the_other_waiting(unused_tcp_port):
    receiver = Receiver()
    down = f"http://127.0.0.1:{unused_tcp_port}/"
    async with listening(receiver) as url, sending(down, url) as (log, counters):
        log.take("room-opened", {"room": "a"})
        await receiver.has(1)
        async with asyncio.timeout(10):
            while not counters.webhooks["given-up"]:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    assert counters.webhooks == {"delivered": 1, "given-up": 1, "retried": 3}


async def test_what_waits_is_bounded_and_the_oldest_is_lost(monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    receiver = Receiver()
    async with listening(receiver) as url, sending(url) as (log, counters):
        for _ in range(5):
            log.take("room-opened", {"room": "a"})
        await receiver.has(3)
    assert receiver.numbers() == {"a": [3, 4, 5]}
    assert counters.webhooks == {"delivered": 3, "dropped": 2}


async def test_the_last_events_still_go_out_when_the_server_stops():
    receiver = Receiver()
    async with listening(receiver) as url:
        async with sending(url) as (log, _):
            log.take("room-closed", {"room": "a"})
        assert receiver.numbers() == {"a": [1]}


async def test_without_receivers_nothing_is_sent():
    async with sending() as (log, counters):
        log.take("room-opened", {"room": "a"})
    assert counters.webhooks == {}


@pytest.mark.parametrize("secret", [SECRET, KEY.decode()])
def test_a_secret_is_text_or_base64_after_its_prefix(secret):
    assert signing_key(secret) == KEY


async def test_bodies_are_json_with_the_whole_event():
    log = EventLog(wall_clock=lambda: 1795257600.25)
    log.take("participant-left", {"room": "a", "participant": "p", "reason": "left"})
    (event,) = log.after(0)
    body, headers = module.signed(event, KEY, 1795257601.9)
    told = json.loads(body)
    assert told["timestamp"] == "2026-11-21T10:40:00.250Z"
    assert told["data"]["reason"] == "left"
    assert headers["webhook-timestamp"] == "1795257601"
