"""The load test against a real server: its figures are plausible, its errors say what is wrong."""

from __future__ import annotations

import asyncio
import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from loadtest.watch import until


@dataclass
class Result:
    code: int
    output: str
    report: dict[str, Any] | None

    @property
    def figures(self) -> dict[str, float]:
        assert self.report is not None, self.output
        return self.report["figures"]


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Awaitable[Result]]:
    async def run(scenario: str, *options: str) -> Result:
        file = tmp_path / "report.json"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "loadtest", scenario, "--json", str(file), *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        report = json.loads(file.read_text()) if file.exists() else None
        # Lines are broken where the terminal ends.
        return Result(process.returncode, " ".join(output.decode().split()), report)

    return run


async def test_a_room_of_three_is_measured(server, load, tmp_path) -> None:
    page = tmp_path / "report.html"
    result = await load(
        *("room", "--size", "3", "--duration", "3", "--workers", "2", "--url", server.url),
        *("--html", str(page), "--fail-if", "loss>0", "--fail-if", "heard<100%"),
    )
    assert result.code == 0, result.output
    figures = result.figures
    assert figures["joins"] == 3
    assert figures["heard"] == 1.0
    # Three clients send 50 sounds and 30 pictures of 5 packets a second, each goes to two others.
    assert figures["packets_in"] == pytest.approx(600, rel=0.5)
    assert figures["packets_out"] == pytest.approx(1200, rel=0.5)
    assert figures["loss"] == figures["duplicates"] == figures["mixed_up"] == 0
    assert 0 < figures["latency_p50"] <= figures["latency_p99"] <= figures["latency_max"]
    assert 0 < figures["cpu_per_packet"] < 0.01
    assert len(result.report["seconds"]) >= 3
    assert "latency_p99" in result.output
    assert page.read_text().endswith("</html>\n")
    assert not server.rooms()["rooms"]


async def test_a_room_over_tcp_is_the_same(server, load) -> None:
    result = await load(
        *("room", "--size", "3", "--duration", "3", "--tcp", "--url", server.url),
        *("--fail-if", "loss>0", "--fail-if", "heard<100%"),
    )
    assert result.code == 0, result.output
    assert result.figures["packets_out"] == pytest.approx(1200, rel=0.5)
    assert result.figures["duplicates"] == result.figures["mixed_up"] == 0
    metrics = server.metrics()
    assert metrics['parley_datagrams_total{direction="in"}'] == 0
    assert metrics['parley_tcp_frames_total{direction="out"}'] > 600
    assert not [name for name in metrics if name.startswith('parley_drops_total{reason="tcp-')]


async def test_without_tcp_a_client_that_needs_it_is_told(start_server, load) -> None:
    server = start_server(tcp="off")
    result = await load("room", "--size", "1", "--tcp", "--url", server.url)
    assert result.code != 0
    assert "no media over TCP" in result.output


async def test_planted_loss_fails_the_condition(server, load) -> None:
    result = await load(
        *("room", "--size", "2", "--duration", "2", "--url", server.url, "--no-repair"),
        *("--network", "down-loss=20%", "--fail-if", "loss>5%", "--fail-if", "mixed_up>0"),
    )
    assert result.code == 1, result.output
    assert result.figures["loss"] == pytest.approx(0.2, abs=0.1)
    assert "Failed: loss>5%: it is" in result.output
    assert len(result.report["failed"]) == 1


async def test_lost_packets_are_asked_for_and_repaired(server, load) -> None:
    result = await load(
        *("room", "--size", "2", "--duration", "2", "--url", server.url),
        *("--network", "down-loss=10%", "--fail-if", "loss>2%"),
    )
    assert result.code == 0, result.output
    assert result.figures["repaired"] == pytest.approx(0.1, abs=0.07)


async def test_guests_come_and_go_and_leave_nothing_behind(server, load) -> None:
    result = await load(
        *("churn", "--size", "2", "--rate", "4", "--stay", "0.5", "--duration", "3"),
        *("--url", server.url, "--fail-if", "failed_joins>0", "--fail-if", "dropped>0"),
    )
    assert result.code == 0, result.output
    assert result.figures["joins"] > 4
    await until(lambda: not server.rooms()["rooms"], 15, "nobody is left")


async def test_watchers_of_simulcast_get_one_size_of_each_and_h264_goes_through(
    server, load, tmp_path
) -> None:
    result = await load(
        *("webinar", "--publishers", "2", "--size", "2", "--duration", "4", "--simulcast"),
        *("--bitrate", "800k", "--sample", "5", "--url", server.url, "--fail-if", "heard<100%"),
        *("--fail-if", "loss>1%", "--fail-if", "mixed_up>0", "--fail-if", "duplicates>0"),
    )
    assert result.code == 0, result.output
    # Two publishers, with 50 sounds and three pictures a thirtieth of a second each.
    assert result.figures["packets_in"] == pytest.approx(2 * (50 + 3 * 30), rel=0.5)
    # To three others each: one of the sizes and the sound.
    assert result.figures["packets_out"] < 3 * 2 * (50 + 1.5 * 30 * 2)
    h264 = await load(
        *("room", "--size", "2", "--duration", "2", "--codec", "h264", "--url", server.url),
        *("--fail-if", "heard<100%", "--fail-if", "left_out>30"),
    )
    assert h264.code == 0, h264.output


async def test_a_file_is_a_scenario_and_the_result_goes_to_the_build_server(
    server, load, tmp_path
) -> None:
    file, junit = tmp_path / "scenario.toml", tmp_path / "junit.xml"
    # So much is told from nothing by 100 packets, and no handshake has to fail by it.
    file.write_text(
        "duration = 2\nbitrate = 'none'\nrooms = 2\nfail_if = ['heard<100%']\n"
        "[[clients]]\n[[clients]]\nsends = false\nnetwork = 'down-loss=15%'\n"
    )
    result = await load(
        *("file", str(file), "--url", server.url, "--no-repair", "--junit", str(junit)),
        *("--fail-if", "loss>2%"),
    )
    assert result.code == 1, result.output
    assert result.figures["heard"] == 1.0
    suite = ElementTree.parse(junit).getroot()
    assert suite.get("failures") == "1"
    assert [case.get("name") for case in suite.findall("testcase[failure]")] == ["not loss>2%"]


async def test_the_limit_is_the_size_of_the_room(start_server, load) -> None:
    server = start_server(room_capacity=3)
    result = await load(
        *("room", "--size", "2", "--duration", "1", "--find-limit", "--url", server.url),
        *("--bitrate", "none", "--fail-if", "failed_joins>0", "--largest", "4"),
    )
    assert result.code == 0, result.output
    assert result.figures["limit"] == 3
    assert "room 4" not in result.output
    assert "size 4: bad (Could not join (room-full)" in result.output
    assert "The largest size that meets the conditions is 3." in result.output


async def test_joins_tell_how_long_they_take(server, load) -> None:
    result = await load(
        *("joins", "--rooms", "3", "--size", "3", "--duration", "1", "--url", server.url),
        *("--fail-if", "failed_joins>0", "--fail-if", "joins<9"),
    )
    assert result.code == 0, result.output
    assert result.figures["join_p95"] > 0


async def test_a_decoding_client_sees_the_picture_of_a_light_one(server, load, new_client) -> None:
    room = server.create_room()
    ann = await new_client(server, room, 0)
    running = asyncio.create_task(
        load("room", "--size", "1", "--duration", "3", "--room", room, "--url", server.url)
    )
    await until(lambda: any(seen.pictures > 10 for seen in ann.seen.values()), 15, "a picture")
    (seen,) = ann.seen.values()
    await until(lambda: seen.loudest > 0.01 and seen.colour is not None, 5, "sound and colour")
    red, green, blue = seen.colour
    assert blue > green > red
    assert (await running).code == 0


async def test_errors_say_what_is_wrong(start_server, load) -> None:
    nobody = await load("room", "--url", "http://127.0.0.1:1")
    assert nobody.code == 2
    assert "http://127.0.0.1:1 does not answer" in nobody.output
    server = start_server(room_capacity=2)
    full = await load("room", "--size", "3", "--url", server.url)
    assert full.code == 2
    assert "room-full" in full.output
    assert "SFU_ROOM_CAPACITY" in full.output
    wrong = await load("room", "--url", f"{server.url}/nowhere")
    assert wrong.code == 2
    assert "not as Parley" in wrong.output
    strange = await load("room", "--size", "2", "--token", "x" * 20, "--url", server.url)
    assert strange.code == 2
    assert "bad-token" in strange.output
    assert "--token" in strange.output
    assert nobody.report is full.report is wrong.report is None


async def test_a_server_that_dies_is_told_as_such(server, load) -> None:
    running = asyncio.create_task(
        load("room", "--size", "2", "--duration", "60", "--url", server.url)
    )
    await until(lambda: server.metrics().get("parley_participants") == 2, 15, "both are in")
    await asyncio.sleep(2)
    server.process.kill()
    result = await running
    assert result.code == 2
    assert "The server is gone" in result.output
