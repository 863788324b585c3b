"""How many bytes an address is sent before it has proved that it receives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sfu.transport.address import TcpAddress

if TYPE_CHECKING:
    from sfu.transport.address import Address


class Credit:
    """What came from each address less what went there: whoever sends in a victim's name makes us
    send the victim no more than that. Once the handshake is over everybody has proved themselves.
    """

    __slots__ = ("_left", "_over", "_proven")

    def __init__(self) -> None:
        self._left: dict[Address, int] = {}  # of those that are not proven
        self._proven: Address | None = None
        self._over = False

    def __len__(self) -> int:
        return len(self._left)

    def is_proven(self, address: Address) -> bool:
        """Whether ``address`` may be sent as much as there is."""
        # Nobody opens a TCP connection in the name of somebody else.
        return self._over or address == self._proven or type(address) is TcpAddress

    def left(self, address: Address) -> int:
        """Bytes that ``address`` may still be sent, if it is not proven."""
        return self._left.get(address, 0)

    def add(self, size: int, address: Address) -> None:
        """``size`` bytes came from ``address``; fewer than none: they went there."""
        if not self.is_proven(address):
            self._left[address] = self.left(address) + size

    def spend(self, size: int, address: Address) -> bool:
        """Whether ``size`` bytes may go to ``address``; they are counted then."""
        if not self.is_proven(address):
            left = self.left(address)
            if size > left:
                return False
            self._left[address] = left - size
        return True

    def prove(self, address: Address) -> None:
        """``address`` has sent back what only its owner can have got."""
        self._proven = address

    def keep(self, known: Callable[[Address], bool]) -> None:
        """Forget the addresses that are not ``known``."""
        self._left = {address: left for address, left in self._left.items() if known(address)}

    def end(self) -> None:
        """The handshake is over."""
        self._over = True
        self._left.clear()
