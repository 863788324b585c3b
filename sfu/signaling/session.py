"""One client's conversation: its messages in, the room's events out, whatever the transport."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sfu.congestion.load import LoadState
from sfu.errors import ProtocolError, Refused
from sfu.media.downlink import Wish
from sfu.room import events
from sfu.room.allowance import Allowance
from sfu.room.lobby import Waiting
from sfu.room.negotiation import SourceOffer
from sfu.room.participant import LeaveReason
from sfu.room.permissions import printable
from sfu.signaling import client_messages as client
from sfu.signaling import server_messages as server
from sfu.signaling import values
from sfu.signaling.ice_servers import ice_servers
from sfu.signaling.messages import decode, encode
from sfu.signaling.telling import may_value, message_of, participant_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfu.room.participant import Participant
    from sfu.room.room import Room
    from sfu.room.rooms import Rooms

# Reading and answering the longest offer takes some 15 ms, in which nobody's media moves. A client
# offers when somebody switches on a source and when a room fills: slower than this, for long.
_OFFERS_AT_ONCE = 20
_OFFERS_PER_SECOND = 4.0


class Session:
    """From the first message to the last of one WebSocket.

    ``send`` takes one encoded message, in order; ``close`` asks to hang up after all of them;
    ``may_join`` says whether this client may try to enter once more.
    """

    def __init__(
        self,
        *,
        rooms: Rooms,
        send: Callable[[bytes], None],
        close: Callable[[], None],
        may_join: Callable[[], bool] = lambda: True,
    ) -> None:
        self.closed = False
        self._may_join = may_join
        self._rooms = rooms
        self._send_bytes = send
        self._close = close
        self._room: Room | None = None
        self._participant: Participant | None = None
        self._waiting: Waiting | None = None
        self._got_token = True
        self._offers = Allowance(_OFFERS_AT_ONCE, _OFFERS_PER_SECOND)

    @property
    def joined(self) -> bool:
        """Whether this client is in a room, or waits to be let in."""
        return self._participant is not None or self._waiting is not None

    def receive(self, text: str | bytes, now: float) -> None:
        """Take one message of the client; what is wrong with it is answered, never raised."""
        if self.closed:
            return
        try:
            message = decode(text)
            self._settle()
            self._handle(message, now)
        except Refused as refused:
            self._rooms.counters.signaling_errors[refused.code] += 1
            self._send(
                server.Error(
                    code=refused.code,
                    message=refused.message,
                    fatal=False,
                    retryAfter=refused.retry_after,
                )
            )
        except ProtocolError as error:
            self._rooms.counters.signaling_errors[error.code] += 1
            self.fail(error.code, error.message, now)
        except Exception as error:
            if self._room is None or self._participant is None:
                raise
            # Half of the message may have been done: nothing of it may stay.
            self._room.failed(self._participant, error, now, boundary="message")

    def fail(self, code: str, message: str, now: float) -> None:
        """Tell the client what it did wrong, take it out of its room and hang up."""
        self._send(server.Error(code=code, message=message, fatal=True))
        self._leave(LeaveReason.PROTOCOL_ERROR, now)
        self._hang_up()

    def disconnected(self, clean: bool, now: float) -> None:
        """The connection is gone; ``clean`` when the client closed it on purpose."""
        self.closed = True
        room, participant = self._room, self._participant
        if clean or self._waiting is not None:
            self._leave(LeaveReason.LEFT, now)
        elif room is not None and participant is not None:
            self._room = self._participant = None
            room.broke(participant, now)

    def _handle(self, message: client.ClientMessage, now: float) -> None:
        match message:
            case client.Join():
                self._join(message, now)
            case client.Refresh(token=token):
                room, participant = self._joined()
                self._rooms.refresh(room, participant, token)
            case client.Offer():
                room, participant = self._joined()
                if not self._offers.take(now):
                    raise ProtocolError("too-many-messages", "Offers come too fast.")
                sources = [
                    SourceOffer(track.mid, track.source, track.muted) for track in message.tracks
                ]
                room.offers.take(participant, message.sdp, sources, now)
            case client.Subscribe():
                room, participant = self._joined()
                wishes = {
                    wish.id: Wish(wish.height, wish.priority, wish.pinned)
                    for wish in message.tracks
                }
                room.subscribe(participant, wishes)
            case client.Mute():
                room, participant = self._joined()
                room.mute(participant, message.source, message.muted)
            case client.Hand(raised=raised):
                room, participant = self._joined()
                room.gestures.hand(participant, raised)
            case client.React(reaction=reaction):
                room, participant = self._joined()
                room.gestures.react(participant, reaction, now)
            case client.MuteOther(participant=target, source=source):
                room, participant = self._joined()
                room.moderation.mute(participant, target, source)
            case client.Remove(participant=target):
                room, participant = self._joined()
                room.moderation.remove(participant, target, now)
            case client.Lock(locked=locked):
                room, participant = self._joined()
                room.moderation.lock(participant, locked)
            case client.Lobby(on=on):
                room, participant = self._joined()
                room.moderation.set_lobby(participant, on)
            case client.Admit(ids=ids):
                room, participant = self._joined()
                room.moderation.let_in(participant, ids, now)
            case client.Deny(ids=ids):
                room, participant = self._joined()
                room.moderation.turn_away(participant, ids)
            case client.End():
                room, participant = self._joined()
                room.moderation.end(participant, now)
            case client.Candidate():
                self._joined()
            case client.Leave():
                self._leave(LeaveReason.LEFT, now)
                self._send(server.Closed(code="left", message="You left the call."))
                self._hang_up()

    def _join(self, message: client.Join, now: float) -> None:
        if self.joined:
            raise Refused("already-joined", "You are in a room already: leave it first.")
        rooms = self._rooms
        back = rooms.resume(message.room, message.resume, self._notify) if message.media else None
        if back is None and not self._may_join():
            raise Refused("too-many-joins", "Too many joins come from your address: wait a minute.")
        entered = back or rooms.join(
            message.room,
            printable(message.name),
            message.token,
            self._notify,
            now,
            resume=message.resume,
        )
        if isinstance(entered, Waiting):
            self._waiting = entered
        else:
            self._enter(*entered, shown=message.resume, resumed=back is not None)

    def _enter(
        self, room: Room, participant: Participant, *, shown: str = "", resumed: bool = False
    ) -> None:
        """In the room from now on; the client has ``shown`` what leads back to it."""
        rooms = self._rooms
        self._room, self._participant, self._waiting = room, participant, None
        self._got_token = False
        self._send(
            server.Joined(
                you=participant.id,
                room=room.id,
                capacity=room.capacity,
                participants=[
                    participant_value(other)
                    for other in room.participants.values()
                    if other is not participant and not other.permissions.hidden
                ],
                role=participant.role,
                hand=participant.hand,
                name=participant.name,
                may=may_value(participant.permissions),
                locked=room.locked,
                lobby=room.lobby,
                silenced=[
                    values.Silenced(source=source, by=by)
                    for source, by in participant.silenced.items()
                ],
                resume=room.seats.issue(participant, shown),
                resumed=resumed,
                slots=room.first_slots,
                iceServers=ice_servers(rooms.settings, participant.id, rooms.wall_clock()),
            )
        )
        if rooms.drains_until is not None:
            self._send(server.Draining(deadline=rooms.drains_until))
        if rooms.load is not LoadState.NORMAL:
            self._send(server.Load(state=rooms.load))
        if resumed:
            room.repeat(participant)

    def _settle(self) -> None:
        """Whoever speaks after ``joined`` has read it, and has a new token."""
        if self._room is not None and self._participant is not None and not self._got_token:
            self._got_token = True
            self._room.seats.settle(self._participant)

    def _joined(self) -> tuple[Room, Participant]:
        if self._room is None or self._participant is None:
            raise ProtocolError("not-joined", "The first message must be a join.")
        return self._room, self._participant

    def _notify(self, event: events.Event) -> None:
        before = self._participant
        try:
            self._tell(event)
        except Exception as error:
            participant = before or self._participant
            if participant is None:
                raise  # of a join, which is this client's own
            # Whoever made it happen, and whoever is to be told next, must not notice.
            self._break(participant, error)

    def _break(self, participant: Participant, error: Exception) -> None:
        participant.notify = _unheard
        participant.faulty(error)
        with contextlib.suppress(Exception):  # even that may not work
            self._tell(events.Dismissed("internal-error", "An error in the server."))
        self._room = self._participant = None
        self._hang_up()

    def _tell(self, event: events.Event) -> None:
        match event:
            case events.Admitted(room, participant):
                self._enter(room, participant)
            case events.Dismissed(code, message):
                self._room = self._participant = self._waiting = None
                self._send(server.Closed(code=code, message=message))
                self._hang_up()
            case _:
                self._send(message_of(event))

    def _leave(self, reason: LeaveReason, now: float) -> None:
        room, participant = self._room, self._participant
        waiting = self._waiting
        self._room = self._participant = self._waiting = None
        if waiting is not None:
            self._rooms.lobbies.leave(waiting)
        if room is not None and participant is not None:
            room.leave(participant, reason, now)

    def _send(self, message: server.ServerMessage) -> None:
        if not self.closed:
            self._send_bytes(encode(message))

    def _hang_up(self) -> None:
        if not self.closed:
            self.closed = True
            self._close()


def _unheard(event: events.Event) -> None:
    """Nobody can be told any more."""
