"""Calls from networks that let little through: real browsers, in machines with firewalls."""

from __future__ import annotations

from networks import SECRET
from page import until

SMALL = "width=320&height=180&fps=15&join=auto"
NO_UDP = "meta l4proto udp iifname != lo drop"


async def a_call(server, chromium, executable, looks=(0, 1), **options):
    """Ann and Bob, each in a browser."""
    url = f"{server.url}/r/{server.create_room()}?{SMALL}"
    return [
        await chromium(f"{url}&name={name}", look=look, executable=executable, **options)
        for name, look in zip(("Ann", "Bob"), looks, strict=True)
    ]


async def picture_moves(page, seconds: float = 30) -> None:
    """The page decodes further frames."""

    async def plays(count: int) -> bool:
        return await page.decoded() >= count

    await until(lambda: plays(1), seconds, "there is a picture")
    count = await page.decoded()
    await until(lambda: plays(count + 30), seconds, "the picture moves")


async def test_where_no_udp_gets_through_a_call_goes_over_tcp(lab, chromium) -> None:
    client, host = lab.machine("client"), lab.machine("server")
    client.plug(host, ("10.77.1.1/24", "10.77.1.2/24"))
    host.firewall(NO_UDP)
    server = await lab.serve(host, client)
    pages = await a_call(server, chromium, lab.browser(client))
    for page in pages:
        await picture_moves(page)
        how = await lab.way(page)
        assert (how["protocol"], how["remoteProtocol"]) == ("tcp", "tcp")
        assert how["remote"] == "10.77.1.2"
    metrics = server.metrics()
    assert metrics["parley_tcp_connections"] >= 2
    assert metrics['parley_tcp_frames_total{direction="out"}'] > 100
    assert metrics['parley_datagrams_total{direction="in"}'] == 0


async def test_a_call_over_tcp_goes_on_when_its_connections_are_cut(lab, chromium) -> None:
    client, host = lab.machine("client"), lab.machine("server")
    client.plug(host, ("10.77.1.1/24", "10.77.1.2/24"))
    host.firewall(NO_UDP)
    server = await lab.serve(host, client)
    pages = await a_call(server, chromium, lab.browser(client))
    for page in pages:
        await picture_moves(page)
    host.firewall(f"{NO_UDP}\ntcp dport 8081 reject with tcp reset")

    async def all_are_cut() -> bool:
        return server.metrics()["parley_tcp_connections"] == 0

    await until(all_are_cut, 20, "every connection is cut")
    host.firewall(NO_UDP)
    for page in pages:
        await picture_moves(page)


async def test_where_only_a_turn_server_is_reached_a_call_goes_through_it(lab, chromium) -> None:
    client, relay, host = lab.machine("client"), lab.machine("turn"), lab.machine("server")
    client.plug(relay, ("10.77.1.1/24", "10.77.1.2/24"))
    relay.plug(host, ("10.77.2.1/24", "10.77.2.2/24"))
    await lab.turn_server(relay, "10.77.1.2", "10.77.2.1", "10.77.2.2")
    server = await lab.serve(
        host, client, turn_urls="turn:10.77.1.2:3478?transport=udp", turn_secret=SECRET
    )
    pages = await a_call(server, chromium, lab.browser(client))
    for page in pages:
        await picture_moves(page)
        how = await lab.way(page)
        assert (how["type"], how["relay"]) == ("relay", "udp")
    assert server.metrics()["parley_tcp_connections"] == 0


async def test_where_udp_is_blocked_too_the_turn_server_is_reached_over_tcp(lab, chromium) -> None:
    client, relay, host = lab.machine("client"), lab.machine("turn"), lab.machine("server")
    client.plug(relay, ("10.77.1.1/24", "10.77.1.2/24"))
    relay.plug(host, ("10.77.2.1/24", "10.77.2.2/24"))
    client.firewall(NO_UDP)
    await lab.turn_server(relay, "10.77.1.2", "10.77.2.1", "10.77.2.2")
    server = await lab.serve(
        host, client, turn_urls="turn:10.77.1.2:3478?transport=tcp", turn_secret=SECRET
    )
    pages = await a_call(server, chromium, lab.browser(client))
    for page in pages:
        await picture_moves(page)
        how = await lab.way(page)
        assert (how["type"], how["relay"]) == ("relay", "tcp")


async def test_a_network_that_has_only_ipv6_is_enough(lab, chromium) -> None:
    client, host = lab.machine("client"), lab.machine("server")
    client.plug(host, ("fd77::1/64", "fd77::2/64"))
    server = await lab.serve(host, client)
    pages = await a_call(server, chromium, lab.browser(client))
    for page in pages:
        await picture_moves(page)
        how = await lab.way(page)
        assert (how["remote"].strip("[]"), how["remoteProtocol"]) == ("fd77::2", "udp")


async def test_with_only_ipv6_and_no_udp_it_goes_over_tcp(lab, chromium) -> None:
    client, host = lab.machine("client"), lab.machine("server")
    client.plug(host, ("fd77::1/64", "fd77::2/64"))
    host.firewall(NO_UDP)
    server = await lab.serve(host, client)
    pages = await a_call(server, chromium, lab.browser(client))
    for page in pages:
        await picture_moves(page)
        how = await lab.way(page)
        assert (how["remote"].strip("[]"), how["remoteProtocol"]) == ("fd77::2", "tcp")
