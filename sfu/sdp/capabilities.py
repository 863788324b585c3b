"""What Parley can receive and send: codecs, feedback and header extensions."""

from __future__ import annotations

from sfu.rtp import extensions

# (name in lower case, clock rate in Hz) in our order of preference. VP8 first: every browser has
# it, headless Firefox has no H.264.
CODECS = {
    "audio": (("opus", 48000),),
    "video": (("vp8", 90000), ("h264", 90000), ("vp9", 90000), ("av1", 90000)),
}

# The parameter that names the profile. Only profile 0, its default, is decoded by each browser that
# has the codec (RFC 9628 section 6, RTP Payload Format For AV1 section 7.2).
PROFILES = {"vp9": "profile-id", "av1": "profile"}

# Passed through beside a real codec; an m-line that offers nothing else is not worth having.
COMPANIONS = {
    "audio": (("red", 48000), ("telephone-event", 48000), ("telephone-event", 8000)),
    "video": (),
}

# Data channels (RFC 8841): the only protocol and format, our SCTP port, and the longest message
# we take, which is also what a peer takes that names no length (section 6.1).
DATA_PROTOCOL = "UDP/DTLS/SCTP"
DATA_FORMAT = "webrtc-datachannel"
SCTP_PORT = 5000
MAX_MESSAGE_SIZE = 64 * 1024
# We send none that is longer; Chromium takes this much, Firefox more.
LARGEST_MESSAGE = 256 * 1024

# How much the browser's decoder takes (RFC 7741 section 6.1). Repeated in our answer they would
# limit what the browser sends: Firefox would shrink a 4K screen.
DECODER_LIMITS = frozenset({"max-fs", "max-fr"})

# Of what is offered. Publishers get no goog-remb: transport-cc does its work better.
RECEIVE_FEEDBACK = frozenset({"nack", "nack pli", "ccm fir", "transport-cc"})
SEND_FEEDBACK = frozenset({"nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"})

# What publishers may put into their packets.
RECEIVE_EXTENSIONS = frozenset(
    {
        extensions.MID,
        extensions.RID,
        extensions.REPAIRED_RID,
        extensions.AUDIO_LEVEL,
        extensions.ABS_SEND_TIME,
        extensions.TRANSPORT_CC,
        extensions.VIDEO_ORIENTATION,
        extensions.PLAYOUT_DELAY,
        extensions.CONTENT_TYPE,
        extensions.VIDEO_TIMING,
        extensions.COLOR_SPACE,
        extensions.DEPENDENCY_DESCRIPTOR,
    }
)

# What we put into packets to subscribers; mid is agreed on but not needed, as SSRCs are signaled.
SEND_EXTENSIONS = frozenset(
    {
        extensions.MID,
        extensions.AUDIO_LEVEL,
        extensions.VIDEO_ORIENTATION,
        extensions.PLAYOUT_DELAY,
        extensions.CONTENT_TYPE,
        extensions.VIDEO_TIMING,
        extensions.COLOR_SPACE,
        extensions.DEPENDENCY_DESCRIPTOR,
        extensions.ABS_SEND_TIME,
        extensions.TRANSPORT_CC,
    }
)

# What estimates a subscriber's bandwidth, as feedback and as numbers in packets that are other
# numbers each time a packet is sent.
ESTIMATION_FEEDBACK = frozenset({"transport-cc", "goog-remb"})
ESTIMATION_EXTENSIONS = frozenset({extensions.ABS_SEND_TIME, extensions.TRANSPORT_CC})

# Weaker hashes do not identify a certificate (RFC 8122 section 5).
FINGERPRINT_ALGORITHMS = frozenset({"sha-256", "sha-384", "sha-512"})
