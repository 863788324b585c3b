"""DNS in a network namespace: Chromium asks it, and not /etc/hosts, for TURN servers over UDP."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from namespaces import Namespace

_A = b"\0\1"
_FOUND, _NO_SUCH_NAME = b"\x85\x80", b"\x85\x83"


def answer(query: bytes, name: str, address: str) -> bytes:
    """What is said to a query: ``name`` has ``address``, and nothing else exists."""
    question = query[12 : query.index(b"\0", 12) + 5]
    encoded = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    known = question[:-5].lower() == encoded
    # The name again (by its place in the message), A, IN, a minute, four bytes.
    record = b"\xc0\x0c" + _A + b"\0\1" + b"\0\0\0\x3c" + b"\0\4" + socket.inet_aton(address)
    records = [record] if known and question[-4:-2] == _A else []
    counts = bytes([0, 1, 0, len(records), 0, 0, 0, 0])
    return b"".join((query[:2], _FOUND if known else _NO_SUCH_NAME, counts, question, *records))


@contextlib.contextmanager
def resolving(machine: Namespace, name: str, address: str) -> Iterator[None]:
    """As long as it lasts, programs in ``machine`` find ``address`` by ``name``."""

    def bound() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 53))
        return made

    def serve() -> None:
        while True:
            query, sender = listening.recvfrom(4096)
            listening.sendto(answer(query, name, address), sender)

    listening = machine.socket(bound)
    threading.Thread(target=serve, daemon=True).start()
    folder = Path(f"/etc/netns/{machine.name}")
    folder.mkdir(parents=True)
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    try:
        yield
    finally:
        shutil.rmtree(folder)
