"""The ICE-lite side of one transport: who may talk to us, from where, and for how long."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sfu.errors import MalformedPacket
from sfu.transport import stun
from sfu.transport.address import Address, host_and_port
from sfu.transport.check_memory import CheckMemory

# RFC 7675: without a valid check for this long the browser no longer consents to our media.
CONSENT_SECONDS = 30.0
# Of a peer-reflexive candidate, if ours were one (RFC 8445 section 5.1.2.1).
_PRIORITY = (110 << 24 | 65535 << 8 | 255).to_bytes(4, "big")
# A browser with two networks, IPv4 and IPv6 each, checks from four addresses.
MAX_ADDRESSES = 16


@dataclass(frozen=True)
class IceParameters:
    """User fragment and password of one side (RFC 8445 section 5.3)."""

    ufrag: str
    pwd: str

    @classmethod
    def generate(cls) -> IceParameters:
        """Fresh random credentials."""
        return cls(secrets.token_hex(4), secrets.token_hex(16))


class IceLite:
    """Answers connectivity checks; sends one only to tell a browser that its address died.

    ``selected`` is where media goes: the first address with a valid check, then whichever one the
    browser nominates, so that a change of network moves the transport. Unknown candidates are
    harmless: an address counts once a signed check came from it. ``heard_at`` is when the latest
    one came, or when we began.
    """

    __slots__ = (
        "_addresses",
        "_checks",
        "_controlled",
        "_locals",
        "_nominated",
        "_remote",
        "controls",
        "heard_at",
        "selected",
    )

    def __init__(self, now: float) -> None:
        self._locals = [IceParameters.generate()]
        self._remote = IceParameters("", "")
        self._addresses: dict[Address, float] = {}  # when the latest check came
        self._checks = CheckMemory()
        self.heard_at = now
        self._nominated = False
        self._controlled = False  # whether we have ever told the browser where to send
        self.controls = False  # whether its latest check left that to us
        self.selected: Address | None = None

    @property
    def local(self) -> IceParameters:
        """Our newest credentials."""
        return self._locals[-1]

    @property
    def ufrags(self) -> list[str]:
        """Every user fragment of ours that may still be used, the newest last."""
        return [parameters.ufrag for parameters in self._locals]

    @property
    def addresses(self) -> list[Address]:
        """Where valid checks came from."""
        return list(self._addresses)

    def set_remote(self, remote: IceParameters) -> None:
        """The browser's credentials."""
        self._remote = remote

    def restart(self, remote: IceParameters) -> IceParameters:
        """New credentials for both sides; ours from before stay valid until these are used."""
        self._remote = remote
        self._locals = [self._locals[-1], IceParameters.generate()]
        return self.local

    def validated(self, address: Address) -> bool:
        """Whether a signed check came from ``address``."""
        return address in self._addresses

    def forget(self, address: Address) -> None:
        """``address`` leads to nobody any more; media waits until the browser nominates another."""
        self._addresses.pop(address, None)

    def fall_back(self, since: float) -> bool:
        """Use another address, the last to be checked ``since`` then; False if there is none."""
        alive = [
            (at, address)
            for address, at in self._addresses.items()
            if address != self.selected and at >= since
        ]
        if not alive:
            return False
        self.selected = max(alive, key=lambda each: each[0])[1]
        return True

    def take_control(self, send: Callable[[bytes, Address], object]) -> None:
        """Have the browser send to us from ``selected`` at once: it believes in an address for 3 s
        after it died, unless the controlling side nominates another one.

        Who claims that role with the larger number has it (RFC 8445 section 7.3.1.1).
        """
        self._controlled = True
        self._ask(send, {stun.ICE_CONTROLLING: b"\xff" * 8, stun.USE_CANDIDATE: b""})

    def give_control_back(self, send: Callable[[bytes, Address], object]) -> None:
        """The browser decides again: it knows what its networks are."""
        self._ask(send, {stun.ICE_CONTROLLED: bytes(8)})

    def _ask(self, send: Callable[[bytes, Address], object], attributes: dict[int, bytes]) -> None:
        if self.selected is None:
            return
        name = f"{self._remote.ufrag}:{self.local.ufrag}".encode()
        attributes = {stun.USERNAME: name, stun.PRIORITY: _PRIORITY} | attributes
        request = stun.write(
            stun.BINDING_REQUEST, secrets.token_bytes(12), attributes, self._remote.pwd
        )
        send(request, self.selected)

    def expired(self, now: float) -> bool:
        """Whether the browser's consent has run out."""
        return now - self.heard_at > CONSENT_SECONDS

    def check(
        self,
        message: stun.StunMessage,
        address: Address,
        send: Callable[[bytes, Address], object],
        now: float,
    ) -> None:
        """Answer one Binding request that named one of our user fragments.

        Raises ``MalformedPacket`` when it is not signed by somebody who knows our password, or
        when somebody else sends it again; then nothing is sent and nothing changes.
        """
        if message.kind != stun.BINDING_REQUEST:
            raise MalformedPacket("stun-not-a-request")
        local = self._authenticate(message)
        controls = stun.ICE_CONTROLLED in message.attributes
        if controls and not self._controlled:
            # We are lite, so the browser controls (RFC 8445 section 7.3.1.1); it must switch.
            error = {stun.ERROR_CODE: stun.error_code(487, "Role Conflict")}
            send(stun.write(stun.BINDING_ERROR, message.transaction, error, local.pwd), address)
            return
        if self._checks.repeats(message.transaction):
            # A browser sends one again that was not answered, from where it was sent before;
            # whoever only heard it could turn the media to an address of their own.
            if address not in self._addresses:
                raise MalformedPacket("stun-replay")
            self._answer(message, local, address, send)
            return
        if address not in self._addresses and len(self._addresses) >= MAX_ADDRESSES:
            oldest = next(each for each in self._addresses if each != self.selected)
            del self._addresses[oldest]
        self.heard_at = self._addresses[address] = now
        self.controls = controls
        if local is self._locals[-1] and len(self._locals) > 1:
            self._locals = self._locals[-1:]
            self._nominated = False
        if stun.USE_CANDIDATE in message.attributes:
            self._nominated = True
            self.selected = address
        elif not self._nominated:
            self.selected = self.selected or address
        self._answer(message, local, address, send)

    def _answer(
        self,
        message: stun.StunMessage,
        local: IceParameters,
        address: Address,
        send: Callable[[bytes, Address], object],
    ) -> None:
        mapped = stun.xor_address(*host_and_port(address), message.transaction)
        send(
            stun.write(
                stun.BINDING_SUCCESS,
                message.transaction,
                {stun.XOR_MAPPED_ADDRESS: mapped},
                local.pwd,
            ),
            address,
        )

    def _authenticate(self, message: stun.StunMessage) -> IceParameters:
        ours, _, theirs = message.attributes.get(stun.USERNAME, b"").partition(b":")
        for parameters in self._locals:
            if ours == parameters.ufrag.encode():
                if not message.signed_by(parameters.pwd):
                    raise MalformedPacket("stun-integrity")
                if parameters is self._locals[-1] and theirs != self._remote.ufrag.encode():
                    raise MalformedPacket("stun-username")
                return parameters
        raise MalformedPacket("stun-username")
