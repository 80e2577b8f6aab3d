// Comparing two backups: what the indexes tell, what the records tell, and both versions of one.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { articles, makeFiles } from './files.mjs';
import { announced, cancelAtOnce, picture, readers } from './reader.mjs';
import { backupBytes, without } from './vault.mjs';

let reader;
let files;
let page;
let before_;
let after_;

before(async () => {
  files = await makeFiles();
  const all = articles(2_000, 48, 'articles');
  const config = { dimension: 48, metric: 'cosine' };
  const same = { name: 'same', config, ordered: true, batches: [articles(100, 48, 'same')] };
  const make = (name, date, collections) => backupBytes({ name, date, collections: [...collections, same] });
  const collection = (name, batch, more = {}) => ({ name, config: { ...config, ...more }, ordered: true, batches: [batch] });
  before_ = `${files.folder}/before.backup`;
  writeFileSync(before_, await make('nightly', '2024-01-03T02:00:00Z', [collection('articles', all), collection('gone', articles(5, 48, 'gone')), collection('config', articles(3, 48, 'c'))]));
  // Four are gone, two are new, two changed: the one in its metadata, the other in a number's last bit.
  const later = without(all, ['articles-000001', 'articles-000002', 'articles-001000', 'articles-001999']);
  later.ids.push('zebra-1', 'zebra-2');
  later.metadataText.push('{"new":1}', undefined);
  later.vectors = Float32Array.from([...later.vectors, ...new Float32Array(96).fill(0.5)]);
  const at = later.ids.indexOf('articles-000010');
  later.metadataText[at] = later.metadataText[at].replace('"topic":"search"', '"topic":"moved"').replace(/"account":\d+/, '"account":9007199254741992');
  const bits = new Uint32Array(later.vectors.buffer);
  bits[later.ids.indexOf('articles-000020') * 48 + 7] ^= 1;
  after_ = `${files.folder}/after.backup`;
  writeFileSync(after_, await make('nightly', '2024-01-04T02:00:00Z', [collection('articles', later), collection('config', articles(3, 48, 'c'), { hnsw: { m: 16 } })]));
  reader = await readers();
  page = await reader.tab({}, '#/compare');
});
after(async () => {
  await reader?.close();
  files?.remove();
});

test('two files are chosen, and what differs is said in plain words', async () => {
  await picture(page, 'compare-empty-light');
  await page.getByLabel('Choose a file as A').setInputFiles(before_);
  await page.getByLabel('Choose a file as B').setInputFiles(after_);
  await page.getByRole('heading', { name: 'B lacks 9 records that A has, and A lacks 2 records that B has' }).waitFor();
  const said = await page.locator('.verdict').innerText();
  for (const part of ['articles (4 records)', 'all of gone (5 records)', 'articles (2 records)', '2 records are in both, but not the same', 'The config of config differs']) {
    assert.ok(said.includes(part), `${part} in ${said}`);
  }
  await picture(page, 'compare-light');
});

test('each collection says whether it is equal, and counts add up', async () => {
  const row = (name) => page.getByRole('article', { name, exact: true }).innerText();
  assert.match(await row('same'), /Equal/);
  assert.match(await row('gone'), /Only in A\s+A: 5 records · B: not there/);
  assert.match(await row('articles'), /A: 2,000 records · B: 1,998 records — 4 only in A, 2 only in B, 2 changed, 1,994 the same/);
  assert.match(await row('config'), /"hnsw":\{"m":16\}/);
});

test('both versions of a changed record stand side by side, with every digit', async () => {
  const row = page.getByRole('article', { name: 'articles', exact: true });
  await row.getByRole('button', { name: 'articles-000010' }).click();
  const versions = row.locator('.versions');
  const differing = versions.locator('tr.differs');
  await differing.first().waitFor();
  assert.deepEqual((await differing.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').replace(' differs', '').trim()), [
    'topic "search" "moved"',
    'account 9007199254741003 9007199254741992',
  ]);
  assert.match(await versions.innerText(), /The vectors are the same, to the bit/);
  await picture(page, 'compare-record-light');
  await row.getByRole('button', { name: 'articles-000020' }).click();
  await page.getByText(/1 of 48 numbers of the vector differ/).waitFor();
  assert.match(await row.locator('.versions').innerText(), /dimension 7/);
  await row.getByRole('button', { name: 'zebra-1' }).click();
  await page.getByText('This record is in B alone.').waitFor();
});

test('swapped, the words are swapped too', async () => {
  await page.getByRole('button', { name: 'Swap A and B' }).click();
  await page.getByRole('heading', { name: 'B lacks 2 records that A has, and A lacks 9 records that B has' }).waitFor();
});

test('without a server, what is lacking is taken out of the backup that has it', async () => {
  await page.getByRole('button', { name: 'Take articles and gone out of B…' }).click();
  await page.getByRole('heading', { level: 1, name: 'Extract' }).waitFor();
  assert.ok(await page.getByLabel('gone').isChecked());
  assert.ok(!(await page.getByLabel('same').isChecked()));
});

test('equal indexes are called that; the same to the bit is said once both were read', async () => {
  const other = await reader.tab({}, '#/compare');
  await other.getByLabel('Choose a file as A').setInputFiles(before_);
  await other.getByLabel('Choose a file as B').setInputFiles(before_);
  await other.getByText('By their indexes, both hold the same').waitFor();
  assert.match(await other.getByRole('article', { name: 'same', exact: true }).innerText(), /Equal by index/);
  assert.equal(await other.locator('.note.good, .badge.good').count(), 0, 'nothing is green that was not read');
  await picture(other, 'compare-by-index-light');
  await other.getByRole('button', { name: /^Verify both, / }).click();
  await other.getByText('Both hold exactly the same').waitFor();
  assert.doesNotMatch(await other.getByRole('article', { name: 'same', exact: true }).innerText(), /by index/);
  await other.getByRole('button', { name: 'Change backup B' }).click();
  await other.getByLabel('Choose a file as B').setInputFiles(files.letter);
  await other.getByText('does not open').waitFor();
  await other.close();
});

test('comparing records is cancelled, and then only what the indexes tell is claimed', async () => {
  const other = await reader.tab({}, '#/compare');
  await cancelAtOnce(other);
  await other.getByLabel('Choose a file as A').setInputFiles(before_);
  await other.getByLabel('Choose a file as B').setInputFiles(after_);
  await other.getByText('Some collections differ.').waitFor();
  await other.getByRole('heading', { name: '4 collections, 1 equal' }).waitFor();
  assert.equal(await other.locator('.verdict').count(), 0, 'what the indexes do not tell is not claimed');
  await other.close();
});

test('a backup beside its damaged copy does not end in green, and leads to where the damage is', async () => {
  const other = await reader.tab({}, '#/compare');
  // A digit of a number: the index does not know of it.
  await other.getByLabel('Choose a file as A').setInputFiles(files.whole);
  await other.getByLabel('Choose a file as B').setInputFiles(files.digit);
  await other.getByText('By their indexes, both hold the same').waitFor();
  await other.getByRole('button', { name: /^Verify both, / }).click();
  await other.getByRole('heading', { name: 'B is damaged' }).waitFor();
  await announced(other, 'A: every byte is as it was written. B: damaged.');
  assert.equal(await other.locator('.note.good, .badge.good').count(), 0);
  await picture(other, 'compare-damaged-light');
  await other.getByRole('button', { name: 'See where B is damaged' }).click();
  await other.getByRole('heading', { level: 1, name: 'Verify' }).waitFor();
  await other.locator('.file-bar .badge').getByText('Damaged').waitFor();
  await other.close();
});

test('damage that is met says where', async () => {
  const other = await reader.tab({}, '#/compare');
  await other.getByLabel('Choose a file as A').setInputFiles(files.damaged);
  await other.getByLabel('Choose a file as B').setInputFiles(after_);
  await other.getByText('The records could not be compared').waitFor();
  assert.match(await other.getByRole('alert').innerText(), /Byte [\d,]+/);
  await other.close();
});

test('nothing failed unseen', () => assert.deepEqual(reader.faults, []));
