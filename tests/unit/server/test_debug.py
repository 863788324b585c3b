import pytest
from aiohttp.test_utils import make_mocked_request

from sfu.server.debug import debug_rooms


async def test_somebody_on_this_machine_sees_every_routing_table(site, room):
    site.rooms.rooms["known-room"] = room
    answer = await site.client.get("/debug/rooms")
    assert answer.status == 200
    table = (await answer.json())["rooms"]["known-room"]
    assert table["participants"]["p1"]["routes"] == {"1234": ["camera", "media"]}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_a_proxy_is_refused(site, header):
    answer = await site.client.get("/debug/rooms", headers={header: "127.0.0.1"})
    assert answer.status == 403
    assert "loopback" in (await answer.json())["error"]["message"]


@pytest.mark.parametrize("host", ["evil.example", "203.0.113.7:8080", "", "localhost.evil.example"])
async def test_a_page_that_points_its_own_name_here_is_refused(site, host):
    answer = await site.client.get("/debug/rooms", headers={"Host": host})
    assert answer.status in (400, 403)


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "127.1.2.3:80", "[::1]:8080"])
async def test_every_loopback_name_is_accepted(site, host):
    assert (await site.client.get("/debug/rooms", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    ("peer", "status"),
    [
        ("127.0.0.1", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("192.168.1.7", 403),
        ("::ffff:192.168.1.7", 403),
        ("2001:db8::7", 403),
        (None, 403),
    ],
)
def test_only_a_loopback_peer_is_answered(site_rooms, peer, status):
    request = make_mocked_request("GET", "/debug/rooms", headers={"Host": "localhost:8080"})
    request = request.clone(remote=peer) if peer else request
    assert debug_rooms(request, site_rooms).status == status
