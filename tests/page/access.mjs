// What holds of every view: axe finds nothing serious, nothing is wider than the screen, the keyboard gets everywhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { root } from './built.mjs';
import { picture } from './reader.mjs';

const axe = readFileSync(createRequire(`${root}tests/`).resolve('axe-core/axe.min.js'), 'utf8');

/** The ways in which every view is looked at. */
export const WAYS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  narrow: { viewport: { width: 360, height: 740 }, colorScheme: 'light' },
  'narrow-dark': { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
};

/** What axe calls serious or critical. */
export async function serious(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const bad = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  return bad.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`);
}

/** How many pixels too wide it is. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Looks at a view, in one of the `WAYS`: nothing serious, nothing too wide, and a picture of it. */
export const looker = (page, way) => async (name) => {
  assert.deepEqual(await serious(page), [], name);
  assert.ok((await overflow(page)) <= 0, `${name} is too wide`);
  await picture(page, `access-${name}-${way}`);
};

/** Tabs on until an element of this name has the focus. */
export async function tabTo(page, name, most = 60) {
  for (let steps = 0; steps < most; steps += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      const labels = [...(element.labels ?? [])].map((label) => label.innerText).join(' ');
      return { name: element.getAttribute('aria-label') ?? (labels || element.innerText || ''), outline: style.outlineStyle };
    });
    if (name.test(focused.name)) return focused;
  }
  return assert.fail(`the keyboard does not reach ${name}`);
}
