"""``python -m loadtest room``: fill a room of a running server and tell who saw whom."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

import aiohttp
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from loadtest.client import Client, JoinFailed
from loadtest.media import Colour
from loadtest.watch import sees

# Far apart, so that a mix-up is seen; a bigger room uses them again.
COLOURS: list[Colour] = [
    (200, 40, 40),
    (40, 40, 200),
    (40, 160, 40),
    (200, 200, 40),
    (160, 40, 160),
    (40, 170, 170),
    (220, 220, 220),
    (60, 60, 60),
]

console = Console()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    main = argparse.ArgumentParser(prog="python -m loadtest", description=__doc__)
    commands = main.add_subparsers(dest="command", required=True)
    room = commands.add_parser(
        "room",
        help="one room, everybody sends and receives",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    room.add_argument("--url", default="http://localhost:8080", help="the server")
    room.add_argument("--room", default="", help="a room id; a new room when empty")
    room.add_argument("--size", type=int, default=6, help="how many synthetic clients")
    room.add_argument("--duration", type=float, default=10.0, help="seconds to stay in the call")
    return main


async def create_room(url: str) -> str:
    """A new room of the server; raises ``JoinFailed`` when it does not answer."""
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{url.rstrip('/')}/api/rooms") as response,
        ):
            response.raise_for_status()
            return str((await response.json())["room"])
    except (aiohttp.ClientError, OSError) as error:
        raise JoinFailed("unreachable", f"{url} does not answer: {error}") from None


async def run_room(url: str, room: str, size: int, duration: float) -> int:
    """Join, stay, leave, report; 0 when everybody saw and heard everybody."""
    room = room or await create_room(url)
    clients = [
        Client(url, room, f"client {n}", COLOURS[n % len(COLOURS)], 400 + 50 * (n % 20))
        for n in range(size)
    ]
    try:
        with Progress(console=console, transient=True) as progress:
            joining = progress.add_task("joining", total=size)
            for client in clients:
                await client.join()
                progress.advance(joining)
            staying = progress.add_task("in the call", total=duration)
            end = time.monotonic() + duration
            while (left := end - time.monotonic()) > 0:
                await asyncio.sleep(min(0.2, left))
                progress.update(staying, completed=duration - left)
        return report(clients)
    finally:
        await asyncio.gather(*(client.leave() for client in clients), return_exceptions=True)


def report(clients: list[Client]) -> int:
    """Print what each client got; returns the exit code."""
    table = Table("client", "sees", "hears", "first picture", "pictures per second")
    complete = True
    for client in clients:
        others = [other for other in clients if other is not client]
        right = sum(sees(client, other) for other in others)
        heard = sum(seen.loudest > 0.01 for seen in client.seen.values())
        complete = complete and right == len(others)
        firsts = [
            seen.first_picture_at - client.joined_at
            for seen in client.seen.values()
            if seen.first_picture_at is not None
        ]
        pictures = sum(seen.pictures for seen in client.seen.values())
        stayed = time.monotonic() - client.joined_at
        table.add_row(
            client.name,
            f"{right} of {len(others)}",
            f"{heard} of {len(others)}",
            f"{min(firsts):.2f} s" if firsts else "never",
            f"{pictures / stayed:.1f}",
        )
    console.print(table)
    if not complete:
        console.print("[bold red]Somebody did not see or hear somebody.[/]")
    return 0 if complete else 1


def main() -> int:
    """Run the command line."""
    arguments = parser().parse_args()
    try:
        return asyncio.run(
            run_room(arguments.url, arguments.room, arguments.size, arguments.duration)
        )
    except JoinFailed as failed:
        console.print(f"[bold red]Could not join ({failed.code}):[/] {failed}")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
