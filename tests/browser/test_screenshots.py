"""The stage with one person to forty-nine, in windows of many shapes: nothing overlaps or is cut.

To see it: ``SCREENSHOTS=folder pytest tests/browser/test_screenshots.py``.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from crowd import Crowd
from inspection import Inspection, Look
from page import until

NAMES = [
    *("Bob", "Cy", "Dana", "Eve", "Fatima", "Gaurav", "Hélène", "Ingrid", "Jamal", "Keiko"),
    *("Liam", "Mei", "Nadia", "Olu", "Priya", "Quinn", "Rosa", "Sven", "Tariq", "Uma"),
    *("Viktor", "Wanjiru", "Ximena", "Yusuf", "Zoë", "Arjun", "Beatriz", "Chidi", "Dmitri", "Elif"),
    *("Farid", "Greta", "Hana", "Ivo", "Joana", "Kofi", "Leila", "Marek", "Noor", "Oskar"),
    *("Paola", "Rafael", "Sunniva", "Tomás", "Ulla", "Vera", "Wei", "Yara"),
]

# People in the call, ourselves included.
COUNTS = [1, 2, 3, 5, 9, 16, 25, 49]

DESK = Look(1280, 720)
PORTRAIT, LANDSCAPE = Look(390, 844), Look(844, 390)
# As well, at some sizes: (people, how it is looked at, what it is called).
OTHERS = [
    (1, PORTRAIT, "portrait"),
    (2, PORTRAIT, "portrait"),
    (2, LANDSCAPE, "landscape"),
    (5, PORTRAIT, "portrait"),
    (5, LANDSCAPE, "landscape"),
    (5, Look(1280, 720, "dark"), "dark"),
    (5, Look(1280, 720, "light", "de"), "german"),
    (9, Look(1280, 720, "light", "ar-XB"), "right to left"),
    (9, Look(320, 640), "narrow"),
    (16, PORTRAIT, "portrait"),
    (49, PORTRAIT, "portrait"),
    (49, Look(1280, 720, "dark"), "dark"),
]

_STAGE = """() => {
  const { shadowRoot } = document.querySelector('sfu-call');
  const box = (each) => {
    const { left, top, right, bottom } = each.getBoundingClientRect();
    return { left, top, right, bottom };
  };
  const tiles = [...shadowRoot.querySelectorAll('.tile:not([hidden])')];
  return {
    stage: box(shadowRoot.querySelector('#stage')),
    count: tiles.length,
    alike: tiles.filter((each) => !each.matches('.large, .floats')).map(box),
    names: tiles.map((each) => {
      const text = each.querySelector('.label .text');
      const size = parseFloat(getComputedStyle(text).fontSize);
      return { name: each.dataset.name, size, cut: text.scrollWidth > text.clientWidth + 1 };
    }),
  };
}"""


async def is_in_call(page: Any) -> bool:
    return bool(await page.state() == "call")


def overlaps(one: dict[str, float], other: dict[str, float]) -> bool:
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return across > 0.5 and down > 0.5


def wrong(shown: dict[str, Any]) -> list[str]:
    """What is ugly about a stage."""
    stage, alike = shown["stage"], shown["alike"]
    found = []
    if not shown["count"]:
        found.append("nobody is seen")
    if any(overlaps(*pair) for pair in itertools.combinations(alike, 2)):
        found.append("tiles overlap")
    if any(
        tile["left"] < stage["left"] - 0.5
        or tile["right"] > stage["right"] + 0.5
        or tile["top"] < stage["top"] - 0.5
        or tile["bottom"] > stage["bottom"] + 0.5
        for tile in alike
    ):
        found.append("a tile is cut")
    sizes = {(round(t["right"] - t["left"]), round(t["bottom"] - t["top"])) for t in alike}
    if max((w for w, _ in sizes), default=0) - min((w for w, _ in sizes), default=0) > 1:
        found.append(f"tiles of different sizes: {sizes}")
    for each in shown["names"]:
        if each["size"] < 12:
            found.append(f"tiny: {each['name']} {each['size']}")
        if each["cut"] and len(each["name"]) <= 6:
            found.append(f"cut: {each['name']}")
    return found


@pytest.mark.slow
async def test_one_to_forty_nine(start_server, chromium) -> None:
    server = start_server(room_capacity=64)
    room = server.create_room()
    ann = await chromium(f"{server.url}/r/{room}?join=auto&width=320&height=180&fps=5&name=Ann")
    await until(lambda: is_in_call(ann), 30, "in the call")
    other = await ann.page.context.browser.new_page()
    await other.goto(f"{server.url}/metrics")
    crowd = Crowd(other, room)
    seen = Inspection(ann)
    came, found = 1, []
    for people in COUNTS:
        names = NAMES[came - 1 : people - 1]
        await crowd.come(*names, seen=len(names) if people <= 9 else 2, size=(160, 90))
        came = people

        async def all_there(people: int = people) -> bool:
            return await ann.page.locator(".tile").count() == people

        await until(all_there, 60, f"{people} people")
        looks = [(DESK, "desk"), *((look, name) for n, look, name in OTHERS if n == people)]
        for look, name in looks:
            await seen.put(look)
            await seen.keep(f"{people:02} {name}")
            shown = await ann.page.evaluate(_STAGE)
            found += [f"{people} {name}: {each}" for each in wrong(shown)]
        await seen.put(DESK)
    assert found == []
    assert ann.problems == []
