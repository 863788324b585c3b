"""What ``sfu doctor`` finds about media: port, buffers, addresses, IPv6, and what arrives."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from sfu.config import Settings
from sfu.counters import Counters
from sfu.errors import InvalidSettings
from sfu.server.advertised import is_address, usable
from sfu.server.finding import Finding
from sfu.server.reach import Listener, ListeningServer, OwnPort, reach
from sfu.server.running import RunningServer
from sfu.server.tcp_checks import tcp_findings
from sfu.server.turn_checks import turn_findings
from sfu.server.udp import UdpPort, interface_addresses

# A burst of keyframes of a big call: with less the system drops packets while the loop is busy.
_ENOUGH_BYTES = 1024 * 1024
# What the server asks the system for.
_WANTED_BYTES = 4 * 1024 * 1024
# All names at once; whoever waits longer has no resolver.
_RESOLVE_TIMEOUT = 2.0


def network_findings(settings: Settings, running: RunningServer | None) -> list[Finding]:
    """Everything about the way of the media; ``running`` is the Parley on the HTTP port, if any."""
    own = interface_addresses(ipv4=True, ipv6=True)
    entries = settings.advertised_addresses or _own_entries(settings.udp_host, own)
    found = look_up(entries)
    findings, listener = udp_port(settings, running)
    findings += buffers(*_given_buffers(), _limit("rmem_max"), _limit("wmem_max"))
    findings += addresses(settings, found, own)
    findings.append(ipv6(settings.udp_host, has_ipv6=_has_ipv6(), own=own))
    every = tuple(dict.fromkeys(address for each in found.values() for address in each))
    try:
        if listener is not None:
            findings += reach(listener, every, own, port=listener.port)
        findings += tcp_findings(settings, running, every, own)
        if settings.turn_urls:
            others = [each for each in every if not ipaddress.ip_address(each).is_loopback]
            findings += turn_findings(settings, others, listener, now=time.time())
    finally:
        if listener is not None:
            listener.close()
    return findings


def udp_port(
    settings: Settings, running: RunningServer | None
) -> tuple[list[Finding], Listener | None]:
    """Whether the port is free or the running server's, and what tells if a datagram arrives."""
    check, number = "udp-port", settings.udp_port
    try:
        port = UdpPort(host=settings.udp_host, port=number, advertised=(), counters=Counters())
    except InvalidSettings as error:
        if running is None:
            fix = "Set udp_port or udp_host, or stop the other program."
            return [Finding.problem(check, str(error), fix)], None
        listener = ListeningServer(running, number)
        address = settings.udp_host if _is_specific(settings.udp_host) else "127.0.0.1"
        if listener.arrives(address):
            text = f"UDP port {number} is the running server's, and datagrams reach it."
            return [Finding.ok(check, text)], listener
        text = f"UDP port {number} is in use, and the running server does not see what arrives."
        fix = "Start sfu doctor with the server's own settings, or stop the other program."
        return [Finding.problem(check, text, fix)], None
    if running is None or not number:
        text = f"UDP port {number or '(any)'} is free."
        return [Finding.ok(check, text)], OwnPort(port)
    port.close()
    text = f"UDP port {number} is free although a server runs: that one uses another port."
    fix = "Start sfu doctor with the server's own settings."
    return [Finding.warning(check, text, fix)], None


def buffers(receive: int, send: int, receive_limit: int, send_limit: int) -> Iterator[Finding]:
    """Whether bursts fit into what the system gives; all in bytes, limits 0 when unknown."""
    for name, given, limit, key in (
        ("receive", receive, receive_limit, "rmem_max"),
        ("send", send, send_limit, "wmem_max"),
    ):
        text = f"{given // 1024} KiB of {name} buffer" + (
            f" (net.core.{key} is {limit})." if limit else "."
        )
        if given >= _ENOUGH_BYTES:
            yield Finding.ok("buffers", text)
        else:
            yield Finding.warning(
                "buffers",
                f"Only {text} Packets of busy calls get lost in this machine.",
                f"sysctl -w net.core.{key}={_WANTED_BYTES} (and into /etc/sysctl.d)",
            )


def addresses(
    settings: Settings, found: Mapping[str, Sequence[str]], own: Sequence[str]
) -> Iterator[Finding]:
    """What browsers are told to send to: ``found`` are the addresses of each entry."""
    check = "addresses"
    if settings.advertised_addresses:
        for entry, each in found.items():
            if not each:
                yield Finding.problem(
                    check,
                    f"The name {entry} has no address that can be sent to.",
                    "Correct advertised_addresses or the name's DNS record.",
                )
            for address in each:
                name = address if entry == address else f"{entry} ({address})"
                yield _advertised(name, address, own, settings.udp_port)
        return
    told = [address for each in found.values() for address in each]
    others = [address for address in told if not ipaddress.ip_address(address).is_loopback]
    if not others:
        yield Finding.warning(
            check,
            "Browsers are told loopback addresses only: nobody else can join.",
            "Set udp_host to nothing, or advertised_addresses to what browsers reach.",
        )
    elif not any(ipaddress.ip_address(address).is_global for address in others):
        yield Finding.warning(
            check,
            f"Every address is private ({', '.join(others)}): calls work in this network only.",
            "For others set advertised_addresses to the public address or name, and let the "
            f"router forward UDP port {settings.udp_port} to this machine.",
        )
    else:
        yield Finding.ok(check, f"Browsers are told {', '.join(others)}.")


def _advertised(name: str, address: str, own: Sequence[str], port: int) -> Finding:
    parsed = ipaddress.ip_address(address)
    if parsed.is_loopback:
        return Finding.warning(
            "addresses",
            f"{name} is a loopback address: only browsers on this machine can use it.",
            "Set advertised_addresses to what browsers reach.",
        )
    if address in own:
        return Finding.ok("addresses", f"{name} is an address of this machine.")
    if parsed.is_global:
        return Finding.ok(
            "addresses",
            f"{name} is public and not of this machine: its router has to forward UDP port "
            f"{port} to here.",
        )
    return Finding.warning(
        "addresses",
        f"{name} is private and not an address of this machine.",
        "Set advertised_addresses to the public address, unless this machine is a container or "
        f"virtual machine whose host has that address and forwards UDP port {port}.",
    )


def ipv6(udp_host: str, *, has_ipv6: bool, own: Sequence[str]) -> Finding:
    """Whether browsers that have only IPv6 can send media."""
    if _is_specific(udp_host) or udp_host == "0.0.0.0":
        version = ipaddress.ip_address(udp_host).version
        return Finding.ok("ipv6", f"udp_host is an IPv{version} address: media uses that only.")
    if not has_ipv6:
        return Finding.warning(
            "ipv6",
            "This machine has no IPv6: networks that have nothing else cannot send media.",
            "Switch IPv6 on for this machine or container, if its network has it.",
        )
    globals_ = [a for a in own if ":" in a and ipaddress.ip_address(a).is_global]
    if globals_:
        return Finding.ok("ipv6", f"IPv6 is on, with {', '.join(globals_)}.")
    return Finding.ok("ipv6", "IPv6 is on; this machine has no public IPv6 address.")


def look_up(
    entries: Sequence[str], resolve: Callable[[str], Sequence[str]] | None = None
) -> dict[str, tuple[str, ...]]:
    """The addresses of each entry; nothing for names that cannot be resolved within 2 s."""
    found: dict[str, tuple[str, ...]] = {
        entry: (entry,) if is_address(entry) else () for entry in entries
    }

    def ask(name: str) -> None:
        try:
            found[name] = usable((resolve or _resolve)(name))
        except (OSError, UnicodeError):
            found[name] = ()

    # Daemons, as nothing can interrupt a resolver and the command must end all the same.
    threads = [
        threading.Thread(target=ask, args=(name,), daemon=True)
        for name, known in found.items()
        if not known
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_RESOLVE_TIMEOUT)
    return dict(found)


def _resolve(name: str) -> Sequence[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)]


def _own_entries(udp_host: str, own: Sequence[str]) -> Sequence[str]:
    return (udp_host,) if _is_specific(udp_host) else own


def _is_specific(host: str) -> bool:
    return bool(host) and not ipaddress.ip_address(host).is_unspecified


def _given_buffers() -> tuple[int, int]:
    """Bytes of receive and send buffer that a port gets here."""
    try:
        port = UdpPort(host="127.0.0.1", port=0, advertised=(), counters=Counters())
    except InvalidSettings:
        return 0, 0
    with socket.socket(fileno=os.dup(port.descriptors()[0])) as udp:
        port.close()
        # Linux tells twice what was asked for: the other half is for its own bookkeeping.
        return (
            udp.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2,
            udp.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // 2,
        )


def _limit(name: str) -> int:
    try:
        return int(Path(f"/proc/sys/net/core/{name}").read_text())
    except (OSError, ValueError):
        return 0


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
            udp.bind(("::1", 0))
    except OSError:
        return False
    return True
