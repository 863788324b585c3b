"""What a published track is: its kind and the source it shows or sounds like."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """What a published track shows or sounds like."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"
    SCREEN_AUDIO = "screen-audio"


class Kind(StrEnum):
    """The kind of media of a track."""

    AUDIO = "audio"
    VIDEO = "video"
