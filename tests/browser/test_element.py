"""``<sfu-call>`` in a page of somebody else's: attributes, events, and two of them at once."""

from __future__ import annotations

from page import until

# Puts elements into the page, with these attributes, and keeps what they tell.
_PLACE = """async (all) => {
  const { SfuCall } = await import('/src/elements/sfu-call.js');
  document.body.replaceChildren();
  window.told = [];
  document.addEventListener('sfu-state', ({ target, detail }) => {
    window.told.push([target.id, detail.state, detail.reason]);
  });
  for (const attributes of all) {
    const element = new SfuCall();
    element.cameraConstraints = { width: 160, height: 90, frameRate: 5 };
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.style.cssText = 'display: block; height: 50vh';
    document.body.append(element);
  }
}"""


async def tiles_of(page, element: str) -> list[str]:
    return await page.page.eval_on_selector_all(
        f"#{element} .tile", "(tiles) => tiles.map((tile) => tile.dataset.name).sort()"
    )


async def two_in_one_page(server, chromium):
    """A page with two elements, whose Ann and Bob are in one call."""
    page = await chromium(f"{server.url}/")
    common = {"room": server.create_room(), "join": "auto"}
    ann = common | {"id": "ann", "name": "Ann", "theme": "dark"}
    bob = common | {"id": "bob", "name": "Bob", "theme": "light"}
    await page.page.evaluate(_PLACE, [ann, bob])

    async def both_are_in() -> bool:
        return [await tiles_of(page, each) for each in ("ann", "bob")] == [["Ann", "Bob"]] * 2

    await until(both_are_in, 20, "each element shows both")
    return page


async def pressed(page, element: str) -> str | None:
    return await page.page.get_attribute(f"#{element} #microphone", "aria-pressed")


async def test_two_elements_in_one_page_do_not_know_of_each_other(server, chromium) -> None:
    page = await two_in_one_page(server, chromium)
    grounds = [
        await page.page.eval_on_selector(f"#{each}", "(e) => getComputedStyle(e).backgroundColor")
        for each in ("ann", "bob")
    ]
    assert grounds[0] != grounds[1]  # each has its theme

    await page.page.focus("#bob #camera")
    await page.page.keyboard.press("m")
    assert [await pressed(page, each) for each in ("ann", "bob")] == ["false", "true"]

    async def anns_tile_of_bob_is_silent() -> bool:
        return await page.page.locator("#ann .tile.silent[data-name=Bob]").count() == 1

    await until(anns_tile_of_bob_is_silent, 5, "the other element shows it")
    assert page.problems == []


async def test_an_element_that_is_removed_leaves_and_gives_its_devices_back(
    server, chromium
) -> None:
    page = await two_in_one_page(server, chromium)
    # Elsewhere in the page it stays in its call.
    await page.page.evaluate("() => document.body.append(document.querySelector('#ann'))")
    await page.page.evaluate(
        """() => {
          const bob = document.querySelector('#bob');
          const { connection } = bob.call.peer;
          window.tracks = connection.getSenders().map((sender) => sender.track).filter(Boolean);
          bob.remove();
        }"""
    )

    async def ann_is_alone() -> bool:
        return await tiles_of(page, "ann") == ["Ann"]

    await until(ann_is_alone, 5, "Bob is gone")
    states = await page.evaluate("() => window.tracks.map((track) => track.readyState)")
    assert states
    assert set(states) == {"ended"}
    told = await page.evaluate("() => window.told")
    assert [state for element, state, _ in told if element == "ann"] == ["joining", "call"]
    assert page.problems == []


async def test_attributes_count_until_the_call_begins(server, chromium) -> None:
    page = await chromium(f"{server.url}/")
    await page.page.evaluate(_PLACE, [{"id": "call"}])
    assert await page.page.evaluate("() => document.querySelector('#call').state") == "idle"
    room = server.create_room()
    await page.page.evaluate(
        """(room) => {
          const call = document.querySelector('#call');
          call.setAttribute('room', room);
          call.setAttribute('name', 'Ann');
        }""",
        room,
    )
    await page.page.wait_for_selector("#name:visible")
    assert await page.page.input_value("#name") == "Ann"
    await page.page.evaluate(
        """() => {
          const call = document.querySelector('#call');
          call.setAttribute('name', 'Anna');
          call.setAttribute('camera', 'off');
          call.join();
        }"""
    )

    async def in_the_call() -> bool:
        return bool(await page.evaluate("() => document.querySelector('#call').state === 'call'"))

    await until(in_the_call, 15, "joined without a click")
    assert await page.page.get_attribute("#camera", "aria-pressed") == "true"
    assert await tiles_of(page, "call") == ["Anna"]
    await page.page.evaluate("() => document.querySelector('#call').leave()")
    await page.page.wait_for_selector("#notice:visible")
    told = await page.evaluate("() => window.told")
    assert told[-1] == ["call", "ended", "left"]
    assert await page.page.is_hidden("#notice-home")  # nobody said where that is
    assert page.problems == []
