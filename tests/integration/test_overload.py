"""The states of load of a real server, as its operators and its clients see them."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from loadtest.client import JoinFailed
from loadtest.watch import until

SECONDS = 40.0


def ready(server) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=10) as answer:
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode().strip()


async def test_a_full_server_says_so_everywhere_and_recovers(start_server, new_client) -> None:
    # Only packets count, and one client sends more than enough: what else the machine does is
    # nothing to this test.
    server = start_server(overload="on", overload_packets=20, overload_lag=10, overload_cpu=64)
    level = lambda: server.metrics()["parley_load_state"]  # noqa: E731
    room = server.create_room()
    assert (level(), ready(server)) == (0, (200, "ready"))
    ann = await new_client(server, room, 0)
    await until(lambda: level() == 3, SECONDS, "full")
    assert ready(server) == (503, "full")
    assert server.rooms()["load"]["state"] == "full"
    assert server.rooms()["load"]["packets_per_second"] > 20
    assert [each["state"] for each in ann.messages if each["type"] == "load"] == [
        "busy",
        "strained",
        "full",
    ]
    with pytest.raises(JoinFailed, match="too much to do"):
        await new_client(server, room, 1)
    changes = server.metrics()
    assert changes['parley_load_changes_total{state="full"}'] == 1
    assert changes['parley_signaling_errors_total{code="server-busy"}'] == 1
    await ann._stop()
    await until(lambda: ready(server) == (200, "ready"), SECONDS, "somebody may come again")
    assert level() == 2
