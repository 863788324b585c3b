"""Payload marks per codec: where frames and keyframes start, read without decoding."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sfu.rtp.codecs.mark import PayloadMark

if TYPE_CHECKING:
    from sfu.rtp.packet import RtpPacket


def marker_for(codec_name: str) -> Callable[[RtpPacket], PayloadMark]:
    """The function that marks packets of that codec (upper or lower case).

    A codec that is not known is treated like audio: every packet may start a switch. So is RED
    (RFC 2198), whose packets each hold a whole Opus packet.
    """
    # Imported here because rtp.packet needs PayloadMark from this package first.
    from sfu.rtp.codecs import av1, h264, opus, vp8, vp9

    return {
        "vp8": vp8.mark,
        "h264": h264.mark,
        "vp9": vp9.mark,
        "av1": av1.mark,
    }.get(codec_name.lower(), opus.mark)
