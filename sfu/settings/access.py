"""Settings of who gets in, and of the keys that programs and we show each other."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sfu.schema import MIN_API_SECRET_CHARACTERS, MIN_SECRET_CHARACTERS

RoomSecret = Annotated[
    str,
    Meta(
        description="Key that room ids are made with; servers with the same one take each "
        "other's links. Empty means one that sfu serve makes and keeps in a file of its user, "
        "so that links survive a restart. Set it in the environment: flags are visible to "
        "other users of the machine.",
        extra={
            "expects": f"at least {MIN_SECRET_CHARACTERS} characters, or nothing",
            "check": "secret",
        },
    ),
]
Auth = Annotated[
    Literal["open", "token"],
    Meta(
        description="Who gets in: open lets in everybody who has a room's link; with token "
        "only who shows a token signed with one of api_keys or jwks gets in, and it says what "
        "they may do."
    ),
]
ApiKeys = Annotated[
    tuple[str, ...],
    Meta(
        max_length=16,
        description="Keys that tokens are signed with (HS256): the id, a colon, the secret. "
        "sfu token create signs with the first. To change one put the new one beside it until "
        "the tokens of the old one have run out. Set them in the environment.",
        extra={
            "expects": "at most 16 keys like id:secret, with secrets of at least "
            f"{MIN_API_SECRET_CHARACTERS} characters, with commas between them",
            "check": "api-key",
        },
    ),
]
Jwks = Annotated[
    str,
    Meta(
        description="File or https URL of a JWK set with the public keys of tokens that "
        "somebody else signs (RS256, ES256). It is read anew every 5 minutes, and when a token "
        "names a key that is not in it.",
        extra={
            "expects": "the path of a file, a URL like https://example.org/jwks.json, or nothing",
            "check": "path-or-url",
        },
    ),
]
TokenLeeway = Annotated[
    float,
    Meta(
        ge=0,
        le=300,
        description="Seconds by which the clocks of whoever signs tokens may differ from ours.",
    ),
]
AdminKeys = Annotated[
    tuple[str, ...],
    Meta(
        max_length=16,
        description="Keys that open the server's HTTP API (/api/v1) and the inspector of rooms "
        "to other machines; without any there is no API. Set them in the environment.",
        extra={
            "expects": f"at most 16 keys of at least {MIN_SECRET_CHARACTERS} characters with "
            "commas between them",
            "check": "secret",
        },
    ),
]
WebhookUrls = Annotated[
    tuple[str, ...],
    Meta(
        max_length=8,
        description="Where rooms' events are posted to, signed with webhook_secret.",
        extra={
            "expects": "at most 8 URLs like https://example.org/calls with commas between them",
            "check": "url",
        },
    ),
]
WebhookSecret = Annotated[
    str,
    Meta(
        description="Key that webhooks are signed with (HMAC-SHA256, Standard Webhooks); text "
        "that begins with whsec_ is base64. Set it in the environment.",
        extra={
            "expects": f"at least {MIN_SECRET_CHARACTERS} characters, with base64 after whsec_ "
            "if it begins so, or nothing",
            "check": "webhook-secret",
        },
    ),
]
