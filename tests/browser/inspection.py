"""What can be measured of how usable a page is: axe-core's rules, sizes, cut texts, the focus."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path

from chromium import Chromium
from playwright.async_api import Page

# Where pictures of everything that is looked at are kept, for people to look at.
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"

# WCAG 2.2 A and AA, and what else axe's authors hold to be good.
_AXE = """async () => {
  const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const runOnly = { type: 'tag', values };
  const { violations } = await axe.run(document, { resultTypes: ['violations'], runOnly });
  return violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target, failureSummary }) =>
    `${impact} ${id}: ${target.flat().join(' ')} (${failureSummary.split('\\n').at(-1).trim()})`));
}"""

# Everything that is seen, in the page and in the element's shadow root.
_SEEN = """
const roots = [document];
for (const host of document.querySelectorAll('sfu-call')) roots.push(host.shadowRoot);
const seen = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)])
  .filter((each) => !each.closest('.hidden') && each.checkVisibility({ visibilityProperty: true }));
const called = (each) => `${each.localName}#${each.id || each.className} "${
  (each.getAttribute('aria-label') ?? each.textContent).trim().slice(0, 40)}"`;
const TARGETS = 'button, a[href], input, select, textarea, summary, [role=button], [role=slider]';
"""


def _script(body: str) -> str:
    """A function of a page that may use what is above."""
    return f"() => {{ {_SEEN} {body} }}"


# A link in a sentence is as high as its line; a box in a label is pressed with it.
_SMALL = _script("""
  return seen(TARGETS).filter((each) => !each.matches('.message .text a')).flatMap((each) => {
    const label = each.matches('[type=checkbox], [type=radio]') && each.closest('label');
    const { width, height } = (label || each).getBoundingClientRect();
    const size = `${width.toFixed(1)} x ${height.toFixed(1)}`;
    return Math.min(width, height) < 43.9 ? [`small: ${called(each)} ${size}`] : [];
  });""")

# Beyond the sides of the window, a scrolling part that scrolls to the side, words cut off.
_CUT = _script("""
  const ellipsis = (each) => getComputedStyle(each).textOverflow === 'ellipsis';
  const wide = [document.scrollingElement, ...seen('*')].filter((each) =>
    each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0
    && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX));
  const cut = seen('button, h1, h2, h3, p, label, dt, dd, legend, td, th').filter((each) =>
    each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 && !ellipsis(each)
    && getComputedStyle(each).display !== 'inline' && !each.matches('.round'));
  const outside = seen(TARGETS).filter((each) => {
    const { left, right } = each.getBoundingClientRect();
    return left < -0.5 || right > innerWidth + 0.5;
  });
  const page = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls aside'] : [];
  return [...page, ...wide.map((each) => `scrolls aside: ${called(each)}`),
    ...cut.map((each) => `cut: ${called(each)}`),
    ...outside.map((each) => `outside: ${called(each)}`)];""")

_FOCUS = """() => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  const nowhere = !active || active === document.body || !active.getClientRects().length;
  return nowhere ? ['the focus is nowhere'] : [];
}"""

_MOVES = _script("""
  const animations = roots.flatMap((root) => root.getAnimations())
    .map((each) => `runs: ${each.animationName ?? each.transitionProperty}`);
  const seconds = (text) => Math.max(...text.split(',').map(parseFloat));
  const moving = seen('*').filter((each) => {
    const { animationName, animationDuration, transitionDuration } = getComputedStyle(each);
    const animated = animationName !== 'none' && seconds(animationDuration) > 0.001;
    return animated || seconds(transitionDuration) > 0.001;
  });
  return [...animations, ...moving.map((each) => `would move: ${called(each)}`)];""")

# Where the buttons are that can be seen at all: the topmost thing in their middle is theirs.
_BUTTONS = _script("""
  return seen('button, a[href], input, select').flatMap((each) => {
    const { left, top, width, height } = each.getBoundingClientRect();
    const at = [left + width / 2, top + height / 2];
    let hit = document.elementFromPoint(...at);
    while (hit?.shadowRoot) hit = hit.shadowRoot.elementFromPoint(...at);
    const own = hit && (each.contains(hit) || hit.contains(each));
    return own ? [{ name: called(each), left, top, width, height }] : [];
  });""")

# The share of a box's pixels that differ clearly from the most frequent one of the box.
_MARKED = """async ([png, boxes]) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d');
  context.drawImage(picture, 0, 0);
  return boxes.map(({ left, top, width, height }) => {
    const { data } = context.getImageData(left, top, Math.max(1, width), Math.max(1, height));
    const counts = new Map();
    for (let i = 0; i < data.length; i += 4) {
      const light = Math.round((data[i] * 2 + data[i + 1] * 5 + data[i + 2]) / 8);
      counts.set(light, (counts.get(light) ?? 0) + 1);
    }
    const ground = [...counts].sort((a, b) => b[1] - a[1])[0][0];
    let other = 0;
    for (const [light, count] of counts) if (Math.abs(light - ground) > 80) other += count;
    return other / (data.length / 4);
  });
}"""


# What any browser can be asked, as it shows a page now.
CORE = (_SMALL, _CUT, _FOCUS, _AXE)


@dataclass
class Look:
    """How a page is looked at."""

    width: int = 960
    height: int = 600
    scheme: str = "light"
    lang: str = "en"

    def __str__(self) -> str:
        return f"{self.scheme} {self.width}x{self.height} {self.lang}"


# Light, wide and left to right; dark, narrow and right to left: most of what is wrong shows in one.
LOOKS = [Look(), Look(320, 640, "dark", "ar-XB")]
# The others as well, for the states with the most to see.
ALL_LOOKS = [*LOOKS, Look(scheme="dark"), Look(320, 640)]


@dataclass
class Inspection:
    """Looks at one page again and again; ``findings`` says what is wrong, and where."""

    browser: Chromium
    findings: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """What is looked at."""
        return self.browser.page

    async def put(self, look: Look) -> None:
        """Show the page like that."""
        await self.page.set_viewport_size({"width": look.width, "height": look.height})
        await self.page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
        language = "(lang) => document.querySelector('sfu-call')?.setAttribute('lang', lang)"
        await self.page.evaluate(language, look.lang)
        # Twice: sizes are known after one frame, what follows from them is drawn in the next.
        settled = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))"
        await self.page.evaluate(settled)

    async def look(self, state: str, looks: list[Look] = LOOKS) -> None:
        """Look at what is shown now from all sides, then as at first."""
        for look in looks:
            await self.put(look)
            await self.keep(f"{state} {look}")
            await self.note(f"{state}, {look}", _SMALL, _CUT, _FOCUS, _MOVES)
            if not await self.page.evaluate("() => 'axe' in window"):
                await self.page.evaluate(AXE.read_text())
            await self.note(f"{state}, {look}", _AXE)
        await self.forced_colours(state)
        await self.put(Look())
        # axe and the taking of pictures add styles of their own, which the policy forbids.
        problems = self.browser.problems
        problems[:] = [each for each in problems if "Applying inline style" not in each]

    async def keep(self, name: str) -> None:
        """Keep a picture of what is shown, if anybody wants one."""
        if SCREENSHOTS:
            await self.page.wait_for_timeout(1000)
            await self.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")

    async def note(self, where: str, *scripts: str) -> None:
        """Keep what the scripts find."""
        for script in scripts:
            self.findings += [f"{where}: {each}" for each in await self.page.evaluate(script)]

    async def forced_colours(self, state: str) -> None:
        """Every button is seen when the system decides about colours."""
        await self.page.emulate_media(forced_colors="active")
        boxes = await self.page.evaluate(_BUTTONS)
        png = await self.page.screenshot(type="png")
        marked = await self.page.evaluate(_MARKED, [b64encode(png).decode(), boxes])
        await self.page.emulate_media(forced_colors="none")
        for box, share in zip(boxes, marked, strict=True):
            if share < 0.01:
                self.findings.append(f"{state}, forced colours: {box['name']} is not seen")

    def report(self) -> str:
        """What was found, a line each; empty when all is well."""
        return "\n".join(self.findings)
