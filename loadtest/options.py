"""The command line of the load test."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from loadtest import conditions, encoded, scenario_file
from loadtest.profiles import PROFILES, network
from loadtest.recording import Recording
from loadtest.report import FIGURES
from loadtest.scenario import NAMES, Job, Scenario, scenario
from loadtest.verdict import condition

T = TypeVar("T")

_SIZES = {"fanout": 10, "webinar": 20, "idle": 10, "joins": 10, "rooms": 3, "churn": 4}
_ROOMS = {"rooms": 10, "joins": 20, "churn": 1, "idle": 1}
_PUBLISHERS = {"webinar": 2, "joins": 0}
_COLOUR = (40, 110, 180)
_EXAMPLES = """\
examples:
  python -m loadtest room --size 8 --duration 20 --url http://localhost:8080
  python -m loadtest fanout --size 50 --html report.html --fail-if 'latency_p99>20ms'
  python -m loadtest webinar --publishers 3 --size 100 --simulcast --bitrate 1500k --sample 10
  python -m loadtest rooms --rooms 10 --size 3 --workers 2 --json report.json
  python -m loadtest churn --rooms 5 --rate 5 --stay 3 --junit result.xml
  python -m loadtest joins --rooms 20 --size 10 --join-rate 20 --fail-if 'failed_joins>0'
  python -m loadtest idle --size 100 --server-pid 1234
  python -m loadtest room --network 3g       (or 'loss=5% delay=80ms down-rate=400k blackout=2s')
  python -m loadtest fanout --find-limit --fail-if 'latency_p99>50ms' --fail-if 'loss>0.1%'
  python -m loadtest file all-hands.toml     (python -m loadtest file --help shows such a file)
"""


def parser() -> argparse.ArgumentParser:
    """All commands."""
    figures = "\n".join(f"  {name:24} {meaning}" for name, _, meaning in FIGURES)
    main = argparse.ArgumentParser(
        prog="python -m loadtest",
        description="Load a running server with synthetic clients, and measure what they get.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"{_EXAMPLES}\nSCENARIO --help lists the options.\n\n"
        f"figures for --fail-if:\n{figures}\n\n"
        "Exit code: 0; 1 when a --fail-if holds; 2 when the test could not be run, or the load "
        "test\nitself was the bottleneck of a --find-limit.",
    )
    commands = main.add_subparsers(dest="scenario", required=True, metavar="SCENARIO")
    common = _common_options()
    for name, text in NAMES.items():
        command = commands.add_parser(
            name,
            help=text,
            description=text,
            parents=[common],
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        add = command.add_argument
        add("--size", type=_count, default=_SIZES.get(name, 6), help="participants")
        if name in _ROOMS:
            add("--rooms", type=_count, default=_ROOMS[name], help="how many rooms")
        else:
            add("--room", default="", help="a room's id; empty: a new one")
        if name in _PUBLISHERS:
            add("--publishers", type=_whole, default=_PUBLISHERS[name], help="of a room who send")
        if name == "churn":
            add("--rate", type=_positive, default=1.0, help="guests per second")
            add("--stay", type=_positive, default=3.0, help="seconds of each")
        add(
            "--find-limit",
            action="store_true",
            help="make it larger and larger, to find the largest that meets the --fail-if",
        )
        add("--largest", type=_count, default=1000, help="where --find-limit ends")
    command = commands.add_parser(
        "file",
        help="what a TOML file says",
        parents=[common],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"An example of such a file:\n\n{scenario_file.EXAMPLE}",
    )
    command.add_argument("path", type=Path, metavar="FILE")
    return main


def _common_options() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    add = common.add_argument
    add("--url", default="http://localhost:8080", help="the server")
    add("--token", default="", help="what all clients join with, where the server asks for one")
    add("--duration", type=_positive, default=10.0, help="seconds to measure, once all are in")
    add("--workers", type=_count, default=1, help="processes; each fills one core at most")
    add("--join-rate", type=_positive, default=20.0, help="joins per second in the beginning")
    add("--bitrate", type=_told(conditions.rate), default="1200k", help="of a video, or none")
    add("--fps", type=_count, default=30, help="pictures per second")
    add("--codec", choices=("vp8", "h264"), default="vp8", help="of the video")
    add("--simulcast", action="store_true", help="three sizes of each video share its bits")
    add("--temporal", type=int, choices=(1, 2, 3), help="layers of VP8; simulcast has 3 else 1")
    add("--network", type=_told(network), help=f"{', '.join(PROFILES)}, or 'loss=5%% delay=80ms'")
    add("--tcp", action="store_true", help="media over TCP, as from networks without UDP")
    add("--no-repair", action="store_true", help="clients do not ask for what is missing")
    add(
        "--sample",
        type=_count,
        default=1,
        metavar="N",
        help="decrypt and time one packet in N; all are counted. 10 makes the load test cheaper",
    )
    add("--server-pid", type=int, help="measure this process instead of asking /metrics")
    add("--seed", type=int, default=0, help="losses and pauses follow from it")
    add("--json", type=Path, metavar="FILE", help="write everything that was measured")
    add("--html", type=Path, metavar="FILE", help="write a page with diagrams")
    add("--junit", type=Path, metavar="FILE", help="write each --fail-if as a test case")
    add(
        "--fail-if",
        type=_told(condition),
        action="append",
        default=[],
        metavar="CONDITION",
        help="such as 'latency_p99>20ms' or 'loss>0.1%%'; may be given several times",
    )
    return common


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The options, with ``plan``: the scenario of a file, or None. Ends the program if wrong."""
    main = parser()
    options = main.parse_args(words)
    plan = None
    if options.scenario == "file":
        try:
            plan, more = scenario_file.read(options.path)
        except ValueError as error:
            main.error(str(error))
        options = main.parse_args(["file", *more, *words[1:]])
    options.plan = plan
    return options


def planned(options: argparse.Namespace) -> Scenario:
    """The scenario that ``options`` tell."""
    if options.plan is not None:
        assert isinstance(options.plan, Scenario)
        return options.plan
    return scenario(
        options.scenario,
        size=options.size,
        rooms=getattr(options, "rooms", 1),
        publishers=getattr(options, "publishers", 0),
        guests_per_second=getattr(options, "rate", 0.0),
        stay=getattr(options, "stay", 0.0),
    )


def job(options: argparse.Namespace, plan: Scenario, rooms: tuple[str, ...]) -> Job:
    """What is to be done in ``rooms``."""
    return Job(
        url=options.url,
        rooms=rooms,
        scenario=plan,
        sends=recordings(options),
        joins_per_second=options.join_rate,
        network=options.network,
        repairs=not options.no_repair,
        sample=options.sample,
        tcp=options.tcp,
        token=options.token,
        seed=options.seed,
    )


def recordings(options: argparse.Namespace) -> dict[str, tuple[Recording, ...]]:
    """What is sent, encoded once for all clients of all processes."""
    sends: dict[str, tuple[Recording, ...]] = {"audio": (encoded.audio(),)}
    if options.bitrate is None:
        return sends
    bitrate, layers = int(options.bitrate), 1
    if options.codec == "vp8":
        layers = options.temporal or (3 if options.simulcast else 1)
    told = {"bitrate": bitrate, "fps": options.fps, "temporal": layers}
    if options.simulcast:
        sends["video"] = encoded.simulcast(_COLOUR, codec=options.codec, **told)
    else:
        sends["video"] = (encoded.video(_COLOUR, codec=options.codec, **told),)
    return sends


def plain(options: argparse.Namespace) -> dict[str, Any]:
    """The options as JSON has them; a token is nobody else's business."""
    values = {**vars(options), "fail_if": [each.text for each in options.fail_if]}
    del values["plan"]
    if values["token"]:
        values["token"] = "given"
    return {
        name: value if isinstance(value, int | float | list) or value is None else str(value)
        for name, value in values.items()
    }


def _told(convert: Callable[[str], T]) -> Callable[[str], T]:
    """``convert``, with its own words about what is wrong."""

    def converted(text: str) -> T:
        try:
            return convert(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return converted


@_told
def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise ValueError(f"{text} is not from 1 to 10000")
    return int(text)


@_told
def _whole(text: str) -> int:
    return 0 if text == "0" else _count(text)


@_told
def _positive(text: str) -> float:
    if not 0 < float(text) < 1e6:
        raise ValueError(f"{text} is not above 0")
    return float(text)
