"""Which address of a browser's media goes to while the browser has not said so: the living one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfu.transport.address import Address
    from sfu.transport.ice_lite import IceLite

# What was under way to us when the browser nominated another address comes within this time;
# browsers report every 50 to 250 ms.
_STRAY_SECONDS = 0.5
# Whoever sent all the time for some looks, and then nothing for this long, has lost its way here.
_SILENT_SECONDS = 1.0
_ACTIVE_LOOKS = 4
# Browsers check each address that would do every 2.5 s, perhaps just before the silence.
_ALIVE_SECONDS = 4.5
# Datagrams get lost: the browser is told this often, look by look, while nothing comes.
_CALLS = 4
# The first one only changes the roles in Chromium, as far as was seen: the second is obeyed.
_AT_ONCE = 2
# From then on the browser itself knows that nothing comes the old way (2.5 s after the end of it).
_CONTROL_SECONDS = 4.0


class Way:
    """Moves ``ice.selected`` when an address dies, and the browser with it: Chromium alone begins
    to use another one 3.5 s after the old one died, and nominates it up to 3 s later.

    Only to addresses that a signed check came from. ``reported`` is told of authenticated reports,
    as they come from everybody who sends or receives, and cost little. ``send`` leads to
    the browser.
    """

    __slots__ = (
        "_active",
        "_calls",
        "_control_until",
        "_heard_at",
        "_ice",
        "_looked_at",
        "_lost",
        "_paused",
        "_selected",
        "_send",
    )

    def __init__(self, ice: IceLite, send: Callable[[bytes, Address], object]) -> None:
        self._ice = ice
        self._send = send
        self._calls = 0  # how often the browser is still told where to send
        self._control_until = 0.0
        self._lost = False  # nothing came for too long, and no report since
        self._selected: Address | None = None
        self._heard_at = 0.0  # by a report, where media goes
        self._looked_at = 0.0
        self._active = 0  # how many looks in turn found something new
        self._paused = False  # the latest look found nothing

    def reported(self, address: Address, now: float) -> bool:
        """An authenticated report came from ``address``: follow the browser there.

        True if so, or if it is the first one after an outage: what was sent meanwhile is lost.
        """
        ice = self._ice
        lost, self._lost = self._lost, False
        if ice.selected != self._selected:
            self._selected, self._heard_at = ice.selected, now
        if address == self._selected:
            self._heard_at = now
        elif now - self._heard_at >= _STRAY_SECONDS and ice.validated(address):
            ice.selected = address
            return True
        return lost

    def look(self, media_at: float, now: float) -> bool:
        """Try another address when nothing came since ``media_at`` for too long; True if there is
        one. Twice per second.
        """
        self._looked_at, before = now, self._looked_at
        if self._ice.controls and now >= self._control_until:
            self._ice.give_control_back(self._send)
        if media_at > before:
            self._active = 1 if self._paused else self._active + 1
            self._paused = False
            self._calls = 0
        else:
            self._paused = True
            if self._calls:
                self._call(now)
            if self._active >= _ACTIVE_LOOKS and now - media_at >= _SILENT_SECONDS:
                self._lost = True
                if self._ice.fall_back(now - _ALIVE_SECONDS):
                    self._active = 0
                    self._calls = _CALLS
                    self._call(now)
                    return True
        return False

    def _call(self, now: float) -> None:
        self._calls -= 1
        self._control_until = now + _CONTROL_SECONDS
        for _ in range(_AT_ONCE):
            self._ice.take_control(self._send)
