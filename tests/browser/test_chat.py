"""The chat of the call page: what people write to each other, and what they see of it."""

from __future__ import annotations

import asyncio

import pytest
from page import until
from writer import Writer


async def test_four_people_read_the_same_in_the_same_order(people) -> None:
    four = await people("Ann", "Bob", "Cy", "Di")
    for each in four:
        await each.open()

    async def write_five(who: int) -> None:
        for turn in range(5):
            await four[who].write(f"{who}-{turn}")

    await asyncio.gather(*(write_five(who) for who in range(4)))

    async def all_there() -> bool:
        return [len(await each.texts()) for each in four] == [20] * 4

    await until(all_there, 20, "everybody has twenty messages")
    orders = [await each.texts() for each in four]
    assert orders == [orders[0]] * 4
    for who in range(4):
        assert [text for text in orders[0] if text[0] == str(who)] == [
            f"{who}-{turn}" for turn in range(5)
        ]


async def test_a_private_message_reaches_only_its_person_and_says_so(people) -> None:
    ann, bob, cy = await people("Ann", "Bob", "Cy")
    for each in (ann, bob, cy):
        await each.open()
    await ann.write("For Bob alone", to="Bob")
    await bob.reads("For Bob alone")
    assert "Only for you" in await bob.page.text_content(".message.private .who")
    await ann.reads("For Bob alone")
    assert "Only for Bob" in await ann.page.text_content(".message.private .who")
    await ann.write("For all", to="Everybody")
    await cy.reads("For all")
    assert await cy.texts() == ["For all"]


async def test_what_was_refused_comes_back_to_be_sent_to_somebody_else(people) -> None:
    ann, bob = await people("Ann", "Bob")
    await ann.open()
    await bob.open()
    say = "([text]) => void window.parley.call.chat.send(text, 'p000000000000')"

    async def holds(text: str) -> None:
        async def there() -> bool:
            return await ann.page.input_value("#chat-text") == text

        await until(there, 10, f"the field holds {text!r}")

    await ann.page.evaluate(say, ["For one alone"])  # who has just left
    await holds("For one alone")
    await ann.page.wait_for_selector("#chat-problem:visible")
    # It is still for them: nobody else gets it by mistake.
    await ann.page.press("#chat-text", "Enter")
    await ann.page.wait_for_selector("#chat-closed:visible")
    assert await ann.page.input_value("#chat-text") == "For one alone"
    await ann.page.select_option("#chat-recipient", label="Everybody")
    await ann.page.fill("#chat-text", "A draft")
    await ann.page.evaluate(say, ["Another word"])
    await ann.page.wait_for_selector("#chat-problem:visible")
    assert await ann.page.input_value("#chat-text") == "A draft"
    await ann.page.press("#chat-text", "Enter")
    await bob.reads("A draft")
    await holds("Another word")


async def test_nobody_else_gets_what_was_meant_for_one_who_has_left(people) -> None:
    ann, bob, cy = await people("Ann", "Bob", "Cy")
    await ann.open()
    await cy.open()
    await ann.page.select_option("#chat-recipient", label="Bob")
    await bob.page.click("#leave")
    await ann.page.wait_for_selector("#chat-closed:visible")
    assert "Bob has left" in await ann.page.text_content("#chat-closed")
    await ann.page.fill("#chat-text", "A secret")
    await ann.page.press("#chat-text", "Enter")
    assert await ann.page.input_value("#chat-text") == "A secret"
    await ann.write("Hello", to="Everybody")
    await cy.reads("Hello")
    assert await cy.texts() == ["Hello"]


async def test_markup_in_names_and_messages_is_only_text(people) -> None:
    ann, eve = await people("Ann", "<b>Eve</b>")
    await eve.open()
    nasty = "<img src=x onerror=\"document.title='hacked'\"><script>alert(1)</script><b>x</b>"
    await eve.write(nasty)
    await ann.page.wait_for_selector("#chat-preview:visible")
    assert await ann.page.text_content("#chat-preview-name") == "<b>Eve</b>"
    await ann.open()
    await ann.reads(nasty)
    assert await ann.page.text_content(".message .name") == "<b>Eve</b>"
    inside = ".message :is(b, img, script), #chat-preview :is(i, img, script)"
    assert await ann.page.locator(inside).count() == 0
    options = await ann.page.locator("#chat-recipient option").all_text_contents()
    assert options == ["Everybody", "<b>Eve</b>"]
    assert await ann.page.title() != "hacked"


async def test_a_link_can_be_followed_and_nothing_else(people) -> None:
    ann, bob = await people("Ann", "Bob")
    await ann.open()
    await bob.open()
    text = "Look: https://a.example/x?y=<1> javascript:alert(1)"
    await bob.write(text)
    await ann.reads(text)
    links = ann.page.locator(".message a")
    assert await links.count() == 1
    assert await links.text_content() == "https://a.example/x?y="
    for name, value in {
        "href": "https://a.example/x?y=",
        "target": "_blank",
        "rel": "noopener noreferrer",
    }.items():
        assert await links.get_attribute(name) == value


async def test_with_the_keyboard_alone(people) -> None:
    ann, bob = await people("Ann", "Bob")
    press = ann.page.keyboard.press
    await press("c")
    await ann.ready()
    await ann.page.wait_for_selector("#chat-text:focus")
    await ann.page.keyboard.type("Two")
    await press("Shift+Enter")
    await ann.page.keyboard.type("lines, mvgsc")  # letters that are keys elsewhere
    await press("Enter")
    await bob.hears("Ann: Two lines, mvgsc")
    assert await ann.texts() == ["Two\nlines, mvgsc"]
    assert await ann.page.input_value("#chat-text") == ""
    # An Enter that ends a word of an input method sends nothing.
    await ann.page.keyboard.type("ka")
    await ann.page.eval_on_selector(
        "#chat-text",
        """(text) => text.dispatchEvent(new KeyboardEvent('keydown', {
          key: 'Enter', isComposing: true, bubbles: true, composed: true, cancelable: true,
        }))""",
    )
    assert await ann.page.input_value("#chat-text") == "ka"
    await press("Shift+Tab")
    await press("Shift+Tab")
    await ann.page.wait_for_selector("#chat-recipient:focus")
    await press("B")  # as in every menu: the first that begins so
    await press("Tab")
    await press("Tab")
    await press("Enter")
    await bob.hears("Ann, only for you: ka")
    await press("Escape")
    await ann.page.wait_for_selector("#chat-button:focus")
    assert await ann.page.is_hidden("#chat")
    await press("Enter")
    await ann.page.wait_for_selector("#chat-text:focus")


async def test_what_comes_while_it_is_closed_is_counted_announced_and_shown(people) -> None:
    ann, bob = await people("Ann", "Bob")
    await bob.open()
    await bob.write("Lunch?")
    await ann.hears("Bob: Lunch?")
    assert await ann.page.is_visible("#chat-preview")
    assert await ann.badge() == "1"
    assert await ann.page.get_attribute("#chat-button", "aria-label") == "Chat, 1 new message"
    await ann.page.click("#chat-preview")
    await ann.reads("Lunch?")
    assert await ann.badge() == ""
    assert await ann.page.is_hidden("#chat-preview")
    assert await ann.page.get_attribute("#chat-button", "aria-label") == "Chat"


async def test_whoever_reads_further_up_stays_there(people) -> None:
    ann, bob = await people("Ann", "Bob")
    await ann.open()
    await bob.open()
    for turn in range(3):
        await bob.write(f"{turn}" + "\nline" * 20)
    await ann.reads("2" + "\nline" * 20)
    top = "(scroll) => scroll.scrollTop"
    left = "(scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight"

    async def at_end() -> bool:
        return await ann.page.eval_on_selector("#chat-scroll", left) < 2

    await until(at_end, 5, "the end is shown")
    await ann.page.focus("#chat-scroll")
    await ann.page.keyboard.press("Home")
    await until(lambda: _is(ann, top, 0), 5, "scrolled to the start")
    await bob.write("news")
    await ann.page.wait_for_selector("#chat-latest:visible")
    assert await ann.page.eval_on_selector("#chat-scroll", top) == 0
    await ann.page.click("#chat-latest")
    await until(at_end, 5, "back at the end")
    assert await ann.page.is_hidden("#chat-latest")
    await ann.page.focus("#chat-scroll")
    await ann.page.keyboard.press("Home")
    await until(lambda: _is(ann, top, 0), 5, "scrolled to the start again")
    await ann.write("mine")
    await until(at_end, 5, "what we write ourselves is shown")


async def _is(writer: Writer, script: str, value: object) -> bool:
    return await writer.page.eval_on_selector("#chat-scroll", script) == value


async def test_a_late_joiner_sees_what_was_said_and_nobody_sees_it_twice(people) -> None:
    ann, bob = await people("Ann", "Bob")
    await bob.open()
    await bob.write("One")
    await bob.write("Two")
    await bob.write("Only Ann", to="Ann")
    await ann.hears("Bob: Two")
    (cy,) = await people("Cy")
    await cy.hears("2 messages were written before you came.")
    assert await cy.badge() == "2"
    await cy.open()
    assert await cy.texts() == ["One", "Two"]
    await cy.page.click("#leave")
    await cy.page.click("#notice-action")
    await cy.page.click("#join")
    await cy.page.wait_for_selector("body[data-state=call]")
    await cy.open()
    await cy.reads("Two")
    assert await cy.texts() == ["One", "Two"]
    # An outage: the same call goes on over another connection.
    await bob.page.evaluate("() => window.parley.call.peer.connection.close()")
    await bob.page.evaluate("() => window.parley.call.retryNow()")
    await cy.write("Three")
    await bob.reads("Three")
    assert await bob.texts() == ["One", "Two", "Only Ann", "Three"]


async def test_a_message_that_is_too_long_is_not_sent(people) -> None:
    (ann,) = await people("Ann")
    await ann.open()
    await ann.write("x" * 4001)
    assert await ann.page.text_content("#chat-counter") == "1 character too many"
    assert await ann.page.get_attribute("#chat-send", "aria-disabled") == "true"
    await ann.hears("1 character too many")
    assert await ann.messages() == []
    await ann.write("x" * 4000)
    await ann.reads("x" * 4000)


@pytest.mark.parametrize("options", [{}, {"locale": "de-DE"}])
async def test_on_a_phone_every_target_is_large_enough_and_in_view(people, options) -> None:
    (ann,) = await people("Ann", viewport={"width": 320, "height": 640}, **options)
    await ann.page.click("#chat-button")
    await ann.ready()
    small = await ann.page.eval_on_selector_all(
        "#chat button, #chat select, #chat textarea",
        """(all) => all.filter((each) => {
          const { width, height, left, right } = each.getBoundingClientRect();
          return width && (width < 44 || height < 44 || left < 0 || right > innerWidth);
        }).map((each) => each.id)""",
    )
    assert small == []
