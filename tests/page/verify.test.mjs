// Verifying: what is whole, what is damaged and where, what nothing proves; cancelled, and by keyboard alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { packageFolder } from './built.mjs';
import { foreign, makeFiles } from './files.mjs';
import { goTo, openFile, picture, readers } from './reader.mjs';

const { open } = await import(`${packageFolder}node.js`);
let reader;
let files;

before(async () => {
  files = await makeFiles();
  reader = await readers();
});
after(async () => {
  await reader?.close();
  files?.remove();
});

async function verifying(file, context) {
  const page = await reader.tab(context);
  await openFile(page, file);
  await goTo(page, 'Verify');
  await page.getByRole('button', { name: 'Verify every byte' }).waitFor();
  return page;
}

test('a whole file is proved to its last byte', async () => {
  const page = await verifying(files.whole);
  await page.getByRole('button', { name: 'Check head and index only' }).click();
  await page.getByText('Head and index are as they were written').waitFor();
  await page.getByRole('button', { name: 'Verify again' }).click();
  await page.getByText('Every byte is as it was written').waitFor();
  assert.match(await page.locator('.note').innerText(), /3,700 records/);
  assert.equal(await page.locator('.cell.good').count(), 96);
  await page.locator('.file-bar').getByText('Verified').waitFor();
  await picture(page, 'verified-light');
  await page.close();
});

test('damage is named by collection, block and bytes, and shown where it lies', async () => {
  const { openAsBlob } = await import('node:fs');
  const { findings } = await (await open(await openAsBlob(files.damaged))).verify();
  const page = await verifying(files.damaged);
  await page.getByRole('button', { name: 'Verify every byte' }).click();
  await page.getByText('This file is damaged').waitFor();
  const said = await page.locator('.findings > li').allInnerTexts();
  assert.equal(said.length, findings.length);
  for (const [at, { collection, block, offset, bytes, code }] of findings.entries()) {
    const number = (value) => value.toLocaleString('en');
    for (const fact of [`Collection ${collection}, block ${block}`, `Bytes ${number(offset)} to ${number(offset + bytes - 1)}`, code, 'has another hash than the index says']) {
      assert.ok(said[at].includes(fact), `${fact} in ${said[at]}`);
    }
  }
  assert.match(await page.locator('.note.bad').innerText(), /Undamaged: empty\b|Undamaged: images, empty/);
  const damaged = page.getByRole('button', { name: /finding/ });
  assert.ok((await damaged.count()) >= 2);
  // The strip is one stop of the keyboard; arrows go on, Enter leads to the finding.
  await damaged.first().focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === `finding-${document.querySelectorAll('.findings > li').length - 1}`);
  await picture(page, 'damaged-light');
  await page.close();
});

test('a file that does not open is verified all the same', async () => {
  const page = await verifying(files.cut, { colorScheme: 'dark' });
  await page.getByRole('button', { name: 'Verify every byte' }).click();
  await page.getByText('This file is damaged').waitFor();
  assert.match(await page.locator('.findings').innerText(), /truncated/);
  await picture(page, 'cut-dark');
  await page.close();
});

test('another program\'s file is read through, and nothing is claimed of it', async () => {
  const page = await verifying(foreign);
  await page.getByRole('button', { name: 'Verify every byte' }).click();
  await page.getByText('nothing proves it').waitFor();
  assert.equal(await page.locator('.cell.good').count(), 0);
  await page.close();
});

test('it is cancelled, and goes on while other views are looked at', async () => {
  const page = await verifying(files.whole);
  // All in one task of the page, so that the worker cannot be done before it is cancelled.
  await page.evaluate(async () => {
    document.querySelector('.actions .primary').click();
    const cancel = () => [...document.querySelectorAll('button')].find((button) => button.textContent === 'Cancel');
    for (let turns = 0; turns < 100 && !cancel(); turns += 1) await null;
    cancel().click();
  });
  await page.getByText('Cancelled.').waitFor();
  await page.getByRole('button', { name: 'Verify every byte' }).click();
  await goTo(page, 'Overview');
  await page.locator('.file-bar').getByText('Verified').waitFor();
  await goTo(page, 'Verify');
  await page.getByText('Every byte is as it was written').waitFor();
  await page.close();
});

test('nothing failed unseen', () => assert.deepEqual(reader.faults, []));
