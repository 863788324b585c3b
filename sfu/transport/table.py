"""All transports of the one media port: from a datagram's sender to its transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.errors import MalformedPacket
from sfu.transport import stun

if TYPE_CHECKING:
    from sfu.counters import Counters
    from sfu.transport.address import Address
    from sfu.transport.transport import Transport

# Consent runs out after 30 s (RFC 7675): looking for it twice per second is early enough.
CONSENT_LOOK_SECONDS = 0.5


class TransportTable:
    """Knows each transport by our user fragments and by the addresses that passed its checks.

    Its size is bounded by the number of participants: a transport enters with its participant,
    and each keeps a bounded number of addresses. Who forges the address of somebody in a call does
    not get it: it stays with the transport whose media flows there. ``by_address`` is for native
    code to look at.
    """

    __slots__ = (
        "_by_ufrag",
        "_connecting",
        "_counters",
        "_looked_at",
        "_transports",
        "by_address",
    )

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._transports: set[Transport] = set()
        self._connecting: set[Transport] = set()  # a part of them, perhaps some that are done
        self._looked_at = float("-inf")
        self._by_ufrag: dict[str, Transport] = {}
        self.by_address: dict[Address, Transport] = {}

    def __len__(self) -> int:
        return len(self._transports)

    @property
    def addresses(self) -> int:
        """How many addresses are known."""
        return len(self.by_address)

    def add(self, transport: Transport) -> None:
        """Route to ``transport``; again after an ICE restart, for its new user fragment."""
        self._transports.add(transport)
        self._connecting.add(transport)
        for ufrag in transport.ice.ufrags:
            self._by_ufrag[ufrag] = transport

    def remove(self, transport: Transport) -> None:
        """Forget everything about ``transport``."""
        self._transports.discard(transport)
        self._connecting.discard(transport)
        for table in (self._by_ufrag, self.by_address):
            for key in [key for key, value in table.items() if value is transport]:
                del table[key]

    def __contains__(self, address: Address) -> bool:
        """Whether a signed check came from ``address``, of somebody who is still here."""
        return address in self.by_address

    def forget(self, address: Address) -> None:
        """``address`` is gone: a TCP connection that was closed."""
        transport = self.by_address.pop(address, None)
        if transport is not None:
            transport.ice.forget(address)

    def receive(self, data: bytes, address: Address, now: float) -> None:
        """Take one datagram of the port; what is nobody's is dropped and counted."""
        if not data:
            self._counters.drops["empty"] += 1
        elif data[0] < 4:
            self._receive_stun(data, address, now)
        else:
            transport = self.by_address.get(address)
            if transport is None:
                self._counters.drops["unknown-address"] += 1
                return
            try:
                transport.receive(data, address, now)
            except Exception:
                transport.fail(now)
                raise

    def _receive_stun(self, data: bytes, address: Address, now: float) -> None:
        transport: Transport | None = None
        try:
            message = stun.parse(data)
            ours = message.attributes.get(stun.USERNAME, b"").partition(b":")[0]
            transport = self._by_ufrag.get(ours.decode("ascii", "replace"))
            if transport is None:
                raise MalformedPacket("stun-unknown-ufrag")
            holder = self.by_address.get(address, transport)
            if holder is not transport and holder.holds(address, now):
                raise MalformedPacket("stun-address-taken")
            transport.check(message, len(data), address, now)
        except MalformedPacket as malformed:
            self._counters.drops[malformed.reason] += 1
            return
        except Exception:
            if transport is not None:
                transport.fail(now)
            raise
        if self.by_address.get(address) is not transport and transport.ice.validated(address):
            self._learn(address, transport)

    def _learn(self, address: Address, transport: Transport) -> None:
        """Route ``address`` to ``transport`` and forget what that no longer keeps."""
        self.by_address[address] = transport
        kept = set(transport.ice.addresses)
        gone = [
            known
            for known, value in self.by_address.items()
            if value is transport and known not in kept
        ]
        for known in gone:
            del self.by_address[known]
        for ufrag in [u for u, value in self._by_ufrag.items() if value is transport]:
            if ufrag not in transport.ice.ufrags:
                del self._by_ufrag[ufrag]

    def tick(self, now: float) -> None:
        """Drive every transport that is due. Every 20 ms.

        Raises what nobody foresaw, when all have been driven; whose it was has ended then.
        """
        if now - self._looked_at >= CONSENT_LOOK_SECONDS:
            self._looked_at = now
            due, all_of_them = list(self._transports), True
        elif self._connecting:
            due, all_of_them = list(self._connecting), False
        else:
            return
        bug: Exception | None = None
        for transport in due:
            try:
                transport.tick(now)
            except Exception as error:
                bug = error
                transport.fail(now)
        if all_of_them:
            self._connecting = {each for each in self._transports if not each.connected}
        if bug is not None:
            raise bug
