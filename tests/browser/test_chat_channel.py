"""Chat and files between real browsers, through the client library."""

from __future__ import annotations

import json

from page import until

QUIET = "join=auto&width=160&height=90&fps=5"
MEGABYTE = 1024 * 1024

# A file whose every byte is known, and its hash.
_SEND = f"""async () => {{
  const content = new Uint8Array(2 * {MEGABYTE});
  for (let i = 0; i < content.length; i += 1) content[i] = (i * 31 + (i >> 8)) & 255;
  window.parley.call.chat.sendFile(new Blob([content], {{ type: 'image/png' }}), 'a.png');
  const hash = await crypto.subtle.digest('SHA-256', content);
  return Array.from(new Uint8Array(hash)).join();
}}"""
_FETCH = """() => {
  const { chat } = window.parley.call;
  chat.fetchFile(chat.messages.find((each) => each.file).file);
}"""
_FETCHED = """async () => {
  const transfer = [...window.parley.call.chat.transfers.values()].at(-1);
  if (transfer?.state !== 'done') return '';
  const hash = await crypto.subtle.digest('SHA-256', await transfer.blob.arrayBuffer());
  return Array.from(new Uint8Array(hash)).join();
}"""


async def texts(page) -> list[str]:
    """What the page has read, in order."""
    return await page.evaluate("() => window.parley.call.chat.messages.map((each) => each.text)")


async def open_chat(page) -> None:
    """Wait until the page can write."""

    async def is_open() -> bool:
        return bool(await page.evaluate("() => !!window.parley?.call?.chat?.open"))

    await until(is_open, 20, "the chat is open")


async def write(page, text: str, to: str | None = None) -> None:
    """Say something."""
    await page.evaluate(
        f"() => {{ window.parley.call.chat.send({json.dumps(text)}, {json.dumps(to)}); }}"
    )


async def test_three_chromiums_talk_and_send_a_file(server, chromium) -> None:
    room = server.create_room()
    url = f"{server.url}/r/{room}?{QUIET}"
    ann = await chromium(f"{url}&name=Ann", look=0)
    bob = await chromium(f"{url}&name=Bob", look=1)
    for page in (ann, bob):
        await open_chat(page)
    said = ["hello", "<img src=x onerror=alert(1)>", "zwei\nZeilen 👋"]
    await write(ann, said[0])

    async def has_heard() -> bool:
        return await texts(bob) == said[:1]

    await until(has_heard, 10, "Bob reads Ann")
    await write(bob, said[1])
    await write(bob, said[2])

    async def both_read() -> bool:
        return await texts(ann) == await texts(bob) == said

    await until(both_read, 10, "both read the same")
    sent = await ann.evaluate(_SEND)

    async def announced() -> bool:
        return len(await texts(bob)) == 4

    await until(announced, 30, "the file is announced")
    await bob.evaluate(_FETCH)

    async def fetched() -> bool:
        return await bob.evaluate(_FETCHED) == sent

    await until(fetched, 30, "the file is whole")
    late = await chromium(f"{url}&name=Late", look=2)
    await open_chat(late)
    assert await texts(late) == [*said, ""]
    for page in (ann, bob, late):
        assert page.problems == []
    samples = server.metrics()
    assert samples['parley_bugs_total{boundary="data"}'] == 0
    assert samples["parley_chat_messages_total"] == 3


async def test_firefox_and_chromium_talk_and_send_a_file(server, chromium, firefox) -> None:
    url = f"{server.url}/r/{server.create_room()}?{QUIET}"
    fox = await firefox(f"{url}&name=Fox")
    ann = await chromium(f"{url}&name=Ann")
    for page in (fox, ann):
        await open_chat(page)
    await write(ann, "hello")

    async def fox_read() -> bool:
        return await texts(fox) == ["hello"]

    await until(fox_read, 10, "Firefox reads Chromium")
    sent = await fox.evaluate(_SEND)

    async def announced() -> bool:
        return len(await texts(ann)) == 2

    await until(announced, 30, "the file is announced")
    await ann.evaluate(_FETCH)

    async def fetched() -> bool:
        return await ann.evaluate(_FETCHED) == sent

    await until(fetched, 30, "the file is whole")
    assert ann.problems == []
