"""HTTPS from files: what is refused, and what happens when the files change."""

import asyncio
import ssl

import pytest
from structlog.testing import capture_logs

from sfu.errors import InvalidSettings
from sfu.server.own_certificate import write_certificate
from sfu.server.tls import TlsFiles


@pytest.fixture
def files(tmp_path):
    """A certificate and its key, as paths."""
    return write_certificate(tmp_path, ["127.0.0.1"])


@pytest.fixture
def other_files(tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    return write_certificate(folder, ["127.0.0.1"])


async def shown(context):
    """The certificate that a client gets of a server with ``context``."""
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        return await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))


async def test_it_shows_the_certificate_of_the_file(files):
    certificate, key = files
    tls = TlsFiles(str(certificate), str(key))
    assert await shown(tls.context) == certificate.read_text()
    assert tls.context.minimum_version >= ssl.TLSVersion.TLSv1_2


async def test_a_renewed_certificate_is_used_from_the_next_connection_on(files, other_files):
    certificate, key = files
    tls = TlsFiles(str(certificate), str(key))
    watching = asyncio.create_task(tls.watch(0.001))
    for new, old in zip(other_files, files, strict=True):
        new.replace(old)
    async with asyncio.timeout(10):
        while await shown(tls.context) != certificate.read_text():  # noqa: ASYNC110 - files
            await asyncio.sleep(0.01)
    watching.cancel()


async def test_half_of_a_renewal_changes_nothing_until_the_other_half_is_there(files, other_files):
    certificate, key = files
    before = certificate.read_text()
    tls = TlsFiles(str(certificate), str(key))
    other_files[0].replace(certificate)
    with capture_logs() as lines:
        tls.reload()
    assert [line["event"] for line in lines] == ["certificate-not-reloaded"]
    assert await shown(tls.context) == before
    other_files[1].replace(key)
    tls.reload()
    assert await shown(tls.context) == certificate.read_text() != before


async def test_files_that_vanish_leave_the_old_certificate(files):
    certificate, key = files
    before = certificate.read_text()
    tls = TlsFiles(str(certificate), str(key))
    certificate.unlink()
    tls.reload()
    assert await shown(tls.context) == before


def test_files_that_cannot_be_used_are_refused_with_a_sentence(files, other_files, tmp_path):
    certificate, key = files
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("hello")
    for pair, words in (
        ((tmp_path / "missing.pem", key), "tls_certificate .*missing.pem.* cannot be read"),
        ((certificate, tmp_path), "tls_key .* cannot be read"),
        ((garbage, key), "is not a PEM file"),
        ((certificate, other_files[1]), "is not the key of tls_certificate"),
        ((key, key), "cannot be used"),
    ):
        with pytest.raises(InvalidSettings, match=words):
            TlsFiles(*map(str, pair))
