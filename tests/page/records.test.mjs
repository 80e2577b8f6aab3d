// Records: paged, jumped to, found, filtered, and one of them in full.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { foreign, makeFiles } from './files.mjs';
import { focused, goTo, openFile, picture, readers } from './reader.mjs';

let reader;
let files;
let page;

before(async () => {
  files = await makeFiles();
  reader = await readers();
  page = await reader.tab();
  await openFile(page, files.whole);
});
after(async () => {
  await reader?.close();
  files?.remove();
});

const ids = async () => (await page.locator('.row-id').allInnerTexts()).map((text) => text.trim());
const settled = (first) => page.locator('.row-id').first().getByText(first, { exact: true }).waitFor();

test('a collection is paged to its end and back', async () => {
  await page.getByRole('link', { name: 'articles', exact: true }).click();
  await settled('articles-000000');
  assert.equal((await ids()).length, 50);
  await picture(page, 'records-light');
  await page.getByRole('link', { name: 'Next page' }).click();
  await settled('articles-000050');
  await page.getByRole('link', { name: 'Last page' }).click();
  await settled('articles-002950');
  assert.equal(await page.getByRole('link', { name: 'Next page' }).count(), 0);
  await page.getByRole('link', { name: 'First page' }).click();
  await settled('articles-000000');
});

test('a record is jumped to by its number, and is on the page that is shown', async () => {
  await page.getByLabel('Record number').fill('1234');
  await page.getByRole('button', { name: 'Go' }).click();
  await page.getByRole('heading', { name: 'articles-001233' }).waitFor();
  await settled('articles-001200');
  assert.equal(await page.locator('.rows [aria-current]').innerText().then((text) => text.includes('articles-001233')), true);
});

test('metadata are a tree; integers beyond 2^53 and numbers beyond doubles are as they were written', async () => {
  const tree = page.locator('.tree');
  assert.match(await tree.innerText(), new RegExp(`account\\s+${9007199254740993n + 1233n}`));
  await tree.getByText('nested').click();
  await tree.getByText('tags').click();
  await tree.locator('summary').filter({ hasText: '3' }).click();
  await tree.getByText('1e400').waitFor();
  const text = await tree.innerText();
  for (const written of ['-0.0', '1e400', 'null', 'first\nsecond']) assert.ok(text.includes(written), `${written} in ${text}`);
  await picture(page, 'record-light');
});

test('the vector is shown as numbers that read back to the same floats, and as a plot that names its dimensions', async () => {
  const shown = (await page.locator('.numbers li').allInnerTexts()).map((text) => Math.fround(Number(text)));
  assert.equal(shown.length, 96);
  const { articles } = await import('./files.mjs');
  assert.deepEqual(shown, Array.from(articles(3_000, 96).vectors.subarray(1233 * 96, 1234 * 96)));
  const plot = page.getByRole('slider', { name: /Vector/ });
  await plot.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'End']) await page.keyboard.press(key);
  assert.match(await plot.getAttribute('aria-valuetext'), /^dimension 95: /);
});

test('the next record is a click away, over the end of the page too', async () => {
  await page.getByLabel('Record number').fill('50');
  await page.getByRole('button', { name: 'Go' }).click();
  await page.getByRole('heading', { name: 'articles-000049' }).waitFor();
  await page.getByRole('button', { name: 'Next record' }).click();
  await page.getByRole('heading', { name: 'articles-000050' }).waitFor();
  await settled('articles-000050');
  await page.goBack();
  await page.getByRole('heading', { name: 'articles-000049' }).waitFor();
  await page.getByRole('button', { name: 'Close record' }).click();
  await page.getByRole('heading', { name: 'articles-000049' }).waitFor({ state: 'detached' });
});

test('a record is found by its id, and where there is none it is said', async () => {
  await page.getByLabel('Id, exactly').fill('articles-002222');
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await page.getByRole('heading', { name: 'articles-002222' }).waitFor();
  await page.getByLabel('Id, exactly').fill('ARTICLES-002222');
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await page.getByText('No record of this collection has the id').waitFor();
});

test('a page is filtered by a text of ids or metadata', async () => {
  await page.getByRole('button', { name: 'Close record' }).click();
  await page.getByLabel('Filter this page').fill('SECURITY');
  await page.getByText(/ of 50 on this page/).waitFor();
  const found = await ids();
  assert.ok(found.length > 0 && found.length < 50);
  await page.getByLabel('Filter this page').fill('no such text');
  await page.getByText('No record of this page has that text').waitFor();
  await page.getByLabel('Filter this page').fill('');
  await settled('articles-000000');
});

test('a text is sought through the whole collection', async () => {
  await page.getByLabel('Text in id or metadata').fill(String(9007199254740993n + 2_500n));
  await page.getByRole('button', { name: 'Find next' }).click();
  await page.getByRole('heading', { name: 'articles-002500' }).waitFor();
  await page.getByRole('button', { name: 'Find next' }).click();
  await page.getByText('Past the end: this is the first record of all that has').waitFor();
  await page.getByRole('heading', { name: 'articles-002500' }).waitFor();
  await page.getByLabel('Text in id or metadata').fill('nobody wrote this');
  await page.getByRole('button', { name: 'Find next' }).click();
  await page.getByText('No record of this collection has “nobody wrote this” in it.').waitFor();
});

test('a record without metadata, and an empty collection, say so', async () => {
  await page.getByLabel('Record number').fill('6');
  await page.getByRole('button', { name: 'Go' }).click();
  await page.getByText('This record has none.').waitFor();
  await page.getByLabel('Collection').selectOption('empty');
  await page.getByText('This collection was empty when the backup was made.').waitFor();
});

test('the keyboard goes from record to record and opens one', async () => {
  await page.getByLabel('Collection').selectOption('images');
  await settled('images-000000');
  await page.getByRole('link', { name: 'Next page' }).press('Enter');
  await page.getByRole('link', { name: 'First page' }).waitFor();
  assert.equal(await focused(page), 'Next page', 'the keyboard is where it was');
  await page.goBack();
  await page.getByRole('link', { name: 'First page' }).waitFor({ state: 'detached' });
  await settled('images-000000');
  await page.locator('.rows a').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'images-000002' }).waitFor();
});

test('on a narrow screen a record takes the place of the list, and gives it back', async () => {
  const narrow = await reader.tab({ viewport: { width: 360, height: 740 } });
  await openFile(narrow, files.whole);
  await goTo(narrow, 'Records');
  await narrow.locator('.rows a').nth(40).click();
  const heading = narrow.getByRole('heading', { name: 'articles-000040' });
  await heading.waitFor();
  await narrow.waitForFunction(() => document.activeElement?.classList.contains('record-id'));
  assert.ok((await heading.boundingBox()).y >= 0);
  assert.equal(await narrow.locator('.rows').isVisible(), false);
  await narrow.getByRole('button', { name: 'Close record' }).click();
  await narrow.locator('.rows').waitFor();
  assert.equal(await focused(narrow), 'Records');
  await narrow.close();
});

test('another program\'s records are shown too, with all their digits', async () => {
  const other = await reader.tab();
  await openFile(other, foreign);
  await goTo(other, 'Records');
  await other.locator('.rows a').first().click();
  await other.getByText('18446744073709551617', { exact: true }).waitFor();
  await other.close();
});

test('a damaged block says where, and the pages around it can still be read', async () => {
  const other = await reader.tab();
  await openFile(other, files.damaged);
  await goTo(other, 'Records');
  await other.locator('.file-bar').getByText('Not verified').waitFor();
  const damage = other.getByText('These records could not be read');
  for (let pages = 0; pages < 60 && (await damage.count()) === 0; pages += 1) {
    await other.getByRole('link', { name: 'Next page' }).click();
    await other.locator('.record-list[aria-busy=false]').waitFor();
  }
  assert.match(await other.getByRole('alert').innerText(), /Byte [\d,]+/);
  await other.locator('.file-bar .badge').getByText('Damaged').waitFor();
  await picture(other, 'records-damaged-light');
  await other.getByRole('link', { name: 'Last page' }).click();
  await other.getByText('articles-002999').waitFor();
  await other.close();
});

test('nothing failed unseen', () => assert.deepEqual(reader.faults, []));
