"""Names and passwords for the TURN server."""

from __future__ import annotations

import base64
import hashlib
import hmac

from sfu.config import Settings
from sfu.signaling.ice_servers import ice_servers, turn_login

URLS = ("turn:turn.example.org:3478", "turns:turn.example.org:5349?transport=tcp")
SECRET = "a secret of both"


def test_without_a_turn_server_there_is_nothing_to_tell() -> None:
    assert ice_servers(Settings(), "p1", 1000.0) == []


def test_each_participant_gets_words_of_its_own_that_end() -> None:
    settings = Settings(turn_urls=URLS, turn_secret=SECRET, turn_seconds=600)
    (ann,) = ice_servers(settings, "p1", 1000.5)
    (bob,) = ice_servers(settings, "p2", 1000.5)
    assert ann.urls == list(URLS)
    assert ann.username == "1600:p1"
    assert ann.credential != bob.credential
    # As coturn checks it.
    digest = hmac.new(SECRET.encode(), b"1600:p1", hashlib.sha1).digest()
    assert base64.b64decode(ann.credential) == digest
    assert SECRET not in repr(ann)


def test_a_known_example_stays_as_it_is() -> None:
    # echo -n 1600:p1 | openssl dgst -binary -sha1 -hmac 'a secret of both' | openssl base64
    assert turn_login(SECRET, "p1", 1600.0) == ("1600:p1", EXAMPLE)


EXAMPLE = "b3gOsiWtNr+rvjhiw3atEWFgrVQ="
