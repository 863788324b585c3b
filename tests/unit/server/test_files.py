import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sfu
from sfu.server.files import WebFiles, web_root


def test_a_file_has_its_content_and_type(web):
    files = WebFiles(web)
    found = files.find("src/sdk/client.js")
    assert found is not None
    assert found.body.decode() == "export const word = 'größer';"
    assert found.content_type == "text/javascript"
    assert files.find("styles/page.css").content_type == "text/css"
    assert files.index.content_type == "text/html"
    assert b"Framed" in files.frame.body


def test_a_changed_file_is_seen_at_once_with_a_new_tag(web):
    files = WebFiles(web)
    before = files.find("styles/page.css")
    assert files.find("styles/page.css") is before
    (web / "styles" / "page.css").write_text("body { margin: 1px }")
    after = files.find("styles/page.css")
    assert after.body == b"body { margin: 1px }"
    assert after.etag != before.etag


def test_the_same_content_has_the_same_tag_after_a_restart(web):
    assert WebFiles(web).find("src/sdk/client.js") == WebFiles(web).find("src/sdk/client.js")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "src",
        "src/",
        "src/missing.js",
        "src/notes.txt",
        "index.html",
        "embed.html",
        "test.html",
        "test/client.test.js",
        "../secret.js",
        "src/../../secret.js",
        "src/..",
        "src//sdk/client.js",
        "src/./sdk/client.js",
        "src\\sdk\\client.js",
        "/src/sdk/client.js",
        "src/sdk/client.js\0",
        "src/sdk/client.js/",
        "src/.hidden.js",
        "src/" + "a" * 5000 + ".js",
        "src/a/b/c/d/e/f/g.js",
    ],
)
def test_nothing_else_is_found(web, path):
    (web / "src" / ".hidden.js").write_text("hidden")
    assert WebFiles(web).find(path) is None


def test_a_link_that_leads_out_is_not_followed(web):
    (web / "src" / "link.js").symlink_to(web.parent / "secret.js")
    (web / "src" / "up").symlink_to(web.parent)
    files = WebFiles(web)
    assert files.find("src/link.js") is None
    assert files.find("src/up/secret.js") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["..", ".", "src", "sdk", "web", "secret.js", "", "%2e%2e", "/"])))
def test_no_path_leads_out(web, segments):
    assert WebFiles(web).find("/".join(["src", *segments])) is None


def test_a_missing_client_has_no_page(tmp_path):
    files = WebFiles(tmp_path / "nothing")
    assert (files.index, files.frame) == (None, None)


def test_the_client_is_found_in_the_package_or_beside_it(tmp_path, monkeypatch):
    package = tmp_path / "sfu"
    package.mkdir()
    monkeypatch.setattr(sfu, "__file__", str(package / "__init__.py"))
    assert web_root() == tmp_path / "web"
    (package / "web").mkdir()
    (package / "web" / "index.html").write_text("installed")
    assert web_root() == package / "web"
