"""Different browsers see and hear each other, whoever comes first."""

from __future__ import annotations

import pytest
from page import until

RED = (210, 40, 40)


@pytest.mark.parametrize("first", ["chromium", "firefox"])
async def test_they_see_and_hear_each_other(server, chromium, firefox, first: str) -> None:
    url = f"{server.url}/r/{server.create_room()}?join=auto&width=320&height=180&fps=15"
    if first == "chromium":
        ann = await chromium(f"{url}&name=Ann")
        fox = await firefox(f"{url}&name=Fox")
    else:
        fox = await firefox(f"{url}&name=Fox")
        ann = await chromium(f"{url}&name=Ann")

    async def both_see() -> bool:
        return await ann.sees("Fox") and await fox.sees("Ann", RED)

    async def both_hear() -> bool:
        return await ann.heard() == 1 and await fox.heard() == 1

    await until(both_see, 20, "both have the other's picture")
    await until(both_hear, 10, "both hear the other")
    for page in (ann, fox):
        before = await page.decoded()

        async def moves(page=page, before=before) -> bool:
            return await page.decoded() > before + 20

        await until(moves, 10, "the picture moves")
    assert ann.problems == []
