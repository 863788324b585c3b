"""Which addresses browsers are told when an operator gave names."""

import asyncio
import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from sfu.server.advertised import Advertised, resolve, usable


class Resolver:
    """Answers with what ``names`` says now; a name without an entry is unknown."""

    def __init__(self, **names):
        self.names = {name.replace("_", "."): found for name, found in names.items()}
        self.asked = 0

    async def __call__(self, name):
        self.asked += 1
        if name not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return self.names[name]


async def test_addresses_are_told_as_they_are_and_nobody_is_asked():
    resolver = Resolver()
    advertised = Advertised(["203.0.113.7", "2001:db8::7"], resolve=resolver)
    await advertised.update()
    assert advertised.addresses() == ("203.0.113.7", "2001:db8::7")
    assert advertised.names == ()
    assert resolver.asked == 0


async def test_a_name_is_told_as_its_addresses_in_the_place_it_was_given():
    resolver = Resolver(a_example=["2001:db8::1", "203.0.113.1"])
    advertised = Advertised(["203.0.113.9", "a.example", "203.0.113.1"], resolve=resolver)
    assert advertised.addresses() == ("203.0.113.9", "203.0.113.1")
    await advertised.update()
    assert advertised.addresses() == ("203.0.113.9", "203.0.113.1", "2001:db8::1")


async def test_a_name_that_moves_is_followed_and_one_that_fails_keeps_its_address():
    resolver = Resolver(a_example=["203.0.113.1"])
    advertised = Advertised(["a.example"], resolve=resolver)
    with capture_logs() as lines:
        await advertised.update()
        resolver.names = {"a.example": ["203.0.113.2"]}
        await advertised.update()
        assert advertised.addresses() == ("203.0.113.2",)
        resolver.names = {}
        await advertised.update()
        await advertised.update()
        assert advertised.addresses() == ("203.0.113.2",)
        resolver.names = {"a.example": ["203.0.113.3"]}
        await advertised.update()
        assert advertised.addresses() == ("203.0.113.3",)
    # Each change is one line, and so is the first of a row of failures.
    assert [line["event"] for line in lines] == [
        "name-resolved",
        "name-resolved",
        "name-not-resolved",
        "name-resolved",
    ]


async def test_a_resolver_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr("sfu.server.advertised._RESOLVE_TIMEOUT", 0.01)

    async def hang(_name):
        await asyncio.Event().wait()

    advertised = Advertised(["a.example", "203.0.113.7"], resolve=hang)
    await advertised.update()
    assert advertised.addresses() == ("203.0.113.7",)


async def test_names_are_looked_up_again_until_it_is_cancelled():
    resolver = Resolver(a_example=["203.0.113.1"])
    watching = asyncio.create_task(Advertised(["a.example"], resolve=resolver).watch(0.001))
    async with asyncio.timeout(10):
        while resolver.asked < 3:  # noqa: ASYNC110 - it counts, it has no event to wait for
            await asyncio.sleep(0.001)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


async def test_the_system_knows_this_machine():
    assert set(usable(await resolve("localhost"))) & {"127.0.0.1", "::1"}


@given(st.lists(st.ip_addresses().map(str), max_size=20), st.lists(st.text(max_size=9), max_size=3))
def test_any_answer_becomes_addresses_that_can_be_sent_to_in_one_order(addresses, garbage):
    found = usable([*addresses, "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.1", *garbage])
    assert found == usable([*garbage, *reversed(addresses)])
    assert len(set(found)) == len(found) <= 16
    for text in found:
        address = ipaddress.ip_address(text)
        assert not address.is_unspecified
        assert not address.is_multicast
