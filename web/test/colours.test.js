import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

/** The relative luminance of a colour (WCAG 2.2). */
function luminance(hue, saturation, lightness) {
  const amount = saturation * Math.min(lightness, 1 - lightness);
  const [red, green, blue] = [0, 8, 4].map((offset) => {
    const place = (offset + hue / 30) % 12;
    const value = lightness - amount * Math.max(-1, Math.min(place - 3, 9 - place, 1));
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('the letters of everybody can be read, whatever colour they got', () => {
  for (const name of ['tile', 'people']) {
    const style = readFileSync(new URL(`../styles/${name}.css`, import.meta.url), 'utf8');
    const [, saturation, lightness] = /hsl\(var\(--hue, \d+\) (\d+)% (\d+)%\)/.exec(style) ?? [];
    for (let hue = 0; hue < 360; hue += 1) {
      const ground = luminance(hue, Number(saturation) / 100, Number(lightness) / 100);
      assert.ok(1.05 / (ground + 0.05) > 4.6, `${name}.css, hue ${hue}`);
    }
  }
});
