"""What one address may take, and what is kept about all of them."""

import ipaddress
import json

import pytest
from aiohttp import WSMsgType
from hypothesis import given
from hypothesis import strategies as st

from sfu.server import address_limits, websocket
from sfu.server.address_limits import AddressLimits, visitor_key

ANN, BOB = ipaddress.ip_address("203.0.113.1"), ipaddress.ip_address("203.0.113.2")


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_an_address_has_so_many_sockets_at_once_and_others_have_theirs(clock):
    limits = AddressLimits(2, 10, clock)
    first, second = limits.open(ANN), limits.open(ANN)
    assert first is second is not None
    assert limits.open(ANN) is None
    assert limits.open(BOB) is not None
    limits.close(first)
    assert limits.open(ANN) is first
    assert limits.open(ANN) is None


def test_joins_come_back_with_time_whether_sockets_are_open_or_not(clock):
    limits = AddressLimits(5, 6, clock)
    visitor = limits.open(ANN)
    assert [limits.may_join(visitor) for _ in range(7)] == [True] * 6 + [False]
    limits.close(visitor)
    again = limits.open(ANN)
    assert not limits.may_join(again)
    clock.now += 10.0
    assert [limits.may_join(again) for _ in range(2)] == [True, False]
    clock.now += 3600.0
    assert [limits.may_join(again) for _ in range(7)] == [True] * 6 + [False]


def test_limits_can_change_while_somebody_is_there(clock):
    limits = AddressLimits(1, 1, clock)
    limits.open(ANN)
    limits.change(2, 3)
    assert limits.open(ANN) is not None
    assert limits.open(ANN) is None
    visitor = limits.open(BOB)
    assert [limits.may_join(visitor) for _ in range(4)] == [True] * 3 + [False]


def test_whoever_has_an_ipv6_network_is_one():
    one, two = "2001:db8:1:2::1", "2001:db8:1:2:ffff::9"
    assert visitor_key(ipaddress.ip_address(one)) == visitor_key(ipaddress.ip_address(two))
    assert visitor_key(ipaddress.ip_address("2001:db8:1:3::1")) != visitor_key(
        ipaddress.ip_address(one)
    )


@pytest.mark.parametrize("local", ["127.0.0.1", "127.9.9.9", "::1", None])
def test_this_machine_is_not_limited(clock, local):
    limits = AddressLimits(1, 1, clock)
    address = ipaddress.ip_address(local) if local else None
    visitors = [limits.open(address) for _ in range(10)]
    assert None not in visitors
    assert all(limits.may_join(visitor) for visitor in visitors)


def test_what_is_remembered_of_those_who_left_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(address_limits, "MAX_IDLE", 3)
    limits = AddressLimits(5, 2, clock)
    stays = limits.open(BOB)
    for number in range(100):
        limits.close(limits.open(ANN + 10 + number))
        assert len(limits) <= 4
    limits.close(stays)
    assert len(limits) == 3


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=60))
def test_the_count_of_each_address_is_that_of_its_open_sockets(steps):
    limits, open = AddressLimits(3, 10, lambda: 0.0), {n: [] for n in range(4)}
    for opens, number in steps:
        mine = open[number]
        if opens:
            visitor = limits.open(ANN + number)
            assert (visitor is None) == (len(mine) == 3)
            mine += [visitor] if visitor else []
        elif mine:
            limits.close(mine.pop())
    assert all(mine[0].open == len(mine) for mine in open.values() if mine)


# --- at the door ---

FROM_ANN = {"X-Forwarded-For": str(ANN)}
FROM_BOB = {"X-Forwarded-For": str(BOB)}
PROXY = {"trusted_proxies": ("127.0.0.0/8", "::1")}


async def test_a_socket_too_many_is_told_why_and_closed(start_site):
    site = await start_site(max_websockets_per_address=2, **PROXY)
    connect = site.client.ws_connect
    async with connect("/ws", headers=FROM_ANN), connect("/ws", headers=FROM_ANN) as second:
        async with connect("/ws", headers=FROM_ANN) as third:
            closed = json.loads(await third.receive_str())
            assert (closed["type"], closed["code"]) == ("closed", "too-many-from-address")
            assert (await third.receive()).type is WSMsgType.CLOSE
            assert third.close_code == 1013
        assert len(site.sockets) == 2
        async with connect("/ws", headers=FROM_BOB) as other:
            await other.send_str("hello")
            assert await other.receive_str() == "heard hello"
        await second.send_str("hello")
        assert await second.receive_str() == "heard hello"
    assert site.counters.signaling_errors["too-many-from-address"] == 1
    async with connect("/ws", headers=FROM_ANN) as again:
        await again.send_str("hello")
        assert await again.receive_str() == "heard hello"


async def test_a_crowd_that_is_turned_away_gets_only_a_status(start_site, monkeypatch):
    monkeypatch.setattr(websocket, "_MAX_TURNED_AWAY", 0)
    site = await start_site(max_websockets_per_address=1, **PROXY)
    async with site.client.ws_connect("/ws", headers=FROM_ANN):
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        headers = FROM_ANN | upgrade | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        answer = await site.client.get("/ws", headers=headers)
        assert answer.status == 429
        assert (await answer.json())["error"]["code"] == "too-many-from-address"
    assert site.counters.signaling_errors["too-many-from-address"] == 1


async def test_a_client_cannot_name_another_address(start_site):
    site = await start_site(max_websockets_per_address=1)
    # Nobody is trusted, and this machine is not limited: both are let in, as who they are.
    async with (
        site.client.ws_connect("/ws", headers=FROM_ANN) as first,
        site.client.ws_connect("/ws", headers=FROM_ANN) as second,
    ):
        for client in (first, second):
            await client.send_str("hello")
            assert await client.receive_str() == "heard hello"


async def test_joins_are_counted_together_for_all_sockets_of_an_address(start_site):
    site = await start_site(joins_per_minute=2, **PROXY)
    connect = site.client.ws_connect
    async with (
        connect("/ws", headers=FROM_ANN) as first,
        connect("/ws", headers=FROM_ANN) as second,
        connect("/ws", headers=FROM_BOB) as other,
    ):
        for client in (first, second, other):
            await client.send_str("hello")
            await client.receive_str()
        ann, again, bob = site.sessions
        assert [each.may_join() for each in (ann, again, ann, bob)] == [True, True, False, True]
