import contextlib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.config import (
    SCHEMA,
    Settings,
    describe,
    disagreements,
    environment_name,
    file_name,
    flag,
    load,
    misspelt,
)
from sfu.errors import InvalidSettings
from sfu.settings_file import MAX_BYTES, SettingsFile, commented_defaults, toml_value


def file(text, name="parley.toml"):
    return SettingsFile(text if isinstance(text, bytes) else text.encode(), name)


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
        ("advertised_addresses", "203.0.113.7,no where", "IP addresses or host names"),
        ("advertised_addresses", "203.0.113.300", "IP addresses or host names"),
        ("advertised_addresses", "-a.example", "IP addresses or host names"),
        ("advertised_addresses", "a..example", "IP addresses or host names"),
        ("advertised_addresses", "0.0.0.0", "IP addresses"),
        ("advertised_addresses", "224.0.0.1", "IP addresses"),
        ("advertised_addresses", "fe80::1%eth0", "IP addresses"),
        ("advertised_addresses", ",".join(["203.0.113.7"] * 17), "at most 16"),
        ("allowed_origins", "example.org", "origins like https://example.org"),
        ("allowed_origins", "https://example.org/path", "origins like https://example.org"),
        ("allowed_origins", "ftp://example.org", "origins like https://example.org"),
        ("allowed_origins", "https://example.org;", "origins like https://example.org"),
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


@given(
    st.integers(0, 65535).filter(lambda port: port != Settings().http_port),
    st.floats(0.1, 6.5),
    st.sampled_from(["text", "json", "auto"]),
)
def test_what_is_written_is_read_back(port, heartbeat, form):
    settings = load(
        [f"--udp-port={port}", f"--websocket-heartbeat={heartbeat!r}", f"--log-format={form}"], {}
    )
    assert settings == Settings(udp_port=port, websocket_heartbeat=heartbeat, log_format=form)


def test_a_host_name_may_be_advertised():
    for name in ("call.example.org", "localhost", "sfu-1", "7.example", "call.example.org.au"):
        assert load([f"--advertised-addresses={name}"], {}).advertised_addresses == (name,)


def test_a_file_sets_what_neither_flag_nor_environment_sets():
    given = file("http_port = 9000\nudp_port = 9001\nroom_capacity = 7")
    settings = load(["--http-port=80"], {"SFU_UDP_PORT": "81"}, given)
    assert (settings.http_port, settings.udp_port, settings.room_capacity) == (80, 81, 7)


def test_every_type_of_value_is_read_from_a_file():
    settings = load(
        [],
        {},
        file(
            'advertised_addresses = ["203.0.113.7", "2001:db8::7"]\nwebsocket_heartbeat = 2\n'
            'log_level = "debug"'
        ),
    )
    assert settings.advertised_addresses == ("203.0.113.7", "2001:db8::7")
    assert (settings.websocket_heartbeat, settings.log_level) == (2.0, "debug")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("http_port = 70000", ["http_port", "70000", "a whole number from 0 to 65535"]),
        ('http_port = "80"', ["http_port", "'80'", "a whole number from 0 to 65535"]),
        ("http_port = true", ["http_port", "True", "a whole number"]),
        ("http_port = 2026-11-21", ["http_port", "a whole number"]),
        ('"http_port" = [[1]]', ["http_port", "[[1]]", "a whole number"]),
        ('advertised_addresses = "203.0.113.7"', ["advertised_addresses", "at most 16"]),
        ('allowed_origins = [\n "example.org"]', ["allowed_origins", "example.org", "https://"]),
        ("http_prot = 80", ["http_prot", "did you mean http_port"]),
        ("http-port = 80", ["http-port", "did you mean http_port"]),
        ('http_host = "\\u0000"', ["http_host", "an address or host name"]),
        (f'http_host = "{"a" * 64}"', ["http_host", "an address or host name"]),
        ('tls_key = "\\u0000"', ["tls_key", "the path of a file"]),
        ('advertised_addresses = ["a.example\\n"]', ["advertised_addresses", "host names"]),
        ("colour = 1", ["colour", "sfu config"]),
        ("[server]\nhttp_port = 1", ["server", "in no table"]),
    ],
)
def test_a_mistake_in_a_file_is_named_with_key_value_and_line(line, words):
    given = file(f"# Our settings\nroom_capacity = 7\n\n{line}\n", "/etc/parley.toml")
    with pytest.raises(InvalidSettings) as refused:
        load([], {}, given)
    for word in [*words, "/etc/parley.toml, line 4"]:
        assert word in str(refused.value)
    assert list(given.mistakes(SCHEMA)) == [str(refused.value)]


def test_what_looks_like_the_key_in_a_comment_or_a_long_string_is_not_its_line():
    given = file('# http_port = 1\ntls_key = """\nhttp_port = 2\n"""\nhttp_port = "x"')
    assert given.line("http_port") == 5
    assert given.line("udp_port") is None


def test_a_key_whose_line_is_not_found_is_still_named():
    with pytest.raises(InvalidSettings, match=r"http_port cannot be 'x'.*\(parley.toml\)"):
        load([], {}, file('"http\\u005fport" = "x"'))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"http_port 80", "line 1"),
        (b"a = 1\na = 2\n", "line 2"),
        (b"# fine\n\n\xff", "line 3: this is not UTF-8"),
        (b"a = " + b"[" * 20_000, "nested too deeply"),
        (b"a = " + b"9" * 5000, "not valid TOML"),
        (b"#" * (MAX_BYTES + 1), "at most"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_with_a_sentence(data, words):
    with pytest.raises(InvalidSettings, match=words):
        file(data)


def test_a_byte_order_mark_does_not_matter():
    assert load([], {}, file(b"\xef\xbb\xbfhttp_port = 80")).http_port == 80


def test_a_secret_in_a_file_is_not_shown():
    given = file('room_secret = "hunter2"')
    with pytest.raises(InvalidSettings) as refused:
        load([], {}, given)
    assert "hunter2" not in str(refused.value)


def test_every_mistake_of_a_file_is_told():
    given = file("http_port = -1\nudp_port = -1\nroom_capacity = 5")
    first, second = given.mistakes(SCHEMA)
    assert "http_port" in first
    assert "udp_port" in second


def test_an_overridden_value_of_a_file_is_not_looked_at_but_every_key_must_be_known():
    assert load(["--http-port=80"], {}, file("http_port = -1")).http_port == 80
    with pytest.raises(InvalidSettings, match="http_prot"):
        load(["--http-port=80"], {}, file("http_prot = -1"))


def test_where_the_file_is_says_the_flag_and_then_the_environment():
    assert file_name(["--http-port=1", "--config", "a.toml"], {"SFU_CONFIG": "b.toml"}) == "a.toml"
    assert file_name([], {"SFU_CONFIG": "b.toml"}) == "b.toml"
    assert file_name([], {}) == ""
    with pytest.raises(InvalidSettings, match="--config needs a value"):
        file_name(["--config"], {})
    assert load(["--config=a.toml"], {"SFU_CONFIG": "b.toml"}) == Settings()
    assert misspelt({"SFU_CONFIG": "a", "SFU_CONFG": "b"}) == {"SFU_CONFG": "SFU_CONFIG"}


def test_https_needs_certificate_and_key():
    with pytest.raises(InvalidSettings, match="tls_key is not"):
        load(["--tls-certificate=a.pem"], {})
    with pytest.raises(InvalidSettings, match="tls_certificate is not"):
        load([], {}, file('tls_key = "a.pem"'))
    assert not list(disagreements(load(["--tls-certificate=a", "--tls-key=b"], {})))


def test_the_commented_defaults_are_toml_that_changes_nothing_commented_or_not():
    text = commented_defaults(SCHEMA)
    assert tomllib.loads(text) == {}
    uncommented = "\n".join(
        line[1:] if line.startswith("#") and line[1:2] != " " else line
        for line in text.splitlines()
    )
    given = file(uncommented)
    assert given.values.keys() == set(Settings.__struct_fields__)
    assert load([], {}, given) == Settings()
    assert max(len(line) for line in text.splitlines()) <= 100


@given(st.text(st.characters(exclude_categories=("C",))))
def test_a_text_is_written_so_that_toml_reads_it_back(text):
    assert tomllib.loads(f"key = {toml_value(text)}") == {"key": text}


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_file_is_either_taken_or_refused(data):
    with contextlib.suppress(InvalidSettings):
        given = file(data)
        list(given.mistakes(SCHEMA))
        load([], {}, given)


@given(
    st.sampled_from(sorted(SCHEMA)),
    st.sampled_from(["-1", '"x y"', "[1]", "1.5", "{}", "1979-05-27", '""', "true", "[]"]),
    st.integers(0, 5),
)
def test_a_mistake_is_found_in_its_line_wherever_it_is(name, value, above):
    given = file("# comment\n" * above + f"{name} = {value}\n")
    for sentence in given.mistakes(SCHEMA):
        assert f"parley.toml, line {above + 1}" in sentence


KEY = "k1:" + "s" * 32


def test_tokens_need_a_key_to_check_them_with() -> None:
    with pytest.raises(InvalidSettings, match="api_keys or jwks"):
        load(["--auth=token"], {})
    for keys in (f"--api-keys={KEY}", "--jwks=keys.json", "--jwks=https://example.org/keys"):
        assert load(["--auth=token", keys], {}).auth == "token"


def test_each_key_has_an_id_of_its_own() -> None:
    with pytest.raises(InvalidSettings, match="same id"):
        load([f"--api-keys={KEY},{KEY}"], {})


@pytest.mark.parametrize(
    "source", ["http://example.org/keys", "ftp://example.org", "https://", "a\0"]
)
def test_keys_come_over_no_way_that_others_can_change(source: str) -> None:
    with pytest.raises(InvalidSettings, match="jwks"):
        load([f"--jwks={source}"], {})


SHARED = "--turn-secret=" + "s" * 16


@pytest.mark.parametrize(
    "url",
    [
        "turn:turn.example.org",
        "turn:192.0.2.1:3478?transport=udp",
        "turns:turn.example.org:5349?transport=tcp",
        "turn:[2001:db8::1]:3478",
    ],
)
def test_turn_servers_are_named_as_browsers_want_it(url: str) -> None:
    assert load([f"--turn-urls={url}", SHARED], {}).turn_urls == (url,)


@pytest.mark.parametrize(
    "url",
    [
        "turn.example.org:3478",
        "https://turn.example.org",
        "turn://turn.example.org",
        "stun:turn.example.org",
        "turn:turn.example.org:0",
        "turn:turn.example.org:70000",
        "turn:turn.example.org?transport=sctp",
        "turn:user@turn.example.org",
        "turn:[2001:db8::g]",
        "turn:192.0.2.300",
    ],
)
def test_what_is_no_turn_server_is_refused(url: str) -> None:
    with pytest.raises(InvalidSettings, match="turn_urls"):
        load([f"--turn-urls={url}", SHARED], {})


def test_a_turn_server_needs_the_secret_that_opens_it() -> None:
    with pytest.raises(InvalidSettings, match="turn_secret is not"):
        load(["--turn-urls=turn:turn.example.org"], {})


def test_media_over_tcp_needs_a_port_of_its_own() -> None:
    same = ["--http-port=8443", "--udp-port=8443"]
    with pytest.raises(InvalidSettings, match="--tcp off"):
        load(same, {})
    assert load([*same, "--tcp=off"], {}).tcp == "off"
    assert load(["--http-port=0", "--udp-port=0"], {}).tcp == "on"
