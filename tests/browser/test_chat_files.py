"""The files that people send each other in the chat, and the chat between two browsers."""

from __future__ import annotations

import base64
import hashlib
import random

from page import until
from writer import QUIET, Writer, read

# A picture of one red point.
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5E"
    "rkJggg=="
)


async def test_a_file_of_five_megabytes_arrives_whole(people) -> None:
    ann, bob = await people("Ann", "Bob")
    await ann.open()
    await bob.open()
    content = random.Random(5).randbytes(5_000_000)
    await bob.send_file("photos\u202egpj.zip", content, "application/zip")
    await bob.page.wait_for_selector("#chat-uploads progress")
    await ann.page.wait_for_selector(".message .file", timeout=60_000)
    assert await ann.page.text_content(".message .file-name") == "photosgpj.zip"
    await bob.page.wait_for_selector("#chat-uploads", state="hidden")
    async with ann.page.expect_download(timeout=60_000) as waited:
        await ann.page.click(".message .file-button")
    download = await waited.value
    assert download.suggested_filename == "photosgpj.zip"
    saved = await read(download)
    assert hashlib.sha256(saved).digest() == hashlib.sha256(content).digest()
    await ann.hears("photosgpj.zip has been downloaded.")
    assert await ann.page.locator(".file-picture").count() == 0


async def test_a_picture_is_shown_when_it_has_been_fetched_and_not_before(people) -> None:
    ann, bob = await people("Ann", "Bob")
    await ann.open()
    await bob.open()
    paste = """(place, base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
      const options = { clipboardData, bubbles: true, composed: true, cancelable: true };
      return place.dispatchEvent(new ClipboardEvent('paste', options));
    }"""
    taken = await bob.page.eval_on_selector("#chat-text", paste, base64.b64encode(_PNG).decode())
    assert taken is False  # it was not pasted as text
    await ann.page.wait_for_selector(".message .file")
    assert await ann.page.locator(".file-picture").count() == 0
    async with ann.page.expect_download():
        await ann.page.click(".message .file-button")
    await ann.page.wait_for_selector(".file-picture")
    shown = "(picture) => picture.decode().then(() => picture.naturalWidth)"
    assert await ann.page.eval_on_selector(".file-picture", shown) == 1


async def test_a_file_can_be_dropped_on_the_chat_and_nowhere_else(people) -> None:
    ann, bob = await people("Ann", "Bob")
    await ann.open()
    await bob.open()
    drop = """(place) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['Hello'], 'note.txt', { type: 'text/plain' }));
      const options = { dataTransfer, bubbles: true, composed: true, cancelable: true };
      return ['dragover', 'drop'].map((type) => place.dispatchEvent(new DragEvent(type, options)));
    }"""
    # Not taken by the browser either, which would show it instead of the call.
    assert await bob.page.eval_on_selector("#stage", drop) == [False, False]
    assert await bob.page.eval_on_selector("#chat-text", drop) == [False, False]
    await ann.page.wait_for_selector(".message .file")
    await ann.hears("Bob: Sent a file: note.txt")
    assert [each["file"] for each in await ann.messages()] == ["note.txt"]


async def test_a_file_that_is_too_large_or_cancelled_is_not_sent(people) -> None:
    ann, bob = await people("Ann", "Bob")
    await ann.open()
    await bob.open()
    await bob.send_file("huge.iso", bytes(11 * 1024 * 1024))
    await bob.page.wait_for_selector("#chat-uploads .failed")
    assert "10 MB at most" in await bob.page.text_content("#chat-uploads .file-status")
    await bob.hears("huge.iso: Too large")
    await bob.page.click("#chat-uploads button")
    await bob.page.wait_for_selector("#chat-uploads", state="hidden")
    await bob.send_file("slow.bin", bytes(9 * 1024 * 1024))
    await bob.page.click("#chat-uploads button")
    await bob.page.wait_for_selector("#chat-uploads", state="hidden")
    await bob.write("Never mind")
    await ann.reads("Never mind")
    assert [each["file"] for each in await ann.messages()] == [""]


async def test_firefox_and_chromium_write_to_each_other(server, firefox, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}?{QUIET}"
    fox = await firefox(f"{url}&name=Fox")
    page = await chromium(f"{url}&name=Ann")
    ann = Writer(page.page)
    await page.page.wait_for_selector("body[data-state=call]")
    await ann.open()
    root = "document.querySelector('sfu-call').shadowRoot"

    async def fox_is_ready() -> bool:
        return bool(await fox.evaluate("() => Boolean(window.parley?.call?.chat.open)"))

    await until(fox_is_ready, 30, "Firefox has a chat")
    await fox.evaluate(f"() => {root}.querySelector('#chat-button').click()")
    await ann.write("Hello Fox")

    async def fox_reads() -> bool:
        texts = f"() => [...{root}.querySelectorAll('.message .text')].map((e) => e.textContent)"
        return "Hello Fox" in await fox.evaluate(texts)

    await until(fox_reads, 10, "Firefox shows the message")
    await fox.evaluate(
        f"""() => {{
          const text = {root}.querySelector('#chat-text');
          text.value = 'Hello <b>Ann</b>';
          text.dispatchEvent(new Event('input'));
          text.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Enter', cancelable: true }}));
          const files = new DataTransfer();
          files.items.add(new File(['fox'.repeat(100000)], 'fox.txt', {{ type: 'text/plain' }}));
          const picker = {root}.querySelector('#chat-files');
          picker.files = files.files;
          picker.dispatchEvent(new Event('change'));
        }}"""
    )
    await ann.reads("Hello <b>Ann</b>")
    await ann.page.wait_for_selector(".message .file", timeout=20_000)
    async with ann.page.expect_download() as waited:
        await ann.page.click(".message .file-button")
    assert await read(await waited.value) == b"fox" * 100000
    assert ann.problems == []
