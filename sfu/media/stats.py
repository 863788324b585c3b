"""The forwarding core described for people: who gets what, and how it travels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sfu.media.published_track import PublishedTrack
    from sfu.media.publisher import Publisher
    from sfu.media.slots import Slot, SlotHalf
    from sfu.media.subscriber import Subscriber


def describe_publisher(publisher: Publisher) -> dict[str, Any]:
    """What a participant sends: its tracks, and the routing table from SSRC to track."""
    return {
        "rtt_ms": round(publisher.rtt * 1000, 1),
        "tracks": [_track(track) for track in publisher.tracks.values()],
        "routes": {
            f"{ssrc:08x}": f"{track} ({carries})"
            for ssrc, (track, carries) in publisher.routes.items()
        },
    }


def describe_subscriber(subscriber: Subscriber) -> dict[str, Any]:
    """What a participant gets: its slots with the streams that feed them."""
    return {
        "waiting": subscriber.waiting,
        "slots": [_slot(number, slot) for number, slot in enumerate(subscriber.slots)],
    }


def _track(track: PublishedTrack) -> dict[str, Any]:
    return {
        "id": track.id,
        "source": str(track.source),
        "muted": track.muted,
        "mid": track.media.mid,
        "packets": track.packets,
        "subscribers": len(track.subscribed),
        "streams": [
            {
                "ssrc": f"{stream.ssrc:08x}",
                "rid": stream.rid,
                "received": stream.losses.received,
                "missing": len(stream.losses),
                "given_up": stream.losses.given_up,
                "keyframe_wanted": stream.keyframes.wanted,
            }
            for stream in track.streams
        ],
    }


def _slot(number: int, slot: Slot) -> dict[str, Any]:
    occupant = slot.occupant
    return {
        "slot": number,
        "participant": occupant.participant if occupant else None,
        "source": str(occupant.source) if occupant else None,
        "audio": _half(slot.audio),
        "video": _half(slot.video),
    }


def _half(half: SlotHalf) -> dict[str, Any]:
    send, track = half.send, half.track
    forwarder = send.forwarder
    return {
        "mid": send.mid,
        "ssrc": f"{send.ssrc:08x}",
        "track": track.published.id if track else None,
        "awaiting_keyframe": forwarder.switching,
        "switches": forwarder.switches,
        "packets": send.packets_sent,
        "resent": send.resent,
        "lost": send.lost,
        "rtt_ms": None if send.rtt is None else round(send.rtt * 1000, 1),
        "drops": {str(reason): count for reason, count in track.drops.items()} if track else {},
    }
