import asyncio
import http.client
import io
import re

import pytest

from sfu.server import logs

ROOM = "known-room"


async def test_the_page_is_at_the_root_and_behind_every_room_link(site):
    for path in ("/", "/r/known-room", "/r/anything"):
        answer = await site.client.get(path)
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert "<title>Parley</title>" in await answer.text()


async def test_the_page_for_frames_is_behind_every_room_link_too(site):
    answer = await site.client.get("/embed/known-room")
    assert answer.status == 200
    assert "<title>Framed</title>" in await answer.text()


async def test_the_files_of_the_page_are_served_with_their_types(site):
    answer = await site.client.get("/src/sdk/client.js")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "größer" in await answer.text()
    assert (await site.client.get("/styles/page.css")).content_type == "text/css"


async def test_an_unchanged_file_is_not_sent_again_and_a_changed_one_is(site):
    first = await site.client.get("/src/sdk/client.js")
    assert first.headers["Cache-Control"] == "no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    second = await site.client.get("/src/sdk/client.js", headers=known)
    assert (second.status, await second.read()) == (304, b"")
    (site.web / "src" / "sdk" / "client.js").write_text("export const word = 'new';")
    third = await site.client.get("/src/sdk/client.js", headers=known)
    assert third.status == 200
    assert "new" in await third.text()


async def test_a_file_comes_compressed_to_who_takes_that(site):
    script = site.web / "src" / "sdk" / "client.js"
    script.write_text("export const words = '" + "many words, " * 100 + "';")
    tags = set()
    for accepted, encoding in (
        ("gzip, deflate, br", "gzip"),
        ("br, *;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
    ):
        headers = {"Accept-Encoding": accepted}
        answer = await site.client.get("/src/sdk/client.js", headers=headers)
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert await answer.text() == script.read_text()
        known = headers | {"If-None-Match": answer.headers["ETag"]}
        again = await site.client.get("/src/sdk/client.js", headers=known)
        assert (again.status, await again.read()) == (304, b"")
        tags.add(answer.headers["ETag"])
    assert len(tags) == 2


@pytest.mark.parametrize(
    "path", ["/", "/src/sdk/client.js", "/nothing", "/api/rooms/x", "/metrics", "/readyz", "/ws"]
)
async def test_every_answer_carries_the_security_headers(site, path):
    headers = (await site.client.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert headers["Permissions-Policy"] == (
        "camera=(self), microphone=(self), display-capture=(self)"
    )
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Server"] == "Parley"
    assert headers["Cache-Control"] in ("no-cache", "no-store")


FRIEND = "https://friend.example"


@pytest.mark.parametrize("path", ["/", "/r/known-room", "/embed/known-room", "/nothing"])
async def test_pages_of_allowed_origins_may_have_a_call_in_a_frame(start_site, path):
    site = await start_site(allowed_origins=(FRIEND, "http://localhost:3000"))
    headers = (await site.client.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == f"'self' {FRIEND} http://localhost:3000"
    assert "X-Frame-Options" not in headers  # it knows of no list


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/src/sdk/client.js"),
        ("GET", "/styles/page.css"),
        ("GET", "/src/missing.js"),
        ("POST", "/api/rooms"),
        ("GET", "/api/rooms/known-room"),
    ],
)
async def test_pages_of_allowed_origins_may_read_the_clients_files_and_make_rooms(
    start_site, method, path
):
    site = await start_site(allowed_origins=(FRIEND,))
    headers = (await site.client.request(method, path, headers={"Origin": FRIEND})).headers
    assert headers["Access-Control-Allow-Origin"] == FRIEND
    assert "Origin" in headers["Vary"]


async def test_a_file_that_has_not_changed_may_still_be_read(start_site):
    site = await start_site(allowed_origins=(FRIEND,))
    first = await site.client.get("/src/sdk/client.js")
    headers = {"Origin": FRIEND, "If-None-Match": first.headers["ETag"]}
    second = await site.client.get("/src/sdk/client.js", headers=headers)
    assert second.status == 304
    assert second.headers["Access-Control-Allow-Origin"] == FRIEND


@pytest.mark.parametrize(
    ("origin", "path"),
    [
        ("https://evil.example", "/src/sdk/client.js"),
        ("https://friend.example.evil.example", "/src/sdk/client.js"),
        ("null", "/api/rooms/known-room"),
        (FRIEND, "/metrics"),
        (FRIEND, "/debug/rooms"),
        (FRIEND, "/api/v1/rooms"),
        (FRIEND, "/"),
        (FRIEND, "/srcs"),
    ],
)
async def test_nobody_else_and_nothing_else_may_be_read(start_site, origin, path):
    site = await start_site(allowed_origins=(FRIEND,))
    headers = (await site.client.get(path, headers={"Origin": origin})).headers
    assert "Access-Control-Allow-Origin" not in headers
    # What is not allowed to one may be to another: caches have to know where it depends.
    assert ("Origin" in headers.get("Vary", "")) == path.startswith(("/src/", "/api/rooms"))


async def test_without_allowed_origins_nothing_is_said_of_any(site):
    headers = (await site.client.get("/src/sdk/client.js", headers={"Origin": FRIEND})).headers
    assert "Access-Control-Allow-Origin" not in headers
    assert "Origin" not in headers.get("Vary", "")


async def test_a_new_room_has_an_id_a_link_and_a_token_for_its_host(site):
    answer = await site.client.post("/api/rooms")
    assert answer.status == 201
    made = {"room": ROOM, "url": f"/r/{ROOM}", "token": f"token-of-{ROOM}"}
    assert await answer.json() == made
    assert answer.headers["Location"] == f"/r/{ROOM}"


async def test_a_room_is_known_or_not(site):
    assert (await site.client.get(f"/api/rooms/{ROOM}")).status == 204
    unknown = await site.client.get("/api/rooms/guessed")
    assert unknown.status == 404
    error = (await unknown.json())["error"]
    assert error["code"] == "not-found"
    assert error["message"] == "There is no such room."


async def test_an_unknown_address_is_a_page_with_a_way_back(site):
    answer = await site.client.get("/nothing")
    assert answer.status == 404
    assert answer.content_type == "text/html"
    text = await answer.text()
    assert '<a href="/">' in text
    assert "style" not in text  # the content security policy would block it


async def test_an_error_page_never_repeats_the_request(site):
    text = await (await site.client.get("/<script>alert(1)</script>")).text()
    assert "alert" not in text


async def test_an_unknown_address_of_the_api_is_json(site):
    answer = await site.client.get("/api/nothing")
    assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not-found")


async def test_the_wrong_method_is_told_the_right_one(site):
    answer = await site.client.delete("/api/rooms")
    assert answer.status == 405
    assert answer.headers["Allow"] == "POST"
    assert (await answer.json())["error"]["code"] == "wrong-method"


@pytest.mark.parametrize(
    "target",
    [
        "/src/../../secret.js",
        "/src/%2e%2e/%2e%2e/secret.js",
        "/src/..%2f..%2fsecret.js",
        "/src/..%5c..%5csecret.js",
        "//secret.js",
        "/src//etc/passwd",
        "/test/client.test.js",
        "/src/notes.txt",
        "/src/%00",
    ],
)
def test_no_target_reads_what_is_not_served(target, run_in_thread):
    # http.client sends the target as it is; other clients tidy it up first.
    with run_in_thread() as (host, port):
        connection = http.client.HTTPConnection(host, port, timeout=10)
        connection.request("GET", target)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
    assert answer.status in (400, 404)
    assert b"not for the public" not in body


async def test_without_a_client_the_page_says_what_is_missing(site):
    for file, path in (("index.html", "/"), ("embed.html", "/embed/known-room")):
        (site.web / file).unlink()
        answer = await site.client.get(path)
        assert answer.status == 503
        assert "not installed" in await answer.text()


async def test_where_tokens_are_asked_for_nobody_makes_rooms_here(site, monkeypatch):
    monkeypatch.setattr(site.pages._rooms, "needs_token", True)
    refused = await site.client.post("/api/rooms")
    assert (refused.status, (await refused.json())["error"]["code"]) == (403, "token-required")


async def test_health_and_readiness_differ_only_while_stopping(site):
    assert (await site.client.get("/healthz")).status == 200
    assert (await site.client.get("/readyz")).status == 200
    site.pages.stopping = True
    assert (await site.client.get("/healthz")).status == 200
    assert (await site.client.get("/readyz")).status == 503
    refused = await site.client.post("/api/rooms")
    assert (refused.status, (await refused.json())["error"]["code"]) == (503, "server-stopping")


async def test_a_full_server_is_alive_but_not_ready_and_says_when_to_ask_again(site, monkeypatch):
    monkeypatch.setattr(site.pages, "_full", lambda: True)
    assert (await site.client.get("/healthz")).status == 200
    answer = await site.client.get("/readyz")
    assert (answer.status, await answer.text()) == (503, "full\n")
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_bug_is_counted_and_answered_with_a_sentence(site, monkeypatch):
    def broken(room_id):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(site.rooms, "is_valid", broken)
    answer = await site.client.get(f"/api/rooms/{ROOM}")
    assert answer.status == 500
    assert "secret detail" not in await answer.text()
    assert site.counters.bugs["http"] == 1
    assert (await site.client.get("/healthz")).status == 200


async def test_a_huge_body_does_no_harm(site):
    answer = await site.client.post("/api/rooms", data=b"x" * 1_000_000)
    assert answer.status in (201, 413)
    assert (await site.client.get("/healthz")).status == 200


async def test_metrics_are_in_the_text_format(site):
    answer = await site.client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert re.search(r"^parley_rooms 1\.0$", await answer.text(), re.MULTILINE)


@pytest.mark.parametrize("sent", [b"not HTTP\r\n\r\n", b"GET /r/link\x00 HTTP/1.1\r\n\r\n"])
async def test_bytes_that_are_not_http_leave_no_trace_in_the_log(site, sent):
    stream = io.StringIO()
    logs.configure(stream, level="info", form="json")
    reader, writer = await asyncio.open_connection(site.client.host, site.client.port)
    writer.write(sent)
    assert b" 400 " in await reader.readline()
    writer.close()
    assert stream.getvalue() == ""
