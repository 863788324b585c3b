"""Calls through real nginx and Caddy in front of the page and the signaling."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession

from loadtest.watch import sees, until
from sfu.server.udp import interface_addresses

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@dataclass
class Proxy:
    """Where a proxy listens, as the clients of a test want it; ``url`` ends without a slash."""

    url: str


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as spare:
        return int(spare.getsockname()[1])


def nginx(folder: Path, upstream: str, port: int) -> list[str]:
    """The command that runs nginx with the example, without HTTPS and without root."""
    site = (DEPLOY / "nginx.conf").read_text()
    site = site.replace("127.0.0.1:8080", upstream)
    kept = [line for line in site.splitlines() if "ssl_certificate" not in line]
    kept = [line for line in kept if "[::]" not in line]
    text = "\n".join(kept).replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    temporary = "\n".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
        f"http {{ access_log off;\n{temporary}\n{text}\n}}\n"
    )
    return ["-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "worker_processes 1;"]


def caddy(folder: Path, upstream: str, port: int) -> list[str]:
    """The command that runs Caddy with the example, without HTTPS."""
    text = "{\n\tadmin off\n}\n" + (DEPLOY / "Caddyfile").read_text()
    (folder / "Caddyfile").write_text(text)
    return ["run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@pytest.fixture
def start_proxy(tmp_path: Path) -> Iterator[Callable[..., Proxy]]:
    with contextlib.ExitStack() as running:

        def start(name: str, configure: Callable[[Path, str, int], list[str]], url: str) -> Proxy:
            program = shutil.which(name) or shutil.which(name, path="/usr/sbin")
            if program is None:
                pytest.skip(f"{name} is not installed")
            port, upstream = free_port(), url.removeprefix("http://")
            site = f"http://localhost:{port}"
            process = subprocess.Popen(
                [program, *configure(tmp_path, upstream, port)],
                env=os.environ
                | {"PARLEY_SITE": site, "PARLEY_UPSTREAM": upstream, "HOME": str(tmp_path)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            running.callback(process.wait, 10)
            running.callback(process.terminate)
            return Proxy(site)

        yield start


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.parametrize(("name", "configure"), [("nginx", nginx), ("caddy", caddy)])
async def test_a_call_through_a_proxy(
    start_server, start_proxy, new_client, name, configure
) -> None:
    server = start_server()
    proxy = start_proxy(name, configure, server.url)
    await until(lambda: status(f"{proxy.url}/readyz") == 200, 20, f"{name} answers")
    room = server.create_room()
    ann = await new_client(proxy, room, 0)
    bob = await new_client(proxy, room, 1)
    await until(lambda: sees(ann, bob) and sees(bob, ann), 20, "both see each other")
    # A browser says where its page is from: the proxy must pass on the name it was asked by.
    async with (
        ClientSession() as http,
        http.ws_connect(f"{proxy.url}/ws", headers={"Origin": proxy.url}) as page,
    ):
        await page.send_str('{"type":"leave"}')
        assert (await page.receive_json(timeout=10))["code"] == "left"
    for path in ("/metrics", "/debug", "/debug/rooms"):
        assert status(proxy.url + path) == 404
    assert status(f"{proxy.url}/r/{room}") == 200


def nginx_for_all(folder: Path, upstream: str, port: int) -> list[str]:
    """As ``nginx``, reached from other addresses than this machine's loopback ones, too."""
    command = nginx(folder, upstream, port)
    file = folder / "nginx.conf"
    file.write_text(file.read_text().replace("listen 127.0.0.1:", "listen 0.0.0.0:"))
    return command


@pytest.mark.parametrize(("name", "configure"), [("nginx", nginx_for_all), ("caddy", caddy)])
async def test_a_proxy_tells_who_somebody_is_and_they_cannot(
    start_server, start_proxy, name, configure
) -> None:
    outside = [each for each in interface_addresses(ipv4=True, ipv6=False) if each[:4] != "127."]
    if not outside:
        pytest.skip("this machine has no address but the loopback ones")
    server = start_server(max_websockets_per_address=1, trusted_proxies="127.0.0.1,::1")
    proxy = start_proxy(name, configure, server.url)
    await until(lambda: status(f"{proxy.url}/readyz") == 200, 20, f"{name} answers")
    here = proxy.url.removeprefix("http://")
    there = f"http://{outside[0]}:{here.rpartition(':')[2]}/ws"

    def lies(address: str) -> dict[str, str]:
        return {"Host": here, "Origin": proxy.url, "X-Forwarded-For": address}

    async with (
        ClientSession() as http,
        http.ws_connect(there, headers=lies("198.51.100.1")) as first,
        http.ws_connect(there, headers=lies("198.51.100.2")) as second,
        http.ws_connect(f"{proxy.url}/ws") as local,
    ):
        assert (await second.receive_json(timeout=10))["code"] == "too-many-from-address"
        for client in (first, local):
            await client.send_str('{"type":"leave"}')
            assert (await client.receive_json(timeout=10))["code"] == "left"
    name = 'parley_signaling_errors_total{code="too-many-from-address"}'
    assert server.metrics()[name] == 1
