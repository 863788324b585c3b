import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.config import Settings, describe, environment_name, flag, load, misspelt
from sfu.errors import InvalidSettings


def test_nothing_given_means_the_defaults():
    assert load([], {}) == Settings()


def test_defaults_let_nobody_else_in_and_need_no_choice():
    settings = load([], {})
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8080)
    assert (settings.udp_host, settings.udp_port) == ("", 8081)
    assert settings.advertised_addresses == ()


@pytest.mark.parametrize("arguments", [["--http-port", "9000"], ["--http-port=9000"]])
def test_a_flag_takes_its_value_with_or_without_an_equals_sign(arguments):
    assert load(arguments, {}).http_port == 9000


def test_the_environment_sets_what_no_flag_sets():
    environ = {"SFU_HTTP_PORT": "9001", "SFU_UDP_PORT": "9002"}
    settings = load(["--http-port=9000"], environ)
    assert (settings.http_port, settings.udp_port) == (9000, 9002)


def test_an_environment_value_that_a_flag_overrides_does_not_have_to_be_valid():
    assert load(["--http-port=9000"], {"SFU_HTTP_PORT": "?"}).http_port == 9000


def test_a_list_is_written_with_commas():
    settings = load(["--advertised-addresses", "203.0.113.7, 2001:db8::7"], {})
    assert settings.advertised_addresses == ("203.0.113.7", "2001:db8::7")
    assert load(["--advertised-addresses="], {}).advertised_addresses == ()


def test_numbers_with_a_fraction_and_words():
    settings = load(["--websocket-heartbeat=2.5", "--log-level=debug"], {})
    assert (settings.websocket_heartbeat, settings.log_level) == (2.5, "debug")


def test_blanks_around_a_value_do_not_matter():
    assert load([], {"SFU_HTTP_PORT": " 9000 "}).http_port == 9000


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("http_port", "65536", "a whole number from 0 to 65535"),
        ("http_port", "-1", "a whole number from 0 to 65535"),
        ("http_port", "eighty", "a whole number from 0 to 65535"),
        ("http_port", "", "a whole number from 0 to 65535"),
        ("udp_host", "example.org", "one IP address"),
        ("advertised_addresses", "203.0.113.7,nowhere", "IP addresses"),
        ("advertised_addresses", "0.0.0.0", "IP addresses"),
        ("advertised_addresses", "224.0.0.1", "IP addresses"),
        ("advertised_addresses", "fe80::1%eth0", "IP addresses"),
        ("advertised_addresses", ",".join(["203.0.113.7"] * 17), "at most 16"),
        ("allowed_origins", "example.org", "origins like https://example.org"),
        ("allowed_origins", "https://example.org/path", "origins like https://example.org"),
        ("allowed_origins", "ftp://example.org", "origins like https://example.org"),
        ("room_capacity", "0", "a whole number from 1 to 200"),
        ("websocket_heartbeat", "nan", "a number from 0.1 to 6.5"),
        ("websocket_heartbeat", "7", "a number from 0.1 to 6.5"),
        ("log_level", "loud", "debug"),
    ],
)
def test_a_wrong_value_is_refused_with_name_value_and_what_is_allowed(name, text, allowed):
    for arguments, environ in (
        ([f"{flag(name)}={text}"], {}),
        ([], {environment_name(name): text}),
    ):
        with pytest.raises(InvalidSettings) as refused:
            load(arguments, environ)
        sentence = str(refused.value)
        assert name in sentence
        assert repr(text) in sentence
        assert allowed in sentence
        assert flag(name) in sentence
        assert environment_name(name) in sentence


def test_a_short_secret_is_refused_without_being_shown():
    with pytest.raises(InvalidSettings) as refused:
        load([], {"SFU_ROOM_SECRET": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert "at least 16 characters" in str(refused.value)
    assert load([], {"SFU_ROOM_SECRET": "0123456789abcdef"}).room_secret == "0123456789abcdef"


def test_an_unknown_flag_is_refused_with_the_likeliest_one():
    with pytest.raises(InvalidSettings, match="did you mean --http-port"):
        load(["--http-prot=80"], {})
    with pytest.raises(InvalidSettings, match="--help"):
        load(["something"], {})


@pytest.mark.parametrize("arguments", [["--http-port"], ["--http-port", "--udp-port=1"]])
def test_a_flag_without_its_value_is_refused(arguments):
    with pytest.raises(InvalidSettings, match="--http-port needs a value"):
        load(arguments, {})


def test_misspelt_variables_are_found_and_those_of_orchestrators_are_not():
    environ = {
        "SFU_HTTP_PROT": "80",
        "SFU_SERVICE_HOST": "10.0.0.1",
        "SFU_PORT_8080_TCP": "tcp://10.0.0.1:8080",
        "SFU_HTTP_PORT": "80",
        "HTTP_PORT": "80",
    }
    assert misspelt(environ) == {"SFU_HTTP_PROT": "SFU_HTTP_PORT"}


def test_the_help_tells_everything_about_every_setting():
    paragraphs = describe().split("\n\n")
    assert len(paragraphs) == len(Settings.__struct_fields__)
    for name, paragraph in zip(Settings.__struct_fields__, paragraphs, strict=True):
        assert flag(name) in paragraph
        assert environment_name(name) in paragraph
        meaning = paragraph.splitlines()[1].strip()
        assert len(meaning) > 10
        assert "Takes " in paragraph
        default = getattr(Settings(), name)
        assert f"Default: {default}." in paragraph or default in ("", ())


@given(st.lists(st.text(max_size=30), max_size=4), st.text(max_size=30))
def test_any_input_is_either_taken_or_refused(arguments, text):
    for environ in ({environment_name(name): text} for name in Settings.__struct_fields__):
        with contextlib.suppress(InvalidSettings):
            assert isinstance(load(arguments, environ), Settings)


@given(st.integers(0, 65535), st.floats(0.1, 6.5), st.sampled_from(["text", "json", "auto"]))
def test_what_is_written_is_read_back(port, heartbeat, form):
    settings = load(
        [f"--udp-port={port}", f"--websocket-heartbeat={heartbeat!r}", f"--log-format={form}"], {}
    )
    assert settings == Settings(udp_port=port, websocket_heartbeat=heartbeat, log_format=form)
