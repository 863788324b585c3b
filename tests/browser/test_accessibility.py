"""Everybody can use it: axe-core's rules, sizes, colours and languages in every state of a page."""

from __future__ import annotations

from crowd import Crowd
from inspection import ALL_LOOKS, AXE, CORE, Inspection, Look
from page import until

SMALL = "width=160&height=90&fps=5"
NAMES = [
    "Bob",
    "Cy",
    "Dana",
    "Eve",
    "Fatima al-Zahra",
    "Gaurav",
    "Hélène",
    "Ingrid Sørensen-Lindqvist",
]


async def is_in_call(page) -> bool:
    return await page.state() == "call"


async def enter(chromium, url: str):
    """Ann, in a call, and what is looked at."""
    ann = await chromium(f"{url}?join=auto&{SMALL}&name=Ann")
    await until(lambda: is_in_call(ann), 30, "Ann is in the call")
    return ann, Inspection(ann)


async def crowd_of(page, server, room: str) -> Crowd:
    """Others, from a page of the same browser."""
    other = await page.page.context.browser.new_page()
    await other.goto(f"{server.url}/metrics")
    return Crowd(other, room)


async def tiles(page, count: int) -> None:
    async def there() -> bool:
        return await page.page.locator(".tile").count() == count

    await until(there, 30, f"{count} tiles")


async def test_before_a_call(server, chromium) -> None:
    page = await chromium(f"{server.url}/")
    seen = Inspection(page)
    await page.page.focus("#link")
    await page.page.keyboard.press("Enter")
    await page.page.wait_for_selector("#start-problem:visible")
    await seen.look("start page with a problem")
    await page.page.goto(f"{server.url}/?lang=ar-XB")
    await page.page.focus("#new-call")
    await seen.look("start page from right to left")
    await page.page.goto(f"{server.url}/r/{server.create_room()}?{SMALL}")
    await page.page.wait_for_selector("#prejoin:visible")
    await page.page.focus("#name")
    await seen.look("before the call", ALL_LOOKS)
    await page.page.goto(f"{server.url}/r/{'A' * 28}?join=auto&{SMALL}")
    await page.page.wait_for_selector("#notice:visible")
    await seen.look("error notice")
    assert seen.report() == ""


async def test_an_inspection_finds_what_is_wrong(server, chromium) -> None:
    page = await chromium(f"{server.url}/")
    await page.page.focus("#new-call")
    await page.evaluate(
        """() => {
          for (const width of [30, 700]) {
            const button = document.createElement('button');
            button.style.cssText = `min-height: 0; height: 20px; width: ${width}px; border: 0;
              background: #ddd; forced-color-adjust: none; transition: color 1s;`;
            document.querySelector('.welcome').prepend(button);
          }
          document.activeElement.blur();
        }"""
    )
    seen = Inspection(page)
    await seen.look("bad", [Look(320, 640)])
    found = "\n".join(seen.findings)
    for wrong in (
        "critical button-name",
        "small: button",
        "the page scrolls aside",
        "outside: button",
        "the focus is nowhere",
        "would move: button",
        "is not seen",
    ):
        assert wrong in found


async def test_in_a_call(server, chromium) -> None:
    room = server.create_room()
    ann, seen = await enter(chromium, f"{server.url}/r/{room}")
    page = ann.page
    await page.focus("#invite")
    await seen.look("alone")
    crowd = await crowd_of(ann, server, room)
    await crowd.come("Bob", seen=1)
    await tiles(ann, 2)
    await seen.look("two")
    await crowd.come(*NAMES[1:])
    await tiles(ann, 9)
    await seen.look("nine")

    await page.click("#chat-button")
    await page.wait_for_selector("#chat-text:visible")
    await crowd.does(0, "call.chat.send('Hello, see https://example.org/a?b=c')")
    await page.fill("#chat-text", "Good morning, everybody")
    await page.press("#chat-text", "Enter")
    await page.wait_for_selector(".message a")
    await seen.look("chat", ALL_LOOKS)

    await page.click("#people-button")
    await page.wait_for_selector("#people:visible")
    await page.click(".person[data-name=Bob] .more-of")
    await seen.look("people")

    await page.click("#people [data-close]")  # else the menu covers parts of its buttons
    await page.click("#more")
    await seen.look("menu")
    await page.click("#statistics-button")
    await page.wait_for_selector("#statistics-list li")
    await seen.look("statistics")
    assert seen.report() == ""


async def test_dialogs_and_an_outage(server, chromium) -> None:
    room = server.create_room()
    ann, seen = await enter(chromium, f"{server.url}/r/{room}")
    page = ann.page
    await page.focus("#chat-button")
    await page.keyboard.press("?")
    await page.wait_for_selector("#help-dialog:visible")
    await seen.look("help")
    await page.keyboard.press("Escape")
    for button, dialog in (("invite-others", "invitation"), ("devices-button", "devices-dialog")):
        await page.click("#more")
        await page.click(f"#{button}")
        await page.wait_for_selector(f"#{dialog}:visible")
        await seen.look(dialog)
        await page.keyboard.press("Escape")
    server.stop()
    await page.wait_for_selector("body[data-state=reconnecting]")
    await seen.look("reconnecting")
    assert seen.report() == ""


async def test_bars_banners_and_a_question(server, chromium) -> None:
    room = server.create_room()
    ann, seen = await enter(chromium, f"{server.url}/r/{room}")
    page = ann.page
    await page.click("#share")
    await page.wait_for_selector("#sharing:visible")
    await page.focus("#stop-sharing")
    await seen.look("sharing")
    await page.click("#stop-sharing")
    await page.evaluate(
        """() => {
          navigator.mediaDevices.getDisplayMedia = async () => {
            throw new DOMException('Permission denied', 'NotAllowedError');
          };
        }"""
    )
    await page.click("#share")
    await page.wait_for_selector("#banner-close:visible")  # with what helps, and without
    await page.focus("#banner-action")
    await seen.look("banner")
    crowd = await crowd_of(ann, server, room)
    await crowd.come("Bob", seen=1)
    await tiles(ann, 2)
    await page.click("#people-button")
    await page.click(".person[data-name=Bob] .more-of")
    await page.click(".person[data-name=Bob] [data-deed=remove]")
    await page.wait_for_selector("#question:visible")
    await seen.look("question")
    assert seen.report() == ""


async def test_a_call_in_firefox(server, firefox) -> None:
    page = await firefox(f"{server.url}/r/{server.create_room()}?join=auto&{SMALL}&name=Ann")
    await until(lambda: is_in_call(page), 60, "in the call")
    await page.evaluate(
        "() => document.querySelector('sfu-call').shadowRoot.querySelector('#chat-button').click()"
    )
    await page.evaluate(f"() => {{ {AXE.read_text()} }}")
    assert [found for script in CORE for found in await page.evaluate(script)] == []
