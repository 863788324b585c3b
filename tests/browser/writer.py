"""One person's page in a call, for tests of the chat."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

from page import until

# Nobody has a camera or microphone, so that several pages may share a browser.
QUIET = "join=auto&camera=off&microphone=off"

_MESSAGES = """(rows) => rows.map((row) => ({
  text: row.querySelector('.text')?.textContent ?? '',
  file: row.querySelector('.file-name')?.textContent ?? '',
  name: row.querySelector('.name')?.textContent ?? '',
  own: row.classList.contains('own'),
  private: row.classList.contains('private'),
  waiting: row.classList.contains('waiting'),
}))"""


class Writer:
    """A page of one person in the call; several may share a browser, as nobody has a camera."""

    def __init__(self, page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: line.type == "error" and self.problems.append(line.text))

    async def enter(self, url: str, name: str) -> None:
        await self.page.goto(f"{url}&name={quote(name)}")
        await self.page.wait_for_selector("body[data-state=call]")

    async def open(self) -> None:
        await self.page.click("#chat-button")
        await self.ready()

    async def ready(self) -> None:
        await self.page.wait_for_selector("#chat-text:visible")
        await self.page.wait_for_selector("#chat-closed", state="hidden")

    async def write(self, text: str, to: str = "") -> None:
        if to:
            await self.page.select_option("#chat-recipient", label=to)
        await self.page.fill("#chat-text", text)
        await self.page.press("#chat-text", "Enter")

    async def messages(self) -> list[dict]:
        return await self.page.eval_on_selector_all("#chat-list > .message", _MESSAGES)

    async def texts(self) -> list[str]:
        return [each["text"] for each in await self.messages() if not each["waiting"]]

    async def reads(self, text: str) -> None:
        async def there() -> bool:
            return text in await self.texts()

        await until(there, 10, f"the message is there: {text}")

    async def hears(self, part: str) -> None:
        async def said() -> bool:
            return part in (await self.page.text_content("#announce") or "")

        await until(said, 10, f"it is announced: {part}")

    async def badge(self) -> str:
        badge = self.page.locator("#chat-button .badge")
        return await badge.text_content() if await badge.is_visible() else ""

    async def send_file(self, name: str, content: bytes, mime: str = "") -> None:
        files = [{"name": name, "mimeType": mime, "buffer": content}]
        await self.page.set_input_files("#chat-files", files=files)


async def read(download) -> bytes:
    """What a browser has saved."""
    return await asyncio.to_thread(Path(await download.path()).read_bytes)
