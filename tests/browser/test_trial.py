"""The page /test: what gets through to the server, found out by real browsers."""

from __future__ import annotations

from inspection import Inspection
from page import until

ENDED = "!document.getElementById('again').disabled"


async def marks(page) -> dict[str, str]:
    """The mark of each row, once the test is over."""

    async def over() -> bool:
        return bool(await page.page.evaluate(ENDED))

    await until(over, 60, "the test is over")
    found = await page.page.evaluate(
        "[...document.querySelectorAll('#findings li')].map((row) => row.dataset.mark)"
    )
    return dict(zip(("browser", "signaling", "udp", "tcp", "turn"), found, strict=False))


async def test_everything_gets_through_on_this_machine(server, chromium) -> None:
    page = await chromium(f"{server.url}/test")
    found = await marks(page)
    assert found.pop("turn") == "none"
    assert set(found.values()) == {"good"}
    assert await page.page.text_content("#verdict") == "Calls will work from here."
    seen = Inspection(page)
    await page.page.focus("#again")
    await seen.look("connection test")
    await page.page.goto(f"{server.url}/test?lang=de")
    await marks(page)
    assert await page.page.text_content("#verdict") == "Anrufe funktionieren von hier."
    await page.page.focus("#again")
    await seen.look("connection test in German")
    assert seen.report() == ""


async def test_an_address_that_is_not_the_servers_is_named_with_what_to_change(
    start_server, chromium
) -> None:
    # RFC 5737: nobody has it.
    server = start_server(advertised_addresses="192.0.2.1", tcp="off")
    page = await chromium(f"{server.url}/test")
    found = await marks(page)
    assert found["signaling"] == "good"
    assert (found["udp"], found["tcp"]) == ("bad", "none")
    assert await page.page.text_content("#verdict") == "Calls will not work from here."
    advice = await page.page.text_content("#findings li:nth-child(3) p")
    assert "192.0.2.1:" in advice
    assert "advertised_addresses" in advice


async def test_firefox_can_test_as_well(server, firefox) -> None:
    page = await firefox(f"{server.url}/test")

    async def good() -> bool:
        text = await page.evaluate("() => document.getElementById('verdict').textContent")
        return text == "Calls will work from here."

    await until(good, 60, "the verdict is good")
