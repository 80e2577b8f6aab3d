// Statistics and the map of a collection: what they say is what the package says, and every point can be reached.
import assert from 'node:assert/strict';
import { openAsBlob } from 'node:fs';
import { after, before, test } from 'node:test';

import { packageFolder } from './built.mjs';
import { foreign, makeFiles } from './files.mjs';
import { goTo, openFile, picture, readers } from './reader.mjs';

const { open } = await import(`${packageFolder}node.js`);
let reader;
let files;
let page;
let backup;

before(async () => {
  files = await makeFiles();
  backup = await open(await openAsBlob(files.whole));
  reader = await readers();
  page = await reader.tab();
  await openFile(page, files.whole);
});
after(async () => {
  await reader?.close();
  backup?.close();
  files?.remove();
});

const number = (value) => value.toLocaleString('en');

test('statistics tell norms, odd vectors, dimensions and metadata', async () => {
  const { norms, duplicates, nearZero, metadata, count } = await backup.statistics('articles');
  await goTo(page, 'Statistics');
  await page.getByRole('heading', { name: 'Norms' }).waitFor();
  const said = await page.locator('main').innerText();
  for (const norm of [norms.min, norms.max, norms.mean]) assert.ok(said.includes(String(Number(norm.toPrecision(4)))), `${norm}`);
  assert.deepEqual([nearZero.count, duplicates.count], [0, 0]);
  assert.match(said, /No vector is next to zero/);
  assert.match(said, /No vector is there twice/);
  assert.ok(said.includes(`${number(metadata.absent)} records of ${number(count)} have none`));
  const rows = await page.getByRole('row').allInnerTexts();
  for (const { key, count } of metadata.keys) assert.ok(rows.some((row) => row.startsWith(key) && row.includes(number(count))), key);
  await picture(page, 'statistics-light');
});

test('the keyboard reads the plots out', async () => {
  const plot = page.getByRole('slider', { name: 'How many vectors are how long' });
  const { norms } = await backup.statistics('articles');
  await plot.focus();
  const seen = [];
  for (const count of norms.histogram.counts) {
    seen.push(Number(/: ([\d,]+) vector/.exec(await plot.getAttribute('aria-valuetext'))[1].replaceAll(',', '')) - count);
    await page.keyboard.press('ArrowRight');
  }
  assert.deepEqual(seen, norms.histogram.counts.map(() => 0));
  const dimensions = page.getByRole('slider', { name: 'Dimensions' });
  await dimensions.focus();
  await page.keyboard.press('End');
  assert.match(await dimensions.getAttribute('aria-valuetext'), /^dimension 95: mean -?[\d.e-]+, deviation [\d.e-]+, from -?[\d.e-]+ to -?[\d.e-]+$/);
});

test('vectors that are there twice, or next to zero, lead to their records', async () => {
  const { build } = await import(`${packageFolder}node.js`);
  const { bytesOf } = await import('../wasm/samples.mjs');
  const vectors = new Float32Array(40).map((_, at) => (at < 4 ? 0 : at + 1));
  vectors.set(vectors.subarray(8, 12), 32);
  const ids = Array.from({ length: 10 }, (_, at) => `v${at}`);
  const bytes = await bytesOf(build({ name: 'odd', collections: [{ name: 'odd', config: { dimension: 4, metric: 'cosine' }, ordered: true, batches: [{ ids, vectors }] }] }));
  const other = await reader.tab();
  await openFile(other, { name: 'odd.backup', mimeType: 'application/json', buffer: Buffer.from(bytes) });
  await goTo(other, 'Statistics');
  await other.getByText('1 vector is next to zero').waitFor();
  assert.match(await other.locator('.odd').innerText(), /1 vector equals an earlier one, bit for bit\. Records 9 as 3/);
  assert.match(await other.locator('main').innerText(), /No record has metadata/);
  await other.getByRole('link', { name: '9', exact: true }).click();
  await other.getByRole('heading', { name: 'v8' }).waitFor();
  await goTo(other, 'Map');
  await other.getByText('These records have no metadata').waitFor();
  await other.close();
});

test('the map colours its points by a key, and names them on hover and to the keyboard', async () => {
  await goTo(page, 'Map');
  const map = page.getByRole('application');
  await map.waitFor();
  assert.equal(await page.getByLabel('Colour by').inputValue(), 'topic');
  const legend = await page.locator('.legend').innerText();
  for (const topic of ['billing', 'search', 'security', 'none']) assert.ok(legend.includes(topic), topic);
  await picture(page, 'map-light');
  const status = page.locator('main').getByRole('status');
  // The keyboard: from point to point, and into the record.
  await map.focus();
  const seen = new Set();
  for (const key of ['Home', 'ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'End']) {
    await page.keyboard.press(key);
    seen.add(await status.innerText());
  }
  assert.ok(seen.size >= 3, [...seen].join('; '));
  for (const said of seen) assert.match(said, /^articles-\d{6} · topic: \w+ · record [\d,]+$/);
  const last = /^articles-\d{6}/.exec(await status.innerText())[0];
  // The pointer: where something is drawn.
  await page.keyboard.press('Escape');
  const [x, y] = await map.evaluate((canvas) => {
    const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const at = data.findIndex((value, index) => index % 4 === 3 && value > 100) / 4;
    return [Math.floor(at) % width, Math.floor(at / width)];
  });
  await map.hover({ position: { x, y } });
  await status.getByText(/^articles-\d{6}$/).waitFor();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: last }).waitFor();
});

test('groups are looked at alone, numbers are a scale, and the choice is in the address', async () => {
  await goTo(page, 'Map');
  const canvas = page.getByRole('application');
  await canvas.waitFor();
  const pixels = () => canvas.evaluate((canvas) => canvas.toDataURL());
  const all = await pixels();
  await page.getByRole('button', { name: /billing/ }).click();
  assert.notEqual(await pixels(), all);
  await page.getByLabel('Colour by').selectOption('tokens');
  await page.locator('.map-scale').waitFor();
  assert.match(await page.evaluate(() => location.hash), /colour=tokens/);
  await page.getByLabel('Sample').selectOption('500');
  await page.getByText('500 of 3,000 records').waitFor();
});

test('an empty collection, a damaged and a foreign file are answered too', async () => {
  await goTo(page, 'Statistics');
  await page.getByLabel('Collection').selectOption('empty');
  await page.getByText('This collection was empty').waitFor();
  const other = await reader.tab({ colorScheme: 'dark' });
  await openFile(other, files.damaged);
  await goTo(other, 'Statistics');
  await other.getByText('The collection could not be read to its end').waitFor();
  assert.match(await other.getByRole('alert').innerText(), /Byte [\d,]+/);
  await picture(other, 'statistics-damaged-dark');
  await other.getByRole('button', { name: 'Close' }).click();
  await openFile(other, foreign);
  await goTo(other, 'Statistics');
  await other.getByText('4 records of dimension 4').waitFor();
  await goTo(other, 'Map');
  await other.getByRole('application').waitFor();
  await other.close();
});

test('nothing failed unseen', () => assert.deepEqual(reader.faults, []));
