"""A real Prometheus beside a server with people in it: scrapes, rules, dashboards, series."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from loadtest.watch import sees, until

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus"


def dashboards() -> Any:
    spec = importlib.util.spec_from_file_location(
        "generate_dashboards", ROOT / "scripts" / "generate_dashboards.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return dict(json.load(answer))


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Starts a Prometheus that scrapes a server every second: its address."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus is not installed")
    with contextlib.ExitStack() as running:

        def start(target: str) -> str:
            with socket.create_server(("127.0.0.1", 0)) as spare:
                address = f"127.0.0.1:{spare.getsockname()[1]}"
            shutil.copy(RULES / "rules.yml", tmp_path)
            text = (RULES / "prometheus.yml").read_text()
            text = text.replace("15s", "1s").replace("127.0.0.1:8080", target)
            (tmp_path / "prometheus.yml").write_text(text)
            process = subprocess.Popen(
                [
                    program,
                    f"--config.file={tmp_path}/prometheus.yml",
                    f"--storage.tsdb.path={tmp_path}/data",
                    f"--web.listen-address={address}",
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            running.callback(process.wait, 10)
            running.callback(process.terminate)
            return f"http://{address}"

        yield start


async def test_every_query_of_dashboard_and_rules_is_answered_during_a_call(
    start_server, prometheus, new_client
) -> None:
    server = start_server()
    url = prometheus(server.url.removeprefix("http://"))
    room = server.create_room()
    ann = await new_client(server, room, 0)
    bob = await new_client(server, room, 1)
    await until(lambda: sees(ann, bob) and sees(bob, ann), 20, "both see each other")

    def samples(query: str) -> list[Any]:
        with contextlib.suppress(OSError):
            found = ask(f"{url}/api/v1/query?query={urllib.parse.quote(query)}")
            assert found["status"] == "success", query
            return list(found["data"]["result"])
        return []  # it has not started yet

    async def known(query: str) -> None:
        async with asyncio.timeout(40):
            while not await asyncio.to_thread(samples, query):  # noqa: ASYNC110
                await asyncio.sleep(0.5)

    await known('rate(parley_rtp_packets_total{direction="out",kind="video"}[30s]) > 0')
    scraped = {line.split("{")[0].split(" ")[0] for line in server.metrics_text().splitlines()}
    for query in dashboards().queries():
        for word in query.replace("(", " ").replace("{", " ").split():
            if word.startswith(("parley_", "process_")):
                # A counter by reason has no series before its first reason: the family is there.
                name = word.removesuffix("_total").removesuffix("_bucket")
                text = server.metrics_text()
                assert word in scraped or f"# TYPE {name}" in text, word
        await asyncio.to_thread(samples, query)
    assert await asyncio.to_thread(samples, "sum(parley_participants)")
    rules = (await asyncio.to_thread(ask, f"{url}/api/v1/rules"))["data"]["groups"][0]["rules"]
    assert len(rules) == 15
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}
    firing = [rule["name"] for rule in rules if rule.get("state") == "firing"]
    assert firing == []


def test_rules_are_checked_and_tested_with_figures() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    for arguments in (
        ["check", "rules", "rules.yml"],
        ["test", "rules", "rules_test.yml"],
        ["check", "config", "prometheus.yml"],
    ):
        outcome = subprocess.run(
            [promtool, *arguments], cwd=RULES, capture_output=True, text=True, check=False
        )
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_dashboard_is_as_its_script_writes_it() -> None:
    module = dashboards()
    assert json.loads(module.PATH.read_text()) == module.dashboard()


async def test_a_thousand_joins_make_no_more_series_than_ten(server) -> None:
    def series() -> set[str]:
        return {line.rpartition(" ")[0] for line in server.metrics_text().splitlines()}

    async def joins(count: int) -> None:
        for turn in range(count):
            async with http.ws_connect("/ws") as socket:
                room = rooms[turn % len(rooms)]
                await socket.send_str(json.dumps({"type": "join", "room": room, "name": "Ann"}))
                assert (await socket.receive_json(timeout=10))["type"] == "joined"
                await socket.send_str('{"type":"leave"}')
                while (await socket.receive_json(timeout=10))["type"] != "closed":
                    pass

    rooms = [server.create_room() for _ in range(50)]
    async with ClientSession(server.url) as http:
        await joins(10)
        before = series()
        await joins(990)
    assert server.metrics()["parley_joins_total"] == 1000
    assert series() == before
