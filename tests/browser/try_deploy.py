"""Follows docs/deploy.md word for word in a fresh Debian, and calls through what comes of it.

``sudo python tests/browser/try_deploy.py [FOLDER]``: some ten minutes and 1 GB, from the Internet,
so it is not among the tests. FOLDER may hold the Debian of ``debootstrap --variant=minbase``; it is
changed. Needs debootstrap, iproute2, nftables, libnss3-tools and Chromium.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chromium import Chromium
from conftest import LOOKS, write_camera, write_microphone
from name_server import resolving
from namespaces import Namespace, run
from networks import _WAY
from page import until

ROOT = Path(__file__).resolve().parents[2]
DOMAIN, ADDRESS = "call.example.org", "203.0.113.7"
SMALL = "width=320&height=180&fps=10&join=auto"
# These use the Internet, or settings that machines share with their namespaces.
OUTSIDE = re.compile(r"^(apt|sysctl) |/pip ", re.MULTILINE)
ONLY_TURN = {
    # No media port, and TURN by the one protocol only.
    kind: f"meta l4proto {{ tcp, udp }} th sport 8081 drop\n{other} sport 3478 drop"
    for kind, other in (("udp", "tcp"), ("tcp", "udp"))
}
SETTINGS = "/etc/parley/parley.toml"
# What the page sets for the whole machine; it is set back.
BUFFERS = [Path(f"/proc/sys/net/core/{kind}mem_max") for kind in "rw"]

# What starts services where systemd cannot run: ExecStart of a unit, as its user.
SYSTEMCTL = r"""#!/bin/bash
set -eu
verb=$1; shift; if [ "${1:-}" = --now ]; then shift; now=yes; fi
for unit; do
  file=/etc/systemd/system/$unit.service; [ -e $file ] || file=/lib/systemd/system/$unit.service
  value() { sed -n "s/^$1=//p" $file | tail -1; }
  case $verb-${now:-} in enable-|disable-) continue ;; esac
  if [ $verb = reload ]; then kill -HUP $(cat /run/$unit.pid); continue; fi
  if [ -e /run/$unit.pid ]; then
    kill $(cat /run/$unit.pid) || true
    while [ -e /proc/$(cat /run/$unit.pid) ]; do sleep 0.1; done
    rm /run/$unit.pid
  fi
  [ $verb = disable ] && continue
  user=$(value User); user=${user:-root}; state=$(value StateDirectory)
  [ -z "$state" ] || install -d -m 700 -o $user /var/lib/$state
  as="env STATE_DIRECTORY=/var/lib/$state $(value Environment) $(value ExecStart)"
  [ $user = root ] || as="setpriv --reuid=$user --regid=$user --init-groups --no-new-privs $as"
  cd /
  if [ "$(value Type)" = oneshot ]; then nsenter --net=/run/server-net $as; continue; fi
  HOME=$(getent passwd $user | cut -d: -f6) setsid nsenter --net=/run/server-net $as \
    > /var/log/$unit.log 2>&1 < /dev/null &
  echo $! > /run/$unit.pid
  sleep 4
done
"""


class Debian:
    """A Debian in ``folder``; ``do`` runs what the page says in its shell of root."""

    def __init__(self, folder: Path, machine: Namespace) -> None:
        self.folder, self._machine = folder, machine

    def prepare(self, source: Path) -> None:
        """What a rented server has: name resolution, certificates; and the stand-ins."""
        self._write("/usr/local/bin/systemctl", SYSTEMCTL).chmod(0o755)
        self._write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n").chmod(0o755)
        self._write("/etc/hosts", f"127.0.0.1 localhost\n{ADDRESS} {DOMAIN}\n")
        self._write("/run/server-net", "")
        self._write("/run/typed", "")
        for name in ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt"):
            shutil.copy(name, self.folder / name[1:])
        # Into a repository of its own: what is tried is this checkout as it is.
        target = self.folder / "srv/parley"
        shutil.rmtree(target, ignore_errors=True)
        left_out = ("node_modules", ".*", "__pycache__", "*.so", "build")
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*left_out))
        who = ("-c", "user.name=-", "-c", "user.email=-", "-c", "safe.directory=*")
        for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "-")):
            run("git", "-C", str(target), *who, *command)

    def _write(self, path: str, text: str) -> Path:
        file = self.folder / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    @contextlib.contextmanager
    def mounted(self) -> Iterator[None]:
        """As long as it lasts there are processes, devices and the server's network."""
        places = [
            ("proc", ("mount", "-t", "proc", "proc")),
            ("dev", ("mount", "--rbind", "/dev")),
            ("run/server-net", ("mount", "--bind", f"/run/netns/{self._machine.name}")),
        ]
        try:
            for place, command in places:
                run(*command, str(self.folder / place))
            yield
        finally:
            for unit in ("sfu", "caddy", "coturn"):
                with contextlib.suppress(OSError, ValueError, ProcessLookupError):
                    os.kill(int((self.folder / f"run/{unit}.pid").read_text()), 9)
            for place, _ in places:
                subprocess.run(["umount", "-R", "-l", self.folder / place], check=False)

    def do(self, block: str, *, ok: bool = True) -> str:
        """Run a block with the variables of those before it; what it printed."""
        inside = () if OUTSIDE.search(block) else self._machine.prefix
        kept = "declare -p DOMAIN ADDRESS SOURCE TURN_SECRET > /run/typed 2>/dev/null || true"
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND": "noninteractive",
            "PIP_CERT": "/etc/ssl/certs/ca-certificates.crt",
            "HOME": "/root",
            "LANG": "C.UTF-8",
        }
        command = [shutil.which(inside[0]) or inside[0], *inside[1:]] if inside else []
        script = f"set -e; umask 022; . /run/typed\n{block}\n{kept}\n"
        outcome = subprocess.run(
            [*command, "/usr/sbin/chroot", str(self.folder), "/bin/bash", "-c", script],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=1800,
        )
        if ok and outcome.returncode:
            raise SystemExit(f"FAILED: {block}\n{outcome.stdout[-2000:]}\n{outcome.stderr[-3000:]}")
        return outcome.stdout


def blocks() -> list[str]:
    """What the step-by-step part of the page tells to type."""
    page = (ROOT / "docs" / "deploy.md").read_text().partition("\n## The files")[0]
    return re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def tell(*what: object) -> None:
    """Say it at once, as all of it takes minutes."""
    sys.stdout.write(" ".join(str(each) for each in what) + "\n")
    sys.stdout.flush()


def doctor(debian: Debian) -> list[dict[str, str]]:
    """What ``sfu doctor`` of the page finds."""
    command = f"runuser -u parley -- /opt/parley/bin/sfu doctor --json --config {SETTINGS}"
    return list(json.loads(debian.do(command, ok=False))["findings"])


class People:
    """Chromium in a machine of its own, which trusts the authority of the trial."""

    def __init__(self, folder: Path, machine: Namespace, authority: Path) -> None:
        self._folder = folder
        store = folder / ".pki/nssdb"
        store.mkdir(parents=True)
        run("certutil", "-N", "-d", f"sql:{store}", "--empty-password")
        trust = ("-A", "-n", "trial", "-t", "C,,", "-i", str(authority))
        run("certutil", "-d", f"sql:{store}", *trust)
        script = Path(machine.script(folder, "/usr/bin/chromium"))
        script.write_text(script.read_text().replace("\nexec ", f"\nexport HOME={folder}\nexec "))
        self._executable = str(script)
        self._open: list[Chromium] = []

    async def open(self, url: str) -> Chromium:
        number = len(self._open)
        camera, microphone = (self._folder / f"{number}.{kind}" for kind in ("y4m", "wav"))
        write_camera(camera, LOOKS[number][0])
        write_microphone(microphone, LOOKS[number][1])
        page = Chromium(camera=camera, microphone=microphone, executable=self._executable)
        self._open.append(page)
        await page.open(url)
        return page

    async def close(self) -> None:
        for page in self._open:
            await page.stop()
        self._open.clear()


async def a_call(people: People, links: list[str]) -> list[dict[str, str]]:
    """Both see the other move; how each is connected."""
    pages = [await people.open(link.replace("#", f"?{SMALL}#")) for link in links]
    ways = []
    for page in pages:

        async def plays(more: int, page: Chromium = page) -> bool:
            return await page.decoded() >= more

        await until(lambda plays=plays: plays(1), 90, "there is a picture")
        count = await page.decoded()
        await until(lambda plays=plays, more=count + 20: plays(more), 60, "the picture moves")
        ways.append(await page.evaluate(_WAY))
    await people.close()
    return ways


async def tell_verdict(people: People) -> str:
    page = await people.open(f"https://{DOMAIN}/test")
    over = "() => !document.getElementById('again').disabled"
    await until(lambda: page.evaluate(over), 90, "the test is over")
    verdict = await page.evaluate("() => document.getElementById('verdict').textContent")
    await people.close()
    return str(verdict)


async def follow(folder: Path, scratch: Path) -> None:
    """Do what the page says, in its order, and look at what comes of it."""
    server, client = Namespace("server"), Namespace("client")
    client.plug(server, ("203.0.113.99/24", f"{ADDRESS}/24"))
    # As AmbientCapabilities= of Caddy's unit.
    server.run("sysctl", "-qw", "net.ipv4.ip_unprivileged_port_start=80")
    debian = Debian(folder, server)
    debian.prepare(ROOT)
    buffers = [each.read_text() for each in BUFFERS]
    typed = blocks()
    upgrading, removing = typed[-2:]
    links: list[str] = []
    try:
        with debian.mounted(), resolving(client, DOMAIN, ADDRESS):
            for block in typed[:-2]:
                text = re.sub(r"^SOURCE=\S+", "SOURCE=/srv/parley", block, flags=re.MULTILINE)
                if "Caddyfile" in text:
                    own = rf"sed -i '/^{DOMAIN}/a tls internal' /etc/caddy/Caddyfile"
                    text = text.replace("systemctl", f"{own}\nsystemctl")
                tell(f"$ {block.splitlines()[0]} …")
                printed = debian.do(text)
                if "doctor" in block:
                    tell(printed)
                if "token create" in block:
                    links.append(printed.splitlines()[-1])
                    other = text.replace("ann@", "bob@").replace("Ann", "Bob")
                    links.append(debian.do(other).splitlines()[-1])
            authority = folder / "var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt"
            people = People(scratch, client, authority)
            tell("/test:", await tell_verdict(people))
            tell("a call:", await a_call(people, links))
            for kind, rules in ONLY_TURN.items():
                client.firewall(rules)
                ways = await a_call(people, links)
                tell(f"only HTTPS, and TURN over {kind.upper()}:", ways)
                assert [each["relay"] for each in ways] == [kind] * 2
            client.firewall("accept")
            debian.do(f"sed -i 's/^turn_secret.*/turn_secret = \"{'wrong' * 8}\"/' {SETTINGS}")
            wrong = [each for each in doctor(debian) if each["check"] == "turn"]
            tell("a wrong secret:", json.dumps(wrong, indent=1))
            assert [each["state"] for each in wrong] == ["problem"] * 2
            debian.do(f'sed -i "s/^turn_secret.*/turn_secret = \\"$TURN_SECRET\\"/" {SETTINGS}')
            debian.do("systemctl reload sfu; sleep 2")
            tell("reloaded:", debian.do("grep settings-reloaded /var/log/sfu.log").strip())
            newer = "git -C /srv/parley -c user.name=- -c user.email=- commit -qm - --allow-empty"
            debian.do(newer)
            debian.do(upgrading)
            bad = [each for each in doctor(debian) if each["state"] != "ok"]
            tell("upgraded:", bad or "all ok", await a_call(people, links))
            debian.do(removing)
            left = debian.do(
                "find / -xdev -iname '*parley*' -not -path '/srv/*'; getent passwd parley", ok=False
            )
            tell("removed:", left or "nothing is left")
            assert not left
    finally:
        for each, before in zip(BUFFERS, buffers, strict=True):
            each.write_text(before)
        client.delete()
        server.delete()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="parley-") as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch) / "debian"
        if not folder.exists():
            debootstrap = ("debootstrap", "--variant=minbase", "--include=ca-certificates")
            subprocess.run([*debootstrap, "bookworm", str(folder)], check=True)
        home = Path(scratch) / "home"
        home.mkdir()
        asyncio.run(follow(folder, home))


if __name__ == "__main__":
    main()
