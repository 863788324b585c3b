"""Everybody can use it: axe-core's rules, sizes, colours and languages in every state of a page."""

from __future__ import annotations

import pytest
from crowd import Crowd
from inspection import Inspection
from page import until

SMALL = "width=160&height=90&fps=5"
NAMES = ["Bob", "Cy", "Dana", "Eve", "Fatima al-Zahra", "Gaurav", "Hélène", "Ingrid Sørensen-Lindqvist"]


async def is_in_call(page) -> bool:
    return await page.state() == "call"


async def enter(chromium, url: str):
    """Ann, in a call, and what is looked at."""
    ann = await chromium(f"{url}?join=auto&{SMALL}&name=Ann")
    await until(lambda: is_in_call(ann), 30, "Ann is in the call")
    return ann, Inspection(ann.page)


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
    seen = Inspection(page.page)
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
    await seen.look("before the call")
    await page.page.goto(f"{server.url}/r/{'A' * 28}?join=auto&{SMALL}")
    await page.page.wait_for_selector("#notice:visible")
    await seen.look("error notice")
    assert seen.findings == []
