"""The others: the list of people, hands, reactions, what hosts may do, and who is invited."""

from __future__ import annotations

import array
import asyncio
import math
import wave
from pathlib import Path

import pytest
from conftest import LOOKS
from page import until

SMALL = "width=160&height=90&fps=5"
SILENT = "camera=off&microphone=off"

_FOCUS = """() => {
  let active = document.activeElement;
  while (active.shadowRoot) active = active.shadowRoot.activeElement;
  return active.id || active.dataset.deed || active.dataset.reaction
    || active.getAttribute('aria-label') || active.tagName;
}"""

# What reaches the speakers through a node of Web Audio, as loud as it is there.
_MEASURE_GAIN = """
window.gains = [];
const { connect } = AudioNode.prototype;
AudioNode.prototype.connect = function (target, ...more) {
  if (this instanceof GainNode) {
    const after = new AnalyserNode(this.context, { fftSize: 32768 });
    connect.call(this, after);
    window.gains.push({ node: this, after });
  }
  return connect.call(this, target, ...more);
};
window.loudness = () => {
  const samples = new Float32Array(32768); // longer than the pause between two beeps
  window.gains.at(-1).after.getFloatTimeDomainData(samples);
  return Math.max(...samples);
};
"""

# Joins as many more, without any media.
_CROWD = """async ([room, names]) => {
  const { Call } = await import('/src/sdk/index.js');
  const address = new URL('/ws', location.href);
  address.protocol = 'ws:';
  window.crowd = names.map((name) => {
    const call = new Call(address.href);
    void call.join(room, name);
    return call;
  });
}"""


@pytest.fixture(scope="session")
def beeps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a browser does not take for noise, as it does with a tone that goes on and on."""
    path = tmp_path_factory.mktemp("beeps") / "beeps.wav"
    samples = array.array(
        "h",
        (
            int(12000 * math.sin(2 * math.pi * 500 * n / 48000)) if n % 24000 < 8000 else 0
            for n in range(480000)
        ),
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(samples.tobytes())
    return path


async def is_in_call(page) -> bool:
    return await page.state() == "call"


async def enter(chromium, url: str, name: str, look: int = 0, more: str = SILENT, **options):
    page = await chromium(f"{url}?join=auto&{SMALL}&name={name}&{more}", look=look, **options)
    await until(lambda: is_in_call(page), 20, f"{name} is in the call")
    return page


async def role(page) -> str:
    return str(await page.evaluate("() => window.parley.call.role"))


async def people(page) -> list[str]:
    """The names in the list, in its order."""
    return await page.page.eval_on_selector_all(
        "#people-list .person", "(rows) => rows.map((row) => row.dataset.name)"
    )


async def open_person(page, name: str) -> None:
    """Show in the list what can be done with somebody."""
    if await page.page.is_hidden("#people"):
        await page.page.click("#people-button")
    button = f".person[data-name={name}] .more-of"
    if await page.page.get_attribute(button, "aria-expanded") == "false":
        await page.page.click(button)


async def deeds(page) -> list[str]:
    return await page.page.eval_on_selector_all(
        "#people-list .deed",
        "(all) => all.filter((each) => !each.hidden).map((each) => each.dataset.deed)",
    )


async def until_text(page, selector: str, words: str, seconds: float = 8) -> None:
    async def said() -> bool:
        return words in (await page.page.text_content(selector) or "")

    await until(said, seconds, f"{selector}: {words}")


async def keep_announcements(page) -> None:
    await page.evaluate(
        """() => {
          window.announced = [];
          const place = document.querySelector('sfu-call').shadowRoot.querySelector('#announce');
          new MutationObserver(() => window.announced.push(place.textContent))
            .observe(place, { childList: true });
        }"""
    )


async def until_announced(page, words: str) -> None:
    async def said() -> bool:
        return words in " ".join(await page.evaluate("() => window.announced"))

    await until(said, 8, f"announced: {words}")


async def energy(page) -> float:
    """How much sound has arrived."""
    reports = await page.stats("inbound-rtp")
    return sum(each.get("totalAudioEnergy", 0) for each in reports if each["kind"] == "audio")


async def hears(page) -> bool:
    before = await energy(page)
    await asyncio.sleep(1)
    return await energy(page) > before + 1e-3


async def test_a_host_mutes_and_only_the_muted_can_undo_it(server, chromium, beeps) -> None:
    url = f"{server.url}/r/{server.create_room()}"
    ann = await enter(chromium, url, "Ann")
    bob = await enter(chromium, url, "Bob", 1, more="", microphone=beeps)
    cy = await enter(chromium, url, "Cy", 2)
    assert [await role(page) for page in (ann, bob, cy)] == ["host", "member", "member"]
    await keep_announcements(ann)
    await until(lambda: cy.sees("Bob", LOOKS[1][0]), 20, "Cy sees Bob")
    await until(lambda: hears(cy), 15, "Cy hears Bob")

    await open_person(cy, "Bob")
    assert await deeds(cy) == ["pin", "write"]
    assert await cy.page.is_hidden("#people-all")

    await open_person(ann, "Bob")
    assert await deeds(ann) == ["pin", "write", "microphone", "camera", "remove"]
    await ann.page.click("[data-deed=microphone]")
    await bob.page.wait_for_selector("#banner:visible")
    assert "Ann has switched off your microphone" in await bob.page.inner_text("#banner")
    assert await bob.page.get_attribute("#microphone", "aria-pressed") == "true"
    await until_announced(ann, "You switched off Bob's microphone")

    async def silent() -> bool:
        return not await hears(cy)

    await until(silent, 10, "nothing of Bob's sound arrives")
    assert (await cy.tiles())["Bob"]["silent"]

    # Who has muted cannot undo it, whatever is asked for.
    assert "microphone" not in await deeds(ann)
    await ann.evaluate(
        """() => {
          const { call } = window.parley;
          const [bob] = [...call.participants.values()].filter(({ name }) => name === 'Bob');
          call.muteOther(bob.id, 'microphone');
          call.setMuted('microphone', false);
        }"""
    )
    assert not await hears(cy)
    assert await bob.page.get_attribute("#microphone", "aria-pressed") == "true"

    await bob.page.click("#microphone")
    await until(lambda: hears(cy), 10, "Bob is heard again")
    assert await bob.page.is_hidden("#banner")

    await ann.page.click("[data-deed=camera]")
    await until_text(bob, "#banner", "Ann has switched off your camera")
    assert await bob.page.get_attribute("#camera", "aria-pressed") == "true"

    async def dark() -> bool:
        return bool((await cy.tiles())["Bob"]["dark"])

    await until(dark, 10, "Bob's picture is gone")
    await bob.page.click("#camera")
    await until(lambda: cy.sees("Bob", LOOKS[1][0]), 15, "Bob is seen again")

    await bob.page.click("#share")
    await bob.page.wait_for_selector("#sharing:visible")
    await ann.page.click("[data-deed=screen]")
    await until_text(bob, "#banner", "Ann has stopped your screen share")
    assert await bob.page.is_hidden("#sharing")
    assert ann.problems == bob.problems == cy.problems == []


async def test_a_host_locks_the_room_removes_somebody_and_ends_the_call(server, chromium) -> None:
    url = f"{server.url}/r/{server.create_room()}"
    ann = await enter(chromium, url, "Ann")
    bob = await enter(chromium, url, "Bob", 1)
    await keep_announcements(bob)
    await ann.page.click("#people-button")
    await ann.page.click("#people-lock")
    await until_text(ann, "#people-lock", "Unlock the room")
    await until_announced(bob, "The room is locked")

    cy = await chromium(f"{url}?join=auto&{SMALL}&name=Cy&{SILENT}", look=2)
    await cy.page.wait_for_selector("#notice-title:visible")
    assert await cy.page.inner_text("#notice-title") == "This room is locked"
    assert await people(ann) == ["Ann", "Bob"]
    await ann.page.click("#people-lock")
    await until_announced(bob, "The room is open again")
    await cy.page.click("#notice-action")
    await cy.page.wait_for_selector("#join:visible")
    await cy.page.click("#join")
    await until(lambda: is_in_call(cy), 15, "Cy is let in")

    await open_person(ann, "Bob")
    await ann.page.click("[data-deed=remove]")
    await ann.page.wait_for_selector("#question:visible")
    assert await ann.page.inner_text("#question-title") == "Remove Bob from the call?"
    await ann.page.keyboard.press("Escape")
    assert await ann.page.is_hidden("#question")
    assert await ann.evaluate(_FOCUS) == "remove"
    assert "Bob" in await people(ann)
    await ann.page.click("[data-deed=remove]")
    await ann.page.click("#question-yes")
    await until_text(bob, "#notice-title", "You were removed from the call")
    assert await bob.state() == "ended"

    async def bob_is_gone() -> bool:
        return await people(ann) == ["Ann", "Cy"]

    await until(bob_is_gone, 5, "Bob is not in the list")
    assert await ann.evaluate(_FOCUS) != "BODY"

    await ann.page.click("#people-end")
    await ann.page.click("#question-yes")
    for page in (ann, cy):
        await until_text(page, "#notice-title", "The call is over")
        assert await page.state() == "ended"
    assert ann.problems == bob.problems == cy.problems == []


async def test_hands_have_the_same_order_for_all_and_reactions_are_seen_and_gone(
    server, chromium
) -> None:
    url = f"{server.url}/r/{server.create_room()}"
    pages = [
        await enter(chromium, url, name, look) for look, name in enumerate(("Ann", "Bob", "Cy"))
    ]
    ann, bob, cy = pages
    await cy.page.emulate_media(reduced_motion="reduce")
    for page in pages:
        await page.page.click("#people-button")
        await keep_announcements(page)
    await cy.page.keyboard.press("h")
    await until_announced(cy, "Your hand is up.")
    await until_announced(bob, "Cy raised a hand.")
    await until_announced(ann, "Cy raised a hand.")
    await ann.page.click("#hand")

    async def same_order() -> bool:
        return [await people(page) for page in pages] == [["Cy", "Ann", "Bob"]] * 3

    await until(same_order, 8, "Cy first, then Ann")
    for page in pages:
        places = await page.page.eval_on_selector_all(
            ".tile",
            """(tiles) => Object.fromEntries(tiles.map((tile) =>
              [tile.dataset.name, tile.querySelector('.hand').textContent]))""",
        )
        assert places == {"Ann": "2", "Bob": "", "Cy": "1"}
    label = await bob.page.get_attribute(".tile[data-name=Cy]", "aria-label")
    assert "hand raised, place 1" in label

    await cy.page.keyboard.press("h")

    async def one_left() -> bool:
        return [await people(page) for page in pages] == [
            ["Ann", "Bob", "Cy"],
            ["Ann", "Bob", "Cy"],
            ["Ann", "Cy", "Bob"],
        ]

    await until(one_left, 8, "only Ann's hand is up; then everybody's own name comes first")
    assert await ann.page.get_attribute("#hand", "aria-label") == "Lower your hand"

    await bob.page.click("#react")
    await bob.page.click("[data-reaction=clap]")
    for page in (ann, cy):
        await page.page.wait_for_selector(".tile[data-name=Bob] .floating span", state="attached")
        await until_announced(page, "Bob: Applause.")
    motion = "(span) => getComputedStyle(span).animationName"
    floating = ".tile[data-name=Bob] .floating span"
    await bob.page.click("#react")
    await bob.page.click("[data-reaction=party]")
    await cy.page.wait_for_selector(f"{floating} >> text=\U0001f389", state="attached")
    assert await cy.page.eval_on_selector(floating, motion) == "none"
    assert await ann.page.eval_on_selector(floating, motion) == "float"
    await until_announced(bob, "You: Hooray.")
    for page in pages:
        await page.page.wait_for_selector(floating, state="detached", timeout=8000)
    assert [page.problems for page in pages] == [[], [], []]


async def test_everybody_is_as_loud_as_one_wants(server, chromium, beeps) -> None:
    url = f"{server.url}/r/{server.create_room()}"
    ann = await enter(chromium, url, "Ann", init=_MEASURE_GAIN)
    bob = await enter(chromium, url, "Bob", 1, more="", microphone=beeps)
    await until(lambda: hears(ann), 15, "Ann hears Bob")
    await open_person(ann, "Bob")
    played = "(audio) => [audio.volume, audio.paused, audio.muted]"
    audio = ".tile[data-name=Bob] audio"

    async def set_volume(percent: int) -> None:
        await ann.page.locator(".volume input").fill(str(percent))

    await set_volume(50)
    assert await ann.page.eval_on_selector(audio, played) == [0.5, False, False]
    assert await ann.page.inner_text(".volume output") == "50 %"
    await set_volume(150)
    assert await ann.page.eval_on_selector(audio, played) == [1, False, False]
    assert await ann.evaluate("() => window.gains.at(-1).node.gain.value") == 1.5

    async def amplified() -> bool:
        return bool(await ann.evaluate("() => window.loudness()") > 0.05)

    await until(amplified, 10, "Bob's tone goes through the amplifier")

    # It stays with Bob, also while the list is closed and when he is muted for a while.
    await ann.page.keyboard.press("Escape")
    await bob.page.keyboard.press("m")
    await bob.page.keyboard.press("m")
    await open_person(ann, "Bob")
    assert await ann.page.input_value(".volume input") == "150"
    await until(amplified, 10, "as loud as before")
    await set_volume(100)
    own = "(audio) => audio.srcObject === window.parley.call.pictures[0].stream"
    assert await ann.page.eval_on_selector(audio, own)
    assert ann.problems == bob.problems == []


async def test_the_list_and_the_reactions_by_keyboard_alone(server, chromium) -> None:
    room = server.create_room()
    url = f"{server.url}/r/{room}"
    ann = await enter(chromium, url, "Ann")
    bob = await enter(chromium, url, "Bob", 1)
    keyboard = ann.page.keyboard

    async def tab_to(wanted: str, key: str = "Tab") -> None:
        for _ in range(30):
            await keyboard.press(key)
            if await ann.evaluate(_FOCUS) == wanted:
                return
        raise AssertionError(f"{wanted} is not reached with {key}")

    await ann.page.focus("#camera")
    await keyboard.press("p")
    assert await ann.page.is_visible("#people")
    assert await ann.evaluate(_FOCUS) == "Close"
    await tab_to("More for Bob")
    await keyboard.press("Enter")
    await tab_to("Volume of Bob")
    await keyboard.press("ArrowRight")
    assert await ann.page.get_attribute(".volume input", "aria-valuetext") == "105 %"

    # The list is sorted anew: what has the focus stays where it is.
    await bob.page.keyboard.press("h")

    async def bob_is_first() -> bool:
        return await people(ann) == ["Bob", "Ann"]

    await until(bob_is_first, 5, "Bob's hand is up")
    assert await ann.evaluate(_FOCUS) == "Volume of Bob"
    await tab_to("pin")
    await keyboard.press("Enter")
    assert await ann.page.inner_text("[data-deed=pin]") == "Unpin"
    assert await ann.page.locator(".tile.large[data-name=Bob]").count() == 1
    await tab_to("write")
    await keyboard.press("Enter")
    assert await ann.page.is_visible("#chat")
    chosen = await ann.page.eval_on_selector(
        "#chat-recipient", "(select) => select.selectedOptions[0].textContent"
    )
    assert chosen == "Bob"
    assert await ann.evaluate(_FOCUS) == "chat-text"
    await keyboard.press("Escape")
    assert await ann.evaluate(_FOCUS) == "chat-button"

    await keyboard.press("r")
    assert await ann.evaluate(_FOCUS) == "thumbs-up"
    await keyboard.press("ArrowLeft")
    assert await ann.evaluate(_FOCUS) == "party"
    await keyboard.press("Escape")
    assert await ann.page.is_hidden("#reactions")
    assert await ann.evaluate(_FOCUS) == "react"
    await keyboard.press("r")
    await keyboard.press("ArrowRight")
    await keyboard.press("Enter")
    assert await ann.evaluate(_FOCUS) == "react"
    await bob.page.wait_for_selector(".tile[data-name=Ann] .floating span", state="attached")

    # Many are searched.
    await keyboard.press("p")
    assert await ann.page.is_hidden("#people-search")
    names = ["Cy", "Di", "Eve", "Flo", "Gus", "Hal", "Zoë", "Zola"]
    await bob.page.evaluate(_CROWD, [room, names])
    await ann.page.wait_for_selector("#people-search:visible")

    async def all_are_here() -> bool:
        return len(await people(ann)) == 10

    await until(all_are_here, 15, "ten people")
    assert await ann.page.get_attribute("#people-button", "data-count") == "10"
    await tab_to("people-search")
    await keyboard.type("zo")
    assert sorted(await people(ann)) == ["Zola", "Zoë"]
    assert await ann.page.inner_text("#people-found") == "2 people found"
    await bob.evaluate("() => { for (const call of window.crowd) void call.leave(); }")

    async def few_are_here() -> bool:
        return await people(ann) == ["Bob", "Ann"]

    await until(few_are_here, 10, "the others are gone")
    assert await ann.page.is_hidden("#people-search")
    assert await ann.evaluate(_FOCUS) == "Close"
    assert ann.problems == bob.problems == []


async def test_whoever_started_the_call_is_its_host_and_invites_others(server, chromium) -> None:
    ann = await chromium(server.url)
    await ann.page.click("#new-call")
    await ann.page.wait_for_selector("#name:visible")
    link = ann.page.url
    bob = await enter(chromium, link, "Bob", 1)
    assert await role(bob) == "host"  # nobody else was there
    await ann.page.goto(f"{link}?join=auto&{SMALL}&name=Ann&{SILENT}")
    await until(lambda: is_in_call(ann), 15, "Ann is in the call")
    assert await role(ann) == "host"  # a third one would be a member

    await ann.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ann.page.click("#more")
    await ann.page.click("#invite-others")
    await ann.page.wait_for_selector("#invitation:visible")
    assert await ann.evaluate(_FOCUS) == "invitation-copy"
    await ann.page.keyboard.press("Enter")
    await until_text(ann, "#invitation-copy", "Copied")
    assert await ann.evaluate("() => navigator.clipboard.readText()") == link
    assert await ann.page.input_value("#invitation-link") == link
    await ann.page.wait_for_selector("#invitation-code svg path", state="attached")
    await ann.page.keyboard.press("Escape")
    assert await ann.page.is_hidden("#invitation")
    assert await ann.evaluate(_FOCUS) == "more"

    # A token that is worth nothing any more does not keep anybody out.
    await ann.evaluate(
        """() => {
          const rooms = JSON.parse(localStorage.getItem('sfu-hosting'));
          localStorage.setItem('sfu-hosting', JSON.stringify(rooms.map(([room]) => [room, 'x'])));
        }"""
    )
    await ann.page.reload()
    await ann.page.wait_for_selector("body[data-error-code='bad-token']")
    await ann.page.click("#notice-action")
    await ann.page.click("#join")
    await until(lambda: is_in_call(ann), 15, "in as everybody is")
    assert await role(ann) == "member"
    assert ann.problems == bob.problems == []


async def test_firefox_takes_part_in_all_of_it(server, chromium, firefox, beeps) -> None:
    url = f"{server.url}/r/{server.create_room()}"
    fox = await firefox(f"{url}?join=auto&{SMALL}&name=Fox")
    await until(lambda: is_in_call(fox), 30, "Fox is in the call")
    ann = await enter(chromium, url, "Ann", more="", microphone=beeps)

    def click(selector: str) -> str:
        return (
            "() => document.querySelector('sfu-call').shadowRoot"
            f".querySelector(`{selector}`).click()"
        )

    async def listed() -> bool:
        return bool(
            await fox.evaluate(
                """() => document.querySelector('sfu-call').shadowRoot
                  .querySelector('.person[data-name=Ann]') !== null"""
            )
        )

    await fox.evaluate(click("#people-button"))
    await until(listed, 15, "Ann is in Fox's list")
    await fox.evaluate(click("#hand"))
    await ann.page.wait_for_selector(".tile[data-name=Fox] .hand >> text=1")
    await fox.evaluate(click("#react"))
    await fox.evaluate(click("[data-reaction=heart]"))
    await ann.page.wait_for_selector(".tile[data-name=Fox] .floating span", state="attached")

    await until(lambda: hears(fox), 20, "Fox hears Ann")
    await fox.evaluate(click(".person[data-name=Ann] .more-of"))
    await fox.evaluate(
        """() => {
          const { shadowRoot } = document.querySelector('sfu-call');
          const slider = shadowRoot.querySelector('.volume input');
          slider.value = '140';
          slider.dispatchEvent(new Event('input'));
        }"""
    )

    async def still_plays() -> bool:
        return bool(
            await fox.evaluate(
                """() => {
                  const { shadowRoot } = document.querySelector('sfu-call');
                  const audio = shadowRoot.querySelector('.tile[data-name=Ann] audio');
                  return !audio.paused && audio.currentTime > 0;
                }"""
            )
        )

    await until(still_plays, 10, "through the amplifier too")
    await fox.evaluate(click("[data-deed=microphone]"))
    await until_text(ann, "#banner", "Fox has switched off your microphone")
    assert await ann.page.get_attribute("#microphone", "aria-pressed") == "true"
    await fox.evaluate(click("#people-end"))
    await fox.evaluate(click("#question-yes"))
    await until_text(ann, "#notice-title", "The call is over")
    assert ann.problems == []
