"""Real browsers: one process per participant, each with a camera and microphone of its own."""

from __future__ import annotations

import array
import math
import shutil
import socket
import sys
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))  # for the modules beside this file

from chromium import Chromium
from failure import problems
from firefox import Firefox
from impaired import BadNetwork, write_busy_camera
from namespaces import missing
from networks import Lab
from pool import Pool
from writer import QUIET, Writer

MISSING = [
    (package, command)
    for package, command in (
        ("chromium", "chromium"),
        ("firefox-esr", "firefox-esr"),
        ("nodejs", "node"),
    )
    if shutil.which(command) is None
]

FAILED = pytest.StashKey[bool]()

# For asynchronous fixtures: all tests of this folder are of one loop, as browsers outlive them.
session_fixture = partial(pytest_asyncio.fixture, loop_scope="session")

# A colour (red, green, blue) and a tone (Hz) for each participant.
LOOKS = [
    ((210, 40, 40), 300),
    ((40, 60, 210), 400),
    ((40, 170, 50), 500),
    ((210, 200, 40), 600),
    ((170, 40, 170), 700),
    ((40, 180, 190), 800),
]


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of this folder's longest tests."""
    config.addinivalue_line("markers", "slow: takes half a minute or more")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder; say what is not run when a browser is missing."""
    names = " ".join(package for package, _ in MISSING)
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if item.get_closest_marker("asyncio"):
                # Browsers outlive a test, so what talks to them has to.
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            if MISSING:
                reason = f"not run, to install what is missing: sudo apt-get install {names}"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def looks(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    """Camera and microphone files, one pair per entry of ``LOOKS``."""
    folder = tmp_path_factory.mktemp("looks")
    pairs = []
    for index, (colour, tone) in enumerate(LOOKS):
        camera, microphone = folder / f"{index}.y4m", folder / f"{index}.wav"
        write_camera(camera, colour)
        write_microphone(microphone, tone)
        pairs.append((camera, microphone))
    return pairs


def write_camera(path: Path, colour: tuple[int, int, int]) -> None:
    """A second of video in one colour with a bar that moves through it."""
    width, height, frames = 320, 180, 15
    red, green, blue = colour
    luma = int(16 + 0.257 * red + 0.504 * green + 0.098 * blue)
    chroma = bytes([int(128 - 0.148 * red - 0.291 * green + 0.439 * blue)]) * (width * height // 4)
    chroma += bytes([int(128 + 0.439 * red - 0.368 * green - 0.071 * blue)]) * (width * height // 4)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{frames}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in range(frames):
            row = bytearray([luma] * width)
            row[frame * 20 : frame * 20 + 20] = bytes([225 if luma < 128 else 30] * 20)
            file.write(b"FRAME\n" + bytes(row) * height + chroma)


def write_microphone(path: Path, hertz: int) -> None:
    """Ten seconds of a tone."""
    samples = array.array(
        "h", (int(9000 * math.sin(2 * math.pi * hertz * n / 48000)) for n in range(480000))
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(samples.tobytes())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    """Remember whether a test has failed, for what comes after it."""
    report = yield
    item.stash[FAILED] = report.failed or item.stash.get(FAILED, False)
    return report


@session_fixture(scope="session")
async def pool() -> AsyncIterator[Pool]:
    """The Chromium processes of all tests."""
    made = Pool()
    yield made
    await made.close()


@session_fixture
async def chromium(
    looks: list[tuple[Path, Path]], pool: Pool, request: pytest.FixtureRequest
) -> AsyncIterator[Callable[..., Awaitable[Chromium]]]:
    """Starts Chromium: ``await chromium(url, look=0)``; every one is closed afterwards.

    Further options are those of ``Chromium``. What is on a console in the end, other than what the
    browser writes by itself, fails the test: take from ``problems`` what is meant to be there.
    """
    started: list[Chromium] = []

    async def start(url: str, look: int = 0, **options: Any) -> Chromium:
        camera, microphone = looks[look]
        defaults = {"camera": camera, "microphone": microphone, "pool": pool}
        browser = Chromium(**defaults | options)
        started.append(browser)
        await browser.open(url)
        return browser

    yield start
    for browser in started:
        await browser.stop(keep=not request.node.stash.get(FAILED, False))
    assert [line for browser in started for line in problems(browser)] == []


@pytest.fixture(scope="session")
def busy_cameras(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Camera files that cost bits, by their height in pixels."""
    folder = tmp_path_factory.mktemp("busy")
    cameras = {height: folder / f"{height}.y4m" for height in (360, 720)}
    for height, path in cameras.items():
        write_busy_camera(path, height * 16 // 9, height)
    return cameras


@dataclass
class ImpairedServer:
    """A server, and a bad network that a page may be led through with ``init=network.init``."""

    server: Any
    network: BadNetwork


@session_fixture
async def impaired(start_server: Callable[..., Any]) -> AsyncIterator[ImpairedServer]:
    """A server with a relay before its media port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
    server = start_server(udp_port=port)
    network = BadNetwork(port)
    await network.start()
    yield ImpairedServer(server, network)
    await network.stop()


@session_fixture
async def lab(tmp_path: Path, server_process: type[Any]) -> AsyncIterator[Lab]:
    """Machines with networks between them, made as root; skipped where that is not possible."""
    if lacking := missing():
        pytest.skip(lacking)
    made = Lab(tmp_path, server_process)
    yield made
    made.close()


@session_fixture
async def firefox() -> AsyncIterator[Callable[..., Awaitable[Firefox]]]:
    """Starts Firefox: ``await firefox(url)``; its camera is its own test picture."""
    started: list[Firefox] = []

    async def start(url: str) -> Firefox:
        browser = Firefox()
        started.append(browser)
        await browser.open(url)
        return browser

    yield start
    for browser in started:
        await browser.stop()


@session_fixture
async def people(
    server: Any, chromium: Callable[..., Awaitable[Chromium]]
) -> AsyncIterator[Callable[..., Awaitable[list[Writer]]]]:
    """Several people in one call: ``await people("Ann", "Bob")``; more may come to the same."""
    browser = None
    url = f"{server.url}/r/{server.create_room()}?{QUIET}"
    writers: list[Writer] = []

    async def come(*names: str, **context: Any) -> list[Writer]:
        nonlocal browser
        if browser is None:
            browser = await chromium("about:blank")
        new = []
        for name in names:
            options = {"viewport": {"width": 800, "height": 500}, "locale": "en-GB"} | context
            page = await (await browser.page.context.browser.new_context(**options)).new_page()
            writer = Writer(page)
            writers.append(writer)
            await writer.enter(url, name)
            new.append(writer)
        return new

    yield come
    for writer in writers:
        assert writer.problems == []
