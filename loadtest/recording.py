"""What synthetic clients send, encoded before: payloads, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recording:
    """Payloads without their stamps: ``frames[n]`` are the packets of picture or sound n.

    The first frame is a keyframe and the only one. ``interval`` is in seconds, ``ticks`` the same
    in units of the RTP clock. ``rid`` names an encoding of simulcast, empty without;
    ``temporal`` counts the layers of VP8.
    """

    codec: str
    frames: tuple[tuple[bytes, ...], ...]
    interval: float
    ticks: int
    rid: str = ""
    temporal: int = 1
