"""What ``sfu doctor`` says in networks in which something is wrong, with firewalls and a coturn."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest
from conftest import session_fixture
from networks import SECRET


async def doctor(machine, **settings) -> list[dict[str, str]]:
    """What it finds there, beside a server or without one."""
    settings = {"http_port": 8080, "udp_port": 8081} | settings
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
    command = [*machine.prefix, sys.executable, "-m", "sfu", "doctor", "--json", *flags]
    outcome = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=60, check=False
    )
    return list(json.loads(outcome.stdout)["findings"])


def of(check: str, findings, state: str = "") -> list[str]:
    """The texts of one check, with what to change."""
    return [
        f"{each['text']} {each['fix']}"
        for each in findings
        if each["check"] == check and state in ("", each["state"])
    ]


@pytest.fixture
def host(lab):
    """A machine with an address of a network."""
    client, machine = lab.machine("client"), lab.machine("server")
    client.plug(machine, ("10.77.1.1/24", "10.77.1.2/24"))
    return machine


@session_fixture(params=["beside a server", "without one"])
async def examined(lab, host, request):
    """Runs doctor on ``host``, with the same settings as the server there, if there is one."""

    async def examine(**settings):
        if request.param == "beside a server":
            await lab.serve(host, http_port=8080, **settings)
        return await doctor(host, **settings)

    return examine


async def test_where_all_is_well_datagrams_and_connections_arrive(examined) -> None:
    findings = await examined()
    assert "10.77.1.2" in of("reach", findings, "ok")[0]
    assert "10.77.1.2" in of("reach-tcp", findings, "ok")[0]
    assert of("tcp-port", findings, "ok")
    assert not [each for each in findings if each["state"] == "problem"]


async def test_a_firewall_before_the_udp_port_is_named(host, examined) -> None:
    host.firewall("ip daddr 10.77.1.2 udp dport 8081 drop")
    (found,) = of("reach", await examined(), "problem")
    assert "10.77.1.2" in found
    assert "Let the firewall pass UDP port 8081" in found


async def test_a_firewall_before_the_tcp_port_is_named(host, examined) -> None:
    host.firewall("ip daddr 10.77.1.2 tcp dport 8081 drop")
    findings = await examined()
    (found,) = of("reach-tcp", findings, "warning")
    assert "10.77.1.2" in found
    assert "Let the firewall pass TCP port 8081, or set tcp to off" in found
    assert not of("reach", findings, "problem")


async def test_an_advertised_address_that_leads_elsewhere_is_named(examined) -> None:
    findings = await examined(advertised_addresses="10.77.1.99")
    (found,) = of("addresses", findings, "warning")
    assert "10.77.1.99 is private and not an address of this machine" in found
    assert "Set advertised_addresses" in found
    assert "10.77.1.99, UDP port 8081, does not come back" in of("reach", findings, "warning")[0]
    assert "10.77.1.99, TCP port 8081, does not" in of("reach-tcp", findings, "warning")[0]


async def test_a_tcp_port_of_another_program_is_named(lab, host) -> None:
    other = "import socket; s = socket.create_server(('', 8081)); print(1, flush=True); s.accept()"
    program = lab.start(host, sys.executable, "-c", other)
    await asyncio.to_thread(program.stdout.readline)
    (found,) = of("tcp-port", await doctor(host), "problem")
    assert "TCP port 8081 is in use" in found
    assert "udp_port" in found
    assert "tcp to off" in found


@pytest.fixture
def relay(lab, host):
    """A machine between nobody and ``host``, ready for a TURN server."""
    machine = lab.machine("turn")
    machine.plug(host, ("10.77.2.1/24", "10.77.2.2/24"))
    return machine


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_turn_server_that_works_is_called_so(lab, host, relay, examined, transport) -> None:
    await lab.turn_server(relay, "10.77.2.1", "10.77.2.1", "10.77.2.2")
    findings = await examined(
        turn_urls=f"turn:10.77.2.1:3478?transport={transport}", turn_secret=SECRET
    )
    (found,) = of("turn", findings, "ok")
    assert "takes the secret, and relays to 10.77.2.2" in found


async def test_a_wrong_secret_is_named(lab, host, relay) -> None:
    await lab.turn_server(relay, "10.77.2.1", "10.77.2.1", "10.77.2.2")
    wrong = "not the secret of the TURN server"
    findings = await doctor(host, turn_urls="turn:10.77.2.1:3478", turn_secret=wrong)
    (found,) = of("turn", findings, "problem")
    assert "does not take what turn_secret makes" in found
    assert "Set turn_secret to the secret of the TURN server" in found
    assert wrong not in json.dumps(findings)


async def test_a_turn_server_that_may_not_relay_to_us_is_named(lab, host, relay) -> None:
    await lab.turn_server(relay, "10.77.2.1", "10.77.2.1", "10.77.2.3")
    findings = await doctor(host, turn_urls="turn:10.77.2.1:3478", turn_secret=SECRET)
    (found,) = of("turn", findings, "problem")
    assert "may not relay to" in found
    assert "10.77.2.2" in found
    assert "allowed-peer-ip" in found


async def test_a_turn_server_whose_packets_do_not_arrive_is_named(lab, host, relay) -> None:
    await lab.turn_server(relay, "10.77.2.1", "10.77.2.1", "10.77.2.2")
    host.firewall("ip saddr 10.77.2.1 udp dport 8081 drop")
    findings = await doctor(host, turn_urls="turn:10.77.2.1:3478", turn_secret=SECRET)
    (found,) = of("turn", findings, "problem")
    assert "does not arrive" in found


async def test_a_turn_server_that_is_not_there_is_named(host, relay) -> None:
    for transport in ("udp", "tcp"):
        urls = f"turn:10.77.2.1:3478?transport={transport}"
        (found,) = of("turn", await doctor(host, turn_urls=urls, turn_secret=SECRET), "problem")
        assert f"{urls} does not answer" in found
        assert "Start the TURN server" in found
