"""Why a packet did not travel on: one name per reason, used as metric label and in explanations."""

from __future__ import annotations

from enum import StrEnum


class DropReason(StrEnum):
    """Reasons of the forwarding core; wire formats and transports add the slugs of their own."""

    UNKNOWN_SSRC = "unknown-ssrc"  # neither the offer nor the header extensions name its track
    UNKNOWN_PAYLOAD_TYPE = "unknown-payload-type"  # not in the answer for this m-line
    DUPLICATE = "duplicate"  # seen before, or so late that it was given up
    SEQUENCE_JUMP = "sequence-jump"  # first packet of a jump; a second one restarts the stream
    STREAM_RESTARTED = "stream-restarted"  # second packet of a jump: the sender began anew
    TOO_MANY_STREAMS = "too-many-streams"  # more SSRCs than a publisher may have
    NOT_SELECTED = "not-selected"  # a layer that this subscriber does not get
    LAYER_LEFT_OUT = (
        "layer-left-out"  # a temporal or spatial layer that this subscriber does not get
    )
    SOUND_FLOOD = "sound-flood"  # more than any microphone makes
    NOT_AUDIBLE = "not-audible"  # not among the loudest of a big room
    SILENCED = "silenced"  # a host switched the track off, and its owner did not switch it on again
    AWAITING_KEYFRAME = "awaiting-keyframe"  # a switch can only begin on a keyframe
    BEFORE_SWITCH = "before-switch"  # arrived late, belongs before the switch
    NOT_IN_CACHE = "not-in-cache"  # asked for again, but too old or never received
    RESENT_JUST_NOW = "resent-just-now"  # asked for again before the last copy can have arrived
    RESEND_LIMIT = "resend-limit"  # a flood of NACKs
    RESEND_CONGESTED = "resend-congested"  # more would feed the congestion that lost it
    RESEND_FAILED = "resend-failed"  # the socket did not take it
    FEEDBACK_UNKNOWN_SSRC = "feedback-unknown-ssrc"  # RTCP about something we do not send
    CODEC_NOT_NEGOTIATED = "codec-not-negotiated"  # the subscriber cannot decode it
