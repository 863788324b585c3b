"""Which egress a server runs, as its settings and its build say."""

import pytest

from sfu.config import Settings, load
from sfu.errors import InvalidSettings
from sfu.server.app import Server
from sfu.transport import native_egress
from sfu.transport.native_egress import AVAILABLE


async def running(web, choice):
    async with Server(Settings(http_port=0, udp_port=0, egress=choice), files=web) as server:
        return server.rooms.egress.name


async def test_python_runs_when_asked_for(web):
    assert await running(web, "python") == "python"


async def test_native_code_runs_unless_asked_otherwise_where_it_is_built(web, monkeypatch):
    assert load([], {}).egress == "auto"
    assert await running(web, "auto") == ("native" if AVAILABLE else "python")
    monkeypatch.setattr(native_egress, "AVAILABLE", False)
    assert await running(web, "auto") == "python"


@pytest.mark.skipif(not AVAILABLE, reason="sfu.transport._egress is not built")
async def test_native_is_native(web):
    assert await running(web, "native") == "native"


async def test_native_without_native_code_is_refused_with_a_sentence(web, monkeypatch):
    monkeypatch.setattr(native_egress, "AVAILABLE", False)
    with pytest.raises(InvalidSettings, match=r"libssl-dev.*SFU_EGRESS"):
        await running(web, "native")
