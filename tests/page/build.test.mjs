// Building backups of files, and taking collections out of them: what comes out is restored by a real server.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { packageFolder } from './built.mjs';
import { articles, golden, makeFiles } from './files.mjs';
import { announced, cancelAtOnce, focused, goTo, openFile, picture, readers } from './reader.mjs';
import { sourceOf } from './source.mjs';
import { lines } from '../wasm/samples.mjs';
import { serveVault } from './vault.mjs';

const { open } = await import(`${packageFolder}node.js`);
const { bytes: sizeOf } = await sourceOf('ui/format.ts');
let reader;
let files;
let folder;
let vault;

before(async () => {
  folder = mkdtempSync(`${tmpdir()}/vecvault-page-build-`);
  files = await makeFiles();
  reader = await readers();
  vault = await serveVault();
});
after(async () => {
  await reader?.close();
  await vault?.close();
  files?.remove();
  if (folder) rmSync(folder, { recursive: true });
});

const file = (name, content) => (writeFileSync(`${folder}/${name}`, content), `${folder}/${name}`);

/** A matrix as NumPy 2 saves it. */
function npy(rows, dimension, values, { descr = '<f4', order = 'False', shape = `(${rows}, ${dimension})` } = {}) {
  const dict = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const header = `${dict}${' '.repeat(63 - ((10 + dict.length) % 64))}\n`;
  const head = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([header.length & 255, header.length >> 8]), Buffer.from(header, 'latin1')]);
  assert.equal(head.length % 64, 0);
  const numbers = descr === '<f8' ? new Float64Array(values) : new Float32Array(values);
  return Buffer.concat([head, Buffer.from(numbers.buffer)]);
}

/** A tab at the view, in a browser that cannot write to files. */
async function building() {
  const page = await reader.tab({}, '#/build');
  await page.evaluate(() => delete window.showSaveFilePicker);
  return page;
}

const add = (page, ...paths) => page.locator('.drop-zone input').setInputFiles(paths);

async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** Restores a file on the server and gives what is live then. */
async function restored(bytes) {
  const backup = await open(bytes);
  assert.equal((await backup.verify()).ok, true);
  writeFileSync(`${vault.backups}/${backup.info.id}.backup`, bytes);
  const answer = await vault.call('backups/restore', { backup_id: backup.info.id });
  assert.equal(answer.success, true);
  return { backup, record: (collection, id) => vault.call(`collections/${collection}/vectors/${id}`) };
}

test('JSON lines, CSV and a matrix become one backup, which a server restores', async () => {
  const records = articles(1_500, 24, 'articles');
  const jsonl = file('articles.jsonl', [...lines(records)].join(''));
  const csv = file('quotes.csv', '\ufeffid,text,embedding,stars,zip,seen\r\nq2,"He said ""no"",\nthen left","[0.1, -2, 3e-3]",4.50,00123,true\r\nq1,é𝄞,"[1.0,2.5,-0.0]",,,false\r\n');
  const matrix = file('points.npy', npy(3, 2, [1, 2, 3, 4, 5, 6]));
  const beside = file('points.jsonl', '{"id":"p1","metadata":{"n":9007199254740993}}\n{"id":"p2"}\n{"id":"p3","a":1.50,"b":"x"}\n');
  const page = await building();
  await picture(page, 'build-empty-light');
  await add(page, jsonl, csv, matrix, beside);
  await page.locator('.preview').nth(2).waitFor();
  assert.equal(await page.locator('.draft').count(), 3);
  const csvCard = page.locator('.draft').filter({ hasText: 'quotes.csv' });
  assert.match(await csvCard.innerText(), /Dimension\s*3/);
  assert.match(await csvCard.locator('.preview').innerText(), /"stars":4\.50,"zip":"00123","seen":true/);
  await page.locator('.draft').filter({ hasText: 'points.npy' }).getByLabel('Metric').selectOption('euclidean');
  await page.getByLabel('Name of the backup').fill('first import');
  await picture(page, 'build-light');
  const { name, bytes } = await saved(page, 'Build and save');
  await page.getByText(`records, ${sizeOf(bytes.length)} in`).waitFor();
  await announced(page, 'Built, and proved: 1,505 records.');
  assert.match(await focused(page), /^Built, and proved/);
  assert.equal(name, 'first import.backup');
  await page.locator('main').getByText('1,505 records').waitFor();
  const { backup, record } = await restored(bytes);
  const summary = Object.fromEntries(backup.collections.map((each) => [each.name, [each.count, each.config.dimension, each.config.metric]]));
  assert.deepEqual(summary, { articles: [1_500, 24, 'cosine'], quotes: [2, 3, 'cosine'], points: [3, 2, 'euclidean'] });
  const quote = await record('quotes', 'q2');
  assert.deepEqual(quote.metadata, { text: 'He said "no",\nthen left', stars: 4.5, zip: '00123', seen: true });
  assert.deepEqual(quote.data.map(Math.fround), [0.1, -2, 3e-3].map(Math.fround));
  assert.equal((await backup.find('quotes', 'q1')).metadataText, '{"text":"é𝄞","seen":false}');
  assert.equal((await backup.find('points', 'p1')).metadataText, '{"n":9007199254740993}');
  assert.equal((await backup.find('points', 'p2')).metadataText, undefined);
  assert.equal((await backup.find('points', 'p3')).metadataText, '{"a":1.50,"b":"x"}');
  for (const at of [0, 700, 1_499]) {
    const found = await backup.find('articles', records.ids[at]);
    assert.deepEqual(found.vector, records.vectors.slice(at * 24, (at + 1) * 24));
    assert.equal(found.metadataText, records.metadataText[at]);
  }
  await page.getByRole('button', { name: 'Open it' }).click();
  await page.getByRole('heading', { level: 1, name: 'first import' }).waitFor();
  await page.close();
});

test('ids that ascend make an ordered backup, equal to one that was built elsewhere; others are kept as they come', async () => {
  const page = await building();
  await add(page, file('up.csv', 'id,vector\na,1 2\nb,3 4\n'));
  await page.getByLabel('Name of the backup').fill('up');
  const up = await open((await saved(page, 'Build and save')).bytes);
  assert.equal(up.collections[0].ordered, true);
  await page.getByRole('button', { name: /Remove up.csv/ }).click();
  assert.notEqual(await focused(page), '');
  await add(page, file('down.csv', 'id,vector\nb,3 4\na,1 2\n'));
  await page.locator('.preview').waitFor();
  const down = await open((await saved(page, 'Build and save')).bytes);
  assert.equal(down.collections[0].ordered, false);
  assert.equal(down.collections[0].fingerprint, up.collections[0].fingerprint);
  await page.close();
});

test('64-bit numbers that 32 bits do not hold are said so, counted and rounded to the nearest', async () => {
  const page = await building();
  await add(page, file('doubles.npy', npy(2, 2, [0.5, 0.1, 1 / 3, 2], { descr: '<f8' })));
  await page.getByText('2 of the first 4 are not held exactly').waitFor();
  await page.getByLabel('Name of the backup').fill('doubles');
  const { bytes } = await saved(page, 'Build and save');
  await page.getByText('2 numbers had more digits than 32-bit floats hold, and were rounded').waitFor();
  const backup = await open(bytes);
  assert.deepEqual([...(await backup.find('doubles', 'row-000000000')).vector], [0.5, Math.fround(0.1)]);
  assert.equal(backup.collections[0].ordered, true);
  await page.close();
});

test('columns are chosen by hand where the names do not tell', async () => {
  const page = await building();
  await add(page, file('wide.csv', 'who;x;y;z\nann;1;.5;+2\nbob;3;4;5.\n'));
  await page.getByLabel('Vector', { exact: true }).waitFor();
  await page.getByLabel('From').selectOption('x');
  await page.getByLabel('To', { exact: true }).selectOption('z');
  await page.getByLabel('Id', { exact: true }).selectOption('who');
  await page.getByText('1, 0.5, 2').waitFor();
  await picture(page, 'build-columns-light');
  await page.getByLabel('Name of the backup').fill('wide');
  const backup = await open((await saved(page, 'Build and save')).bytes);
  assert.deepEqual([...(await backup.find('wide', 'bob')).vector], [3, 4, 5]);
  await page.close();
});

const REFUSED = [
  ['integers.npy', npy(1, 2, [1, 2], { descr: '<i4' }), /array\.astype\("<f4"\)/],
  ['big.npy', npy(1, 2, [1, 2], { descr: '>f4' }), /little-endian/],
  ['fortran.npy', npy(1, 2, [1, 2], { order: 'True' }), /ascontiguousarray/],
  ['flat.npy', npy(1, 2, [1, 2], { shape: '(2,)' }), /1 axes/],
  ['cut.npy', npy(2, 2, [1, 2]), /make 144 bytes; the file has 136/],
  ['letter.txt', 'Dear Sir or Madam', /is it a CSV with a header/],
  ['bad.jsonl', '{"id":"a","vector":[1,2]}\n{"id":"b","vector":[1,}\n', /line 2/],
  ['ragged.csv', 'id,vector\na,1 2,3\n', /row 1: 3 cells where the header has 2/],
  ['latin.csv', Buffer.from('id,vector\n\xe9,1 2\n', 'latin1'), /not UTF-8/],
  ['empty.jsonl', '', /it is empty/],
  ['array.json', '[{"id":"a","vector":[1]}]', /jq -c/],
  ['again.backup', readFileSync(golden), /this is a backup already/],
];

test('what cannot be read says so, with the place and what to do', async () => {
  const page = await building();
  for (const [name, content, reason] of REFUSED) {
    await add(page, file(name, content));
    const alert = page.locator('.draft').getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.innerText(), reason, name);
    if (name === 'cut.npy') await picture(page, 'build-refused-light');
    await page.getByRole('button', { name: `Remove ${name}` }).click();
  }
  await page.close();
});

test('a fault below the first rows is named by its record, and nothing is saved', async () => {
  const page = await building();
  const good = Array.from({ length: 50 }, (_, at) => `{"id":"v${100 + at}","vector":[1,2]}`);
  await add(page, file('late.jsonl', `${good.join('\n')}\n{"id":"v900","vector":[1,2,3]}\n`));
  await page.locator('.preview').waitFor();
  await page.getByLabel('Name of the backup').fill('late');
  await page.getByRole('button', { name: 'Build and save' }).click();
  await page.getByText('The backup was not built').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /line 51/);
  await page.getByRole('button', { name: /Remove late/ }).click();
  const nan = file('nan.npy', npy(8, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, NaN, 14, 15, 16]));
  await add(page, nan, file('nan.jsonl', Array.from({ length: 7 }, (_, at) => `{"id":"n${at}"}`).join('\n')));
  await page.locator('.preview').waitFor();
  await page.getByRole('button', { name: 'Build and save' }).click();
  await page.getByText('7 lines where nan.npy has 8 rows').waitFor();
  await page.close();
});

test('a backup is streamed to a file that the reader chose; nothing is left where it fails', async () => {
  const page = await building();
  await page.evaluate(() => {
    window.showSaveFilePicker = async ({ suggestedName }) => (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
  });
  const names = () => page.evaluate(async () => {
    const all = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) all.push(name);
    return all;
  });
  await add(page, file('twice.jsonl', '{"id":"a","vector":[1]}\n{"id":"b","vector":[1]}\n{"id":"a","vector":[2]}\n'));
  await page.locator('.preview').waitFor();
  await page.getByLabel('Name of the backup').fill('streamed');
  await page.getByRole('button', { name: /Build and save/ }).click();
  await page.getByText('The backup was not built').waitFor();
  assert.deepEqual(await names(), []);
  await page.getByRole('button', { name: /Remove twice/ }).click();
  await add(page, file('once.jsonl', '\ufeff{"id":"a","vector":[1]}\n'));
  await page.locator('.preview').waitFor();
  await page.getByRole('button', { name: /Build and save/ }).click();
  await page.getByRole('heading', { name: 'Built, and proved' }).waitFor();
  assert.deepEqual(await names(), ['streamed.backup']);
  await page.close();
});

test('building and taking out are cancelled, and nothing is left of them', async () => {
  const page = await building();
  await page.evaluate(() => {
    window.showSaveFilePicker = async ({ suggestedName }) => (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
  });
  const left = () => page.evaluate(async () => {
    const all = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) all.push(name);
    return all;
  });
  await add(page, file('many.npy', npy(40_000, 64, new Float32Array(40_000 * 64).fill(0.25))));
  await page.locator('.preview').waitFor();
  await page.getByLabel('Name of the backup').fill('many');
  await cancelAtOnce(page);
  await page.getByRole('button', { name: /Build and save/ }).click();
  await page.locator('main').getByText('Cancelled. Nothing was saved.').waitFor();
  assert.deepEqual(await left(), []);
  await page.evaluate(() => (location.hash = '#/'));
  await openFile(page, files.whole);
  await goTo(page, 'Extract');
  await page.getByRole('button', { name: /^Save 3 collections/ }).click();
  await page.locator('main').getByText('Cancelled. Nothing was saved.').waitFor();
  assert.deepEqual(await left(), []);
  await page.close();
});

test('collections are taken out: as a backup that a server restores, and as JSON lines to the byte', async () => {
  const page = await reader.tab();
  await page.evaluate(() => delete window.showSaveFilePicker);
  await openFile(page, files.whole);
  await goTo(page, 'Extract');
  await page.getByRole('checkbox', { name: /^images/ }).waitFor();
  await page.getByRole('checkbox', { name: /^articles/ }).uncheck();
  await page.getByLabel('Name of the new backup').fill('only images');
  await picture(page, 'extract-light');
  const backup = await saved(page, /^Save 2 collections, 700 records/);
  await page.locator('main').getByText(`Saved: ${sizeOf(backup.bytes.length)}, every record proved.`).waitFor();
  assert.equal(backup.name, 'only images.backup');
  const { backup: taken } = await restored(backup.bytes);
  const original = await open(readFileSync(files.whole));
  assert.notEqual(taken.info.id, original.info.id);
  assert.equal(taken.info.name, 'only images');
  const proofs = (from) => from.collections.filter(({ name }) => name !== 'articles').map(({ name, count, fingerprint }) => [name, count, fingerprint]);
  assert.deepEqual(proofs(taken), proofs(original));
  await page.getByLabel(/JSON lines/).check();
  await page.getByText('JSON lines hold one collection').waitFor();
  await page.getByRole('checkbox', { name: /^empty/ }).uncheck();
  const { name, bytes } = await saved(page, /^Save 1 collection/);
  assert.equal(name, 'images.jsonl');
  const expected = Buffer.from(await new Response(original.lines('images')).arrayBuffer());
  assert.ok(bytes.equals(expected));
  await page.close();
});

test('a damaged collection cannot be taken out, a whole one beside it can', async () => {
  const page = await reader.tab();
  await page.evaluate(() => delete window.showSaveFilePicker);
  await openFile(page, files.damaged);
  await goTo(page, 'Extract');
  await page.getByRole('button', { name: /^Save 3 collections/ }).click();
  await page.getByText('It could not be taken out').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /Byte [\d,]+/);
  for (const name of ['articles', 'images']) await page.getByRole('checkbox', { name: new RegExp(`^${name}`) }).uncheck();
  await saved(page, /^Save 1 collection, 0 records/);
  await page.close();
});

test('nothing failed unseen', () => assert.deepEqual(reader.faults, []));
