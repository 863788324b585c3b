"""Settings of the process: how it ends, sends media and writes its log."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

DrainSeconds = Annotated[
    float,
    Meta(
        ge=0,
        le=86_400,
        description="Seconds that calls may go on after SIGTERM, while nobody new gets in; the "
        "server stops earlier once everybody has left. 0 ends them at once, as a second "
        "SIGTERM does.",
    ),
]
Egress = Annotated[
    Literal["auto", "python", "native"],
    Meta(
        description="What protects and sends media: native needs about 0.6 of the processor "
        "and is there when it could be built; auto takes it then."
    ),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    Meta(description="The least important log lines that are written."),
]
LogFormat = Annotated[
    Literal["auto", "text", "json"],
    Meta(description="How log lines look; auto is text on a terminal and JSON otherwise."),
]
