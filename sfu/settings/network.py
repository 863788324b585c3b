"""Settings of addresses and ports, and of what stands between us and the browsers."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sfu.schema import MIN_SECRET_CHARACTERS

_Port = Annotated[int, Meta(ge=0, le=65535)]

HttpHost = Annotated[
    str,
    Meta(
        description="Address the page and the signaling listen on; empty means every "
        "interface. Other devices reach it only then (and get a camera only over HTTPS).",
        extra={"expects": "an address or host name of this machine", "check": "host"},
    ),
]
HttpPort = Annotated[
    _Port, Meta(description="TCP port of the page and the signaling; 0 means any free one.")
]
TlsCertificate = Annotated[
    str,
    Meta(
        description="File with the certificate and its chain in PEM: the page and the "
        "signaling are then served over HTTPS. It is read anew when it changes.",
        extra={"expects": "the path of a file, or nothing", "check": "path"},
    ),
]
TlsKey = Annotated[
    str,
    Meta(
        description="File with the private key of tls_certificate, in PEM without a password.",
        extra={"expects": "the path of a file, or nothing", "check": "path"},
    ),
]
UdpHost = Annotated[
    str,
    Meta(
        description="Address that media is received on; empty means every interface, over "
        "IPv4 and IPv6.",
        extra={"expects": "one IP address, or nothing", "check": "address"},
    ),
]
UdpPort = Annotated[_Port, Meta(description="The one UDP port of all media; 0 means any free one.")]
Tcp = Annotated[
    Literal["on", "off"],
    Meta(
        description="Whether media may come over TCP as well, on the number of the UDP port, "
        "for networks that let no UDP through."
    ),
]
TurnUrls = Annotated[
    tuple[str, ...],
    Meta(
        max_length=8,
        description="TURN servers that clients are told of, for networks that let neither UDP "
        "nor TCP through to the media port.",
        extra={
            "expects": "at most 8 URLs like turn:turn.example.org:3478?transport=udp or "
            "turns:turn.example.org:5349 with commas between them",
            "check": "turn-url",
        },
    ),
]
TurnSecret = Annotated[
    str,
    Meta(
        description="Key that the TURN server shares with us (static-auth-secret of coturn): "
        "clients get names and passwords made with it that end after turn_seconds. Set it in "
        "the environment.",
        extra={
            "expects": f"at least {MIN_SECRET_CHARACTERS} characters, or nothing",
            "check": "secret",
        },
    ),
]
TurnSeconds = Annotated[
    int,
    Meta(
        ge=60,
        le=604_800,
        description="Seconds after which what a client was given for the TURN server lets "
        "nobody in any more; it gets new ones with each join and resume.",
    ),
]
AdvertisedAddresses = Annotated[
    tuple[str, ...],
    Meta(
        max_length=16,
        description="Where browsers are told to send media to: set it behind NAT or in a "
        "container. A host name is looked up again every 30 s, for addresses that change. "
        "Nothing means the address of every interface.",
        extra={
            "expects": "at most 16 IP addresses or host names with commas between them",
            "check": "advertised",
        },
    ),
]
AllowedOrigins = Annotated[
    tuple[str, ...],
    Meta(
        max_length=64,
        description="Other web origins, such as https://example.org, whose pages may use the "
        "client, make rooms, connect, and have a call in a frame; the server's own always may.",
        extra={
            "expects": "at most 64 origins like https://example.org with commas between them",
            "check": "origin",
        },
    ),
]
TrustedProxies = Annotated[
    tuple[str, ...],
    Meta(
        max_length=64,
        description="Networks of the proxies in front of the page: only from there "
        "X-Forwarded-For, -Proto and -Host are believed. Without them all who come through a "
        "proxy are one address.",
        extra={
            "expects": "at most 64 networks or addresses like 10.0.0.0/8 or ::1 with commas "
            "between them",
            "check": "network",
        },
    ),
]
