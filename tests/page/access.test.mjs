// Everybody can use it: axe finds nothing serious in any view, light, dark and narrow; nothing is wider than a small
// screen; the keyboard alone gets from the file to the damage.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { WAYS, looker, serious, tabTo } from './access.mjs';
import { foreign, makeFiles } from './files.mjs';
import { openFile, readers } from './reader.mjs';

let reader;
let files;

before(async () => {
  files = await makeFiles();
  // axe is put into the page as a script, which the policy forbids: that policy holds is tested elsewhere.
  reader = await readers({ policy: '' });
});
after(async () => {
  await reader?.close();
  files?.remove();
});

/** Every view of the open file that is looked at, and what says that it is there. */
const VIEWS = [
  ['overview', '#/overview', 'About the file'],
  ['records', '#/records?collection=articles', 'articles-000001'],
  ['record', '#/records?collection=articles&at=2', 'Metadata'],
  ['verify', '#/verify', 'Verify every byte'],
  ['statistics', '#/statistics?collection=articles', 'Norms'],
  ['map', '#/map?collection=articles', 'billing'],
];

for (const [way, context] of Object.entries(WAYS)) {
  test(`${way}: no view has a serious fault, or is wider than the screen`, async () => {
    const page = await reader.tab({ ...context, bypassCSP: true });
    const looked = looker(page, way);
    await looked('open');
    await openFile(page, files.whole);
    for (const [name, address, sign] of VIEWS) {
      await page.evaluate((address) => (location.hash = address), address);
      await page.getByText(sign, { exact: true }).first().waitFor();
      await looked(name);
    }
    await page.evaluate(() => (location.hash = '#/'));
    await openFile(page, files.damaged);
    await page.evaluate(() => (location.hash = '#/verify'));
    await page.getByRole('button', { name: 'Verify every byte' }).click();
    await page.getByText('This file is damaged').waitFor();
    await looked('damaged');
    await page.evaluate(() => (location.hash = '#/'));
    await openFile(page, files.cut);
    await page.getByRole('alert').waitFor();
    await looked('cut');
    await page.evaluate(() => (location.hash = '#/'));
    await openFile(page, foreign);
    await page.getByRole('heading', { level: 1, name: 'nightly' }).waitFor();
    await looked('foreign');
    await page.close();
  });
}

test('the theme is chosen, and kept', async () => {
  const page = await reader.tab({ colorScheme: 'light' });
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await page.getByRole('button', { name: 'Use dark colours' }).click();
  const dark = await paper();
  assert.notEqual(dark, light);
  await page.reload();
  await page.getByRole('button', { name: 'Use light colours' }).waitFor();
  assert.equal(await paper(), dark);
  await page.close();
});

test('the keyboard alone gets from the first view to the damage in a file', async () => {
  const page = await reader.tab();
  const chooser = page.waitForEvent('filechooser');
  await tabTo(page, /Drop a/);
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(files.damaged);
  await page.getByRole('heading', { name: 'Collections' }).waitFor();
  const tab = await tabTo(page, /^Verify$/);
  assert.equal(tab.outline, 'solid', 'the focus is seen');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Verify' }).waitFor();
  await tabTo(page, /Verify every byte/);
  await page.keyboard.press('Enter');
  await page.getByText('This file is damaged').waitFor();
  await tabTo(page, /finding/);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'finding-0');
  await page.close();
});

test('nothing failed unseen', () => assert.deepEqual(reader.faults, []));
