"""The command ``sfu`` and what each of its words does; every mistake gets a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from sfu import __version__
from sfu.config import SCHEMA, Settings, disagreements, misspelt
from sfu.errors import InvalidSettings
from sfu.server import completion, doctor, logs, rooms_command, token_command
from sfu.server.app import Server, serve
from sfu.server.own_certificate import write_certificate
from sfu.server.settings import Reload, read, read_file
from sfu.server.state import with_room_secret
from sfu.server.udp import interface_addresses
from sfu.server.usage import HELP, USAGE
from sfu.server.web_address import link
from sfu.settings_file import commented_defaults

COMMANDS: completion.Commands = {
    "serve": ("run the server", (), ()),
    "dev": ("run it to try it out, with HTTPS for other devices", (), ("--tls",)),
    "config": ("print every setting as a file, or check a file", ("check",), ()),
    "doctor": ("say whether this machine and the settings fit", (), ("--json",)),
    "rooms": ("list the rooms of a running server", (), rooms_command.FLAGS),
    "token": ("make a token that lets somebody into a room", ("create",), token_command.FLAGS),
    "completion": ("print what makes a shell complete these", completion.SHELLS, ()),
}
_WITH_SETTINGS = ("serve", "dev", "doctor", "rooms", "token")

# What shells expect of a command that was called wrongly.
_WRONG_USE = 2
# EX_SOFTWARE of sysexits.h: a service manager may start it anew.
_BUG = 70


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with ``arguments`` (those of the process by default): the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        return _run(list(arguments), os.environ)
    except InvalidSettings as error:
        sys.stderr.write(f"sfu: {error}\n")
        return _WRONG_USE
    except KeyboardInterrupt:
        # The second Ctrl+C, or one before the server was ready: nobody waits for more.
        return 130
    except BrokenPipeError:
        # Whoever reads the output has enough of it (``sfu config | head``); Python's own flush at
        # the end would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        # A server's log has the traceback; here it would only hide what little can be done.
        sys.stderr.write(f"sfu: this is a mistake in Parley: {_whereabouts(error)}\n")
        return _BUG


def _run(arguments: list[str], environ: Mapping[str, str]) -> int:
    match arguments:
        case ["--version"]:
            return _say(f"sfu {__version__}\n")
        case ["--help" | "-h" | "help"]:
            return _say(USAGE)
        case [command, *rest] if command in HELP and ("--help" in rest or "-h" in rest):
            return _say(HELP[command])
        case ["serve", *rest]:
            return _serve(rest, environ, _announce)
        case ["dev", *rest]:
            return _dev(rest, environ)
        case ["config"]:
            return _say(commented_defaults(SCHEMA))
        case ["config", "check", name]:
            return _check(name)
        case ["doctor", *rest]:
            return _doctor(rest, environ)
        case ["completion", shell] if shell in completion.SHELLS:
            return _say(completion.script(shell, COMMANDS, _WITH_SETTINGS))
        case ["rooms", *rest]:
            return _rooms(rest, environ)
        case ["token", "create", *rest]:
            return _token(rest, environ)
        case [("config" | "completion" | "token") as command, *_]:
            sys.stderr.write(HELP[command])
        case []:
            sys.stderr.write(USAGE)
        case [unknown, *_]:
            sys.stderr.write(f"sfu: {unknown!r} is not a command.\n\n{USAGE}")
    return _WRONG_USE


def _serve(
    arguments: Sequence[str], environ: Mapping[str, str], announce: Callable[[Server], None]
) -> int:
    settings = read(arguments, environ)
    logs.configure(sys.stderr, level=settings.log_level, form=settings.log_format)
    for given, meant in misspelt(environ).items():
        logs.get_logger().warning("unknown-variable", variable=given, meant=meant)
    _raise_file_limit()
    complete, kept_in = with_room_secret(settings, environ)

    def ready(server: Server) -> None:
        again = partial(read, arguments, environ)
        reload = Reload(again, settings, server.take_over, server.reload_certificate)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
        if kept_in:
            logs.get_logger().info("room-secret-kept", file=str(kept_in))
        announce(server)

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(complete, ready))
    except Exception as error:
        if not isinstance(error, InvalidSettings):
            logs.get_logger().exception("bug", boundary="server")
        raise
    return 0


def _dev(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    own = [argument for argument in arguments if argument != "--tls"]
    if "--tls" not in arguments:
        return _serve(["--log-format=text", *own], environ, _announce)
    with tempfile.TemporaryDirectory(prefix="sfu-") as folder:
        addresses = interface_addresses(ipv4=True, ipv6=True)
        certificate, key = write_certificate(Path(folder), addresses)
        first = [
            "--log-format=text",
            "--http-host=",
            f"--tls-certificate={certificate}",
            f"--tls-key={key}",
        ]
        return _serve([*first, *own], environ, _announce_links)


def _check(name: str) -> int:
    file = read_file(name)
    mistakes = list(file.mistakes(SCHEMA)) or list(disagreements(Settings(**file.settings(SCHEMA))))
    for mistake in mistakes:
        sys.stderr.write(f"sfu: {mistake}\n")
    return 1 if mistakes else _say(f"{name} is fine.\n")


def _doctor(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    own = [argument for argument in arguments if argument != "--json"]
    findings = doctor.examine(partial(read, own, environ))
    as_text = doctor.as_json if "--json" in arguments else doctor.as_text
    _say(as_text(findings))
    return doctor.exit_code(findings)


def _rooms(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    wish = rooms_command.Wish(arguments)
    try:
        return _say(wish.text(read(wish.rest, environ)))
    except rooms_command.CannotAsk as error:
        sys.stderr.write(f"sfu: {error}\n")
        return 1


def _token(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    wish = token_command.Wish(arguments)
    settings = read(wish.rest, environ)
    token = wish.token(settings, time.time())
    base = (wish.url or link(settings, settings.http_port)).rstrip("/")
    return _say(f"{token}\n{base}/r/{wish.room}#token={token}\n")


def _whereabouts(error: Exception) -> str:
    """What went wrong and in which line, for a report."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    message = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {message} ({place}, version {__version__}). Please report it."


def _raise_file_limit() -> None:
    """Allow as many open sockets as the system lets us: the usual 1,024 are too few WebSockets."""
    try:
        import resource
    except ImportError:
        return  # a system without such limits
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None  # not made for this system; the standard loop does the same, slower
    return uvloop.new_event_loop


def _announce(server: Server) -> None:
    _say(f"Parley is ready: open {server.url}\n")


def _announce_links(server: Server) -> None:
    """Print the link of this machine, and those that other devices can open."""
    _announce(server)
    links = [
        f"https://{f'[{address}]' if ':' in address else address}:{server.http_port}/"
        for address in _lan_addresses(server.settings)
    ]
    if links:
        _say("From other devices in this network (their browsers warn once):\n")
        _say("".join(f"  {link}\n" for link in links))


def _lan_addresses(settings: Settings) -> list[str]:
    if settings.http_host:
        return []
    found = interface_addresses(ipv4=True, ipv6=True)
    return [address for address in found if not address.startswith("127.") and address != "::1"]


def _say(text: str) -> int:
    sys.stdout.write(text)
    sys.stdout.flush()
    return 0
