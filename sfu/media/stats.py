"""The forwarding core described for people: who gets what, and how it travels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sfu.media.layer import Layer
    from sfu.media.published_track import PublishedTrack
    from sfu.media.publisher import Publisher
    from sfu.media.slots import Slot, SlotHalf
    from sfu.media.subscribed_track import SubscribedTrack
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
        "path": subscriber.downlink.explain(),
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
        "audible": track.audible,
        "silenced": track.silenced,
        "layers": [_layer(layer) for layer in track.ladder.layers],
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


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "rid": layer.stream.rid,
        "spatial": layer.spatial,
        "height": layer.height,
        "paused": layer.paused,
        "kbps": [round(rate / 1000) for rate in layer.rates],
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
        "granted": _granted(track),
        "decisions": _decisions(track),
        "drops": {str(reason): count for reason, count in track.drops.items()} if track else {},
    }


def _granted(track: SubscribedTrack | None) -> dict[str, Any] | None:
    if track is None or track.grant is None:
        return None
    option = track.grant.option
    return {
        "layer": option.spatial if option is not None else None,
        "temporal": option.temporal if option is not None else None,
        "height": option.height if option is not None else None,
        "reason": track.grant.reason,
    }


def _decisions(track: SubscribedTrack | None) -> list[str]:
    """The last decisions with their times in seconds, the latest first."""
    return [f"{at:.1f}s {text}" for at, text in reversed(track.decisions)] if track else []
