"""All rooms of this process, and the ids that lead to them."""

from __future__ import annotations

import base64
import hmac
import secrets
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from sfu.congestion.load import LoadState
from sfu.errors import Refused
from sfu.media.restraint import RESTRAINTS
from sfu.room.data_port import DataPort, NoData
from sfu.room.events import Dismissed, Draining
from sfu.room.files import FileSpace
from sfu.room.lobby import Lobbies, Waiting
from sfu.room.open_admission import OpenAdmission
from sfu.room.options import NO_OPTIONS, PACKED_BYTES, RoomOptions, unpack
from sfu.room.participant import LeaveReason
from sfu.room.room import Room
from sfu.room.token_admission import TokenAdmission
from sfu.room.token_keys import TokenKeys
from sfu.sdp.description import Fingerprint
from sfu.transport.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from sfu.config import Settings
    from sfu.counters import Counters
    from sfu.media.ports import Egress
    from sfu.media.restraint import Restraint
    from sfu.room.events import Event
    from sfu.room.participant import Participant
    from sfu.room.permissions import Admission, Permissions
    from sfu.transport.address import Address
    from sfu.transport.certificate import Certificate
    from sfu.transport.table import TransportTable

# 96 random bits cannot be guessed; 72 bits of a keyed hash cannot be forged.
_RANDOM_BYTES = 12
_TAG_BYTES = 9

# A tick is due every 20 ms. Who misses ten of them has delayed everybody's media by as much, which
# people hear; it is held against the server for as long as qualities are looked at twice.
_LATE_SECONDS = 0.2
_LATE_MARK_SECONDS = 2.5

_DRAINING = "This server restarts soon: try again in a moment."
_STOPPING = "The server is restarting."


_BUSY = "This server has too much to do: try again in a moment."
# By then a server that has nothing to do any more lets people in again.
RETRY_SECONDS = 15


def _ignore(event: str, **fields: Any) -> None:
    """Observes nothing."""


def _no_clock() -> float:
    """Where nobody looks at the time of a message."""
    return 0.0


class Rooms:
    """Creates room ids, opens a room at its first join, closes it at its last leave.

    A room id carries a keyed hash of itself, so ids of empty rooms need no memory: an id is valid
    when this server (or another one with the same ``room_secret``) issued it. It also carries the
    options that the room was made with; without any, the first token says them.

    ``send`` puts one datagram on the wire; ``candidates`` tells the addresses that browsers can
    reach us at; ``observe(event, **fields)`` is told every transition. Simulations bring their own
    ``random``, a ``make_transport`` without encryption and a ``wall_clock`` (seconds since 1970);
    ``data`` carries their data channels. ``keys`` check tokens, where ``auth`` asks for them.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        counters: Counters,
        egress: Egress,
        certificate: Certificate,
        transports: TransportTable,
        send: Callable[[bytes, Address], Any],
        candidates: Callable[[], tuple[tuple[str, int], ...]],
        observe: Callable[..., None] = _ignore,
        random: Random | None = None,
        make_transport: Callable[..., Transport] = Transport,
        data: DataPort | None = None,
        wall_clock: Callable[[], float] = _no_clock,
        keys: TokenKeys | None = None,
    ) -> None:
        self.settings = settings
        self.counters = counters
        self.egress = egress
        self.certificate = certificate
        self.fingerprint = Fingerprint("sha-256", certificate.fingerprint)
        self.transports = transports
        self.send = send
        self.candidates = candidates
        self.observe = observe
        self.random = random or SystemRandom()
        self.make_transport = make_transport
        self.data: DataPort = NoData() if data is None else data
        self.wall_clock = wall_clock
        self.file_space = FileSpace(settings.max_total_file_bytes)
        self.rooms: dict[str, Room] = {}
        self.lobbies = Lobbies(self)
        self.drains_until: float | None = None  # seconds since 1970; None: everybody may come
        self.load = LoadState.NORMAL
        self._ticked_at = float("inf")
        self._late_until = 0.0
        self._secret = settings.room_secret.encode() or secrets.token_bytes(32)
        self._admission: Admission = OpenAdmission(self._secret)
        if settings.auth == "token":
            keys = keys or TokenKeys(settings.api_keys)
            self._admission = TokenAdmission(keys, wall_clock, settings.token_leeway)

    @property
    def participants(self) -> int:
        """How many are in all rooms together."""
        return sum(len(room.participants) for room in self.rooms.values())

    def create_id(self, options: RoomOptions = NO_OPTIONS) -> str:
        """A new room id that nobody can guess."""
        token = secrets.token_bytes(_RANDOM_BYTES)
        if options != NO_OPTIONS:
            token += options.pack()
        return base64.urlsafe_b64encode(token + self._tag(token)).decode()

    def host_token(self, room_id: str) -> str:
        """What makes its holder a host of that room; empty when none can be made here."""
        return self._admission.host_token(room_id)

    @property
    def needs_token(self) -> bool:
        """Whether nobody gets in without a token."""
        return self._admission.needs_token

    def is_valid(self, room_id: str) -> bool:
        """Whether ``room_id`` leads to a room."""
        return self._admission.knows(room_id, self._issued)

    def options(self, room_id: str, granted: Permissions | None = None) -> RoomOptions:
        """What ``room_id`` was made with; where it says nothing, what ``granted`` says."""
        packed = (self._issued_token(room_id) or b"")[_RANDOM_BYTES:]
        if packed:
            return unpack(packed)
        return granted.options if granted else NO_OPTIONS

    def _issued(self, room_id: str) -> bool:
        return self._issued_token(room_id) is not None

    def _issued_token(self, room_id: str) -> bytes | None:
        """What is in ``room_id`` beside its tag; None when the tag is not ours."""
        try:
            raw = base64.b64decode(room_id.encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:
            return None
        token, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
        if len(token) not in (_RANDOM_BYTES, _RANDOM_BYTES + PACKED_BYTES):
            return None
        return token if hmac.compare_digest(tag, self._tag(token)) else None

    def _tag(self, token: bytes) -> bytes:
        return hmac.digest(self._secret, token, "sha256")[:_TAG_BYTES]

    def resume(
        self, room_id: str, resume: str, notify: Callable[[Event], None]
    ) -> tuple[Room, Participant] | None:
        """Take over a participant whose media are still here; None when there is none.

        Neither a lock nor capacity matters: nobody enters.
        """
        room = self.rooms.get(room_id)
        seat = room.seats.find(resume) if room is not None else None
        if room is None or seat is None or seat.participant not in room.participants:
            return None
        participant = room.participants[seat.participant]
        room.seats.sit_down(participant, notify)
        self.counters.resumes["resumed"] += 1
        self.observe("participant-resumed", room=room_id, participant=participant.id)
        return room, participant

    def join(
        self,
        room_id: str,
        name: str,
        token: str,
        notify: Callable[[Event], None],
        now: float,
        resume: str = "",
    ) -> tuple[Room, Participant] | Waiting:
        """Enter a room, opening it when it is empty, or wait to be let in; ``resume`` leads back to
        one's own seat.

        Raises ``Refused`` with ``room-not-found``, ``token-required``, ``bad-token``,
        ``token-expired``, ``room-locked``, ``room-full``, ``lobby-full``, ``server-full``,
        ``server-busy`` or ``draining``.
        """
        if not self.is_valid(room_id):
            raise Refused("room-not-found", "There is no such room: check the link, or start one.")
        room = self.rooms.get(room_id)
        seat = room.seats.find(resume) if room is not None else None
        if resume:
            self.counters.resumes["refused" if seat is None else "replaced"] += 1
        granted = self._admission.permissions(token, room_id) if seat is None else seat.permissions
        if seat is None and self.drains_until is not None:
            raise Refused("draining", _DRAINING)
        enters = room is None or seat is None or seat.participant not in room.participants
        if enters:
            self.check_place()
        if seat is None:
            self.check_load()
        if seat is None and self.lobbies.holds_back(room_id, granted):
            return self.lobbies.knock(room_id, name, granted, notify, now)
        if room is not None:
            return room, room.join(name, granted, notify, now, seat)
        if len(self.rooms) >= self.settings.max_rooms:
            raise Refused("server-full", "This server has no room left: try again later.")
        room = self.rooms[room_id] = Room(room_id, self, self.options(room_id, granted))
        self.observe("room-opened", room=room_id)
        return room, room.join(name, granted, notify, now)

    def check_place(self) -> None:
        """Raises ``Refused`` (``server-full``) when nobody else may be on this server."""
        if self.participants >= self.settings.max_participants:
            raise Refused("server-full", "This server has no place left: try again later.")

    def check_load(self) -> None:
        """Raises ``Refused`` (``server-busy``) when somebody new would be too much."""
        if self.load is LoadState.FULL:
            raise Refused("server-busy", _BUSY, retry_after=RETRY_SECONDS)

    @property
    def restraint(self) -> Restraint:
        """What everybody has to do with now."""
        return RESTRAINTS[self.load]

    def loaded(self, state: LoadState) -> None:
        """Give everybody what the server can do in ``state``, and tell them."""
        self.load = state
        self.counters.load_changes[state] += 1
        self.observe("load-changed", state=str(state))
        for room in list(self.rooms.values()):
            room.loaded(state)

    def refresh(self, room: Room, participant: Participant, token: str) -> None:
        """Let ``token`` say from now on what ``participant`` may do.

        Raises ``Refused`` (``bad-token``, ``token-expired``); nothing has changed then.
        """
        granted, before = self._admission.permissions(token, room.id), participant.permissions
        if (granted.identity, granted.hidden) != (before.identity, before.hidden):
            raise Refused("bad-token", "This token is for somebody else: leave and join with it.")
        room.grants.change(participant, granted)

    def closed(self, room: Room) -> None:
        """The last participant left ``room``."""
        if self.rooms.pop(room.id, None) is not None:
            room.files.close()
            self.observe("room-closed", room=room.id)

    def new_participant_id(self) -> str:
        """An id that is unique in this process and says nothing."""
        return f"p{self.random.getrandbits(48):012x}"

    def tick(self, now: float) -> None:
        """Drive every room. Every 20 ms."""
        if now - self._ticked_at > _LATE_SECONDS:
            self._late_until = now + _LATE_MARK_SECONDS
        self._ticked_at = now
        bug: Exception | None = None
        for room in list(self.rooms.values()):
            try:
                room.tick(now, server_late=now < self._late_until)
            except Exception as error:
                bug = error  # for the ticker, when the others had their turn
        if bug is not None:
            raise bug
        self.lobbies.tick(now)

    def drain(self, until: float | None) -> None:
        """Let nobody new in and tell everybody when it ends (seconds since 1970); None: go on."""
        self.drains_until = until
        if until is not None:
            self.lobbies.dismiss_all(Dismissed("draining", _DRAINING))
        for room in list(self.rooms.values()):
            room.tell(Draining(until))

    def stop(self, now: float) -> None:
        """Send everybody away: the server stops."""
        for room in list(self.rooms.values()):
            room.close(LeaveReason.SERVER_STOPPING, _STOPPING, now)
        self.lobbies.dismiss_all(Dismissed(LeaveReason.SERVER_STOPPING, _STOPPING))

    def bug(
        self, boundary: str, error: Exception, participant: Participant | Waiting, room: str = ""
    ) -> None:
        """An exception that nobody foresaw: count it and tell the operator where it was."""
        self.counters.bugs[boundary] += 1
        self.observe("bug", boundary=boundary, error=error, room=room, participant=participant.id)
