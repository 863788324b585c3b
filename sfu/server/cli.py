"""The command ``sfu``: serve, version and help; every mistake is answered with a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from sfu import __version__
from sfu.config import describe, load, misspelt
from sfu.errors import InvalidSettings
from sfu.server import logs
from sfu.server.app import Server, serve

_USAGE = """\
Parley: calls with many people, through one small server.

  sfu serve [settings]   run the server
  sfu serve --help       every setting, what it means and how to set it
  sfu --version          which version this is
"""
_SERVE_HELP = f"""\
Usage: sfu serve [settings]

Runs the server until Ctrl+C. A setting is given as a flag or as an environment
variable; the flag wins.

{describe()}
"""
# What shells expect of a command that was called wrongly.
_WRONG_USE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with ``arguments`` (those of the process by default): the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    match list(arguments):
        case ["--version"]:
            return _say(f"sfu {__version__}\n")
        case ["--help" | "-h" | "help"]:
            return _say(_USAGE)
        case ["serve", *rest] if "--help" in rest or "-h" in rest:
            return _say(_SERVE_HELP)
        case ["serve", *rest]:
            return _serve(rest, os.environ)
        case []:
            sys.stderr.write(_USAGE)
        case [unknown, *_]:
            sys.stderr.write(f"sfu: {unknown!r} is not a command.\n\n{_USAGE}")
    return _WRONG_USE


def _serve(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    try:
        settings = load(arguments, environ)
        logs.configure(sys.stderr, level=settings.log_level, form=settings.log_format)
        for given, meant in misspelt(environ).items():
            logs.get_logger().warning("unknown-variable", variable=given, meant=meant)
        _raise_file_limit()
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(settings, _announce))
    except InvalidSettings as error:
        sys.stderr.write(f"sfu: {error}\n")
        return _WRONG_USE
    except KeyboardInterrupt:
        # The second Ctrl+C, or one before the server was ready: nobody waits for more.
        return 130
    return 0


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


def _say(text: str) -> int:
    sys.stdout.write(text)
    sys.stdout.flush()
    return 0
