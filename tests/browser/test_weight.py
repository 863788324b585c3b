"""What a call costs before its media, and what a page may not do: other hosts, foreign scripts."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from page import until

figures = logging.getLogger("figures")

# All that a page may load until it is in a call, in bytes on the wire.
MOST = 300_000

_FORBIDDEN = """async () => {
  const tried = [];
  addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
    tried.push(effectiveDirective));
  const script = document.createElement('script');
  script.textContent = 'window.written = true';
  document.head.append(script);
  const picture = new Image();
  picture.src = 'http://127.0.0.1:9/pixel.png';
  await fetch('http://127.0.0.1:9/').catch(() => {});
  // By itself, as whoever drives the browser may do more.
  const evaluate = () => { try { new Function('window.evaluated = true')(); } catch {} };
  await new Promise((done) => setTimeout(() => { evaluate(); setTimeout(done, 200); }));
  const ran = ['written', 'evaluated'].filter((each) => each in window);
  return { ran, tried: [...new Set(tried)].sort() };
}"""


async def is_in_call(page) -> bool:
    return await page.state() == "call"


async def test_a_call_is_light_and_asks_nobody_else(server, chromium) -> None:
    page = await chromium("about:blank")
    network = await page.page.context.new_cdp_session(page.page)
    sizes: list[int] = []
    network.on("Network.loadingFinished", lambda each: sizes.append(each["encodedDataLength"]))
    await network.send("Network.enable")
    await network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await page.page.goto(f"{server.url}/r/{server.create_room()}?width=160&height=90&fps=5")
    await page.page.fill("#name", "Ann")
    await page.page.click("#join")
    await until(lambda: is_in_call(page), 30, "in the call")
    await page.page.wait_for_load_state("networkidle")
    assert len(sizes) > 50
    figures.info("a call weighs %d bytes in %d answers", sum(sizes), len(sizes))
    assert 50_000 < sum(sizes) <= MOST
    hosts = {
        urlsplit(url).netloc for url in page.requests if not url.startswith(("blob:", "data:"))
    }
    assert hosts == {urlsplit(server.url).netloc}
    assert page.problems == []


async def test_the_policy_forbids_other_hosts_and_foreign_scripts(server, chromium) -> None:
    page = await chromium(f"{server.url}/")
    told = await page.evaluate(_FORBIDDEN)
    assert told["ran"] == []
    assert {"connect-src", "img-src", "script-src-elem"} <= set(told["tried"])
    page.problems.clear()  # the browser has written each of them
