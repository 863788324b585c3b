"""How soon after Join somebody sees the others; figures for docs/performance.md.

``TIMES=20 pytest tests/browser/test_joining.py -o log_cli=true --log-cli-level=INFO``
"""

from __future__ import annotations

import logging
import os
import statistics

import pytest
from page import until

figures = logging.getLogger("figures")

TIMES = int(os.environ.get("TIMES", "3"))

# From the click on Join until a picture, not the initials, is in Ann's tile.
_WATCH = """
addEventListener('click', (event) => {
  if (!event.composedPath().some((each) => each.id === 'join')) return;
  const clicked = performance.now();
  const look = () => {
    const { shadowRoot } = document.querySelector('sfu-call');
    const tile = shadowRoot.querySelector('.tile[data-name=Ann]');
    if (tile && !tile.classList.contains('dark')) window.seenAfter = performance.now() - clicked;
    else requestAnimationFrame(look);
  };
  look();
}, true);
"""


@pytest.mark.timeout(60 + 20 * TIMES)
async def test_whoever_joins_sees_the_others_soon(server, chromium) -> None:
    room = f"{server.url}/r/{server.create_room()}?width=320&height=180&fps=15"
    ann = await chromium(f"{room}&name=Ann&join=auto")
    await until(lambda: _state_is(ann, "call"), 20, "Ann is in the call")
    bob = await chromium(f"{room}&name=Bob", look=1, init=_WATCH)
    seconds: list[float] = []
    for _ in range(TIMES):
        await bob.page.goto(f"{room}&name=Bob")

        async def preview() -> bool:
            script = "(video) => video.videoWidth > 0"
            return bool(await bob.page.eval_on_selector("#preview", script))

        await until(preview, 20, "the preview runs")
        await bob.page.click("#join")
        await bob.page.wait_for_function("() => window.seenAfter")
        seconds.append(await bob.evaluate("() => window.seenAfter") / 1000)
        await bob.page.click("#leave")
        await bob.page.wait_for_selector("#notice:visible")
    median = statistics.median(seconds)
    figures.info(
        "Join to picture: median %.2f s, %.2f to %.2f s, %d times",
        *(median, min(seconds), max(seconds), TIMES),
    )
    assert median < 10


async def _state_is(page, state: str) -> bool:
    return await page.state() == state
