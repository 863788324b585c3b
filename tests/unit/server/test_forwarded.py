"""Who is believed about whom a request is from."""

import ipaddress

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from sfu.server.forwarded import TrustedProxies, parsed

PROXIES = TrustedProxies(["10.0.0.0/8", "fd00::/64", "192.0.2.7"])


class Transport:
    """As much of one as says who is at the other end."""

    def __init__(self, peer):
        self.peer = peer

    def get_extra_info(self, name, default=None):
        return (self.peer, 1234) if name == "peername" else default


def seen(peer, *forwarded, proxies=PROXIES, **headers):
    fields = CIMultiDict({"Host": "inside:8080"})
    for value in forwarded:
        fields.add("X-Forwarded-For", value)
    for name, value in headers.items():
        fields.add(name.replace("_", "-"), value)
    request = make_mocked_request("GET", "/", headers=fields, transport=Transport(peer))
    return proxies.visit(request)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.1", (), "198.51.100.1"),
        # Nobody who is not trusted speaks for others.
        ("198.51.100.1", ("203.0.113.9",), "198.51.100.1"),
        ("10.1.2.3", ("203.0.113.9",), "203.0.113.9"),
        # What a client wrote itself is left of what the proxy added.
        ("10.1.2.3", ("1.1.1.1, 203.0.113.9",), "203.0.113.9"),
        ("10.1.2.3", ("1.1.1.1", "203.0.113.9"), "203.0.113.9"),
        ("10.1.2.3", ("10.9.9.9, 203.0.113.9",), "203.0.113.9"),
        # Two proxies, one behind the other.
        ("10.1.2.3", ("1.1.1.1, 203.0.113.9, 192.0.2.7",), "203.0.113.9"),
        ("fd00::1", ("2001:db8::9",), "2001:db8::9"),
        # All of them trusted: whoever is farthest away.
        ("10.1.2.3", ("10.4.4.4, 192.0.2.7",), "10.4.4.4"),
        # A port may be there; nonsense is nobody.
        ("10.1.2.3", ("203.0.113.9:5000",), "203.0.113.9"),
        ("10.1.2.3", ("[2001:db8::9]:5000",), "2001:db8::9"),
        ("10.1.2.3", ("203.0.113.9, unknown",), "10.1.2.3"),
        ("10.1.2.3", ("",), "10.1.2.3"),
        ("10.1.2.3", (), "10.1.2.3"),
        ("::ffff:10.1.2.3", ("203.0.113.9",), "203.0.113.9"),
        ("::ffff:203.0.113.9", (), "203.0.113.9"),
    ],
)
def test_the_right_most_address_that_is_no_proxy_is_the_clients(peer, forwarded, address):
    assert seen(peer, *forwarded).address == ipaddress.ip_address(address)


def test_host_and_scheme_are_believed_from_proxies_only():
    told = {"X_Forwarded_Host": "call.example.org", "X_Forwarded_Proto": "https"}
    visit = seen("10.1.2.3", "203.0.113.9", **told)
    assert (visit.scheme, visit.host) == ("https", "call.example.org")
    visit = seen("203.0.113.9", "10.1.2.3", **told)
    assert (visit.scheme, visit.host) == ("http", "inside:8080")
    visit = seen("10.1.2.3", X_Forwarded_Host="evil.example, call.example.org")
    assert visit.host == "call.example.org"


addresses = st.ip_addresses().map(str)


@given(st.lists(addresses | st.text("0123456789abcdef:.,[]% ", max_size=40), max_size=40))
def test_a_client_cannot_choose_whom_it_is_taken_for(lies):
    honest = "203.0.113.9"
    assert str(seen("10.1.2.3", *lies, honest).address) == honest
    assert str(seen(honest, *lies).address) == honest


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_none(text):
    assert parsed(text) is None or parsed(text).version in (4, 6)


def test_an_endless_chain_of_proxies_is_not_followed():
    chain = ", ".join(["203.0.113.9"] + ["10.0.0.1"] * 5000)
    assert str(seen("10.1.2.3", chain).address) == "10.0.0.1"
