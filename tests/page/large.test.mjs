// A backup of 2 GB: opened at once, verified without a frozen frame, in bounded memory. Takes minutes: --long.
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { long, packageFolder } from './built.mjs';
import { articles } from './files.mjs';
import { goTo, openFile, readers } from './reader.mjs';

const SIZE = 2e9;
const DIMENSION = 384;
/** Milliseconds. */
const MOST = { open: 200, task: 100, interactive: 1_000 };
/** Bytes that the tab's process may hold at most, the browser's own 140 MB included. */
const MOST_MEMORY = 500e6;

const skip = !long && 'it takes minutes: --long';
let folder;
let file;
let reader;
let page;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(`${tmpdir()}/vecvault-large-`);
  file = `${folder}/large.backup`;
  const { build } = await import(`${packageFolder}node.js`);
  const { vectors, metadataText } = articles(2_000, DIMENSION);
  let written = 0;
  async function* batches() {
    for (let first = 0; written < SIZE; first += 2_000) {
      yield { ids: Array.from({ length: 2_000 }, (_, at) => `record-${String(first + at).padStart(9, '0')}`), vectors, metadataText };
    }
  }
  const collections = [{ name: 'docs', config: { dimension: DIMENSION, metric: 'cosine' }, ordered: true, batches: batches() }];
  const sink = openSync(file, 'w');
  for await (const chunk of build({ name: 'large', collections })) written += writeSync(sink, chunk);
  closeSync(sink);
  reader = await readers();
  page = await reader.tab();
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true });
  });
});
after(async () => {
  await reader?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** The most that any tab's process of the browser has held since it began. */
async function peak() {
  const session = await reader.browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const held = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => {
    const status = readFileSync(`/proc/${id}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  });
  return Math.max(...held);
}

const longest = async () => {
  const tasks = await page.evaluate(() => window.longTasks);
  return Math.max(0, ...tasks);
};

test('the page answers within a second', { skip }, async () => {
  const interactive = await page.evaluate(() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd);
  console.log(`interactive in ${Math.round(interactive)} ms`);
  assert.ok(interactive < MOST.interactive);
});

test('it opens at once', { skip }, async () => {
  await page.evaluate(() => (window.longTasks.length = 0));
  await openFile(page, file);
  await page.getByRole('heading', { level: 1, name: 'large' }).waitFor();
  const took = await page.evaluate(() => performance.getEntriesByName('open')[0].duration);
  console.log(`${statSync(file).size} bytes opened in ${Math.round(took)} ms`);
  assert.ok(took < MOST.open);
});

test('its last records are shown as quickly as its first', { skip }, async () => {
  await goTo(page, 'Records');
  await page.getByText('record-000000000').waitFor();
  await page.getByRole('link', { name: 'Last page' }).click();
  await page.getByRole('link', { name: 'Next page' }).waitFor({ state: 'detached' });
  await page.locator('.rows a').last().click();
  await page.getByRole('slider').waitFor();
});

test('it is verified without a frozen frame, in bounded memory', { skip, timeout: 300_000 }, async () => {
  await goTo(page, 'Verify');
  await page.getByRole('button', { name: 'Verify every byte' }).click();
  await page.getByText(/left$/).waitFor({ timeout: 30_000 });
  await page.getByText('Every byte is as it was written').waitFor({ timeout: 240_000 });
  console.log((await page.locator('.note').innerText()).split('\n').at(-1));
  const [task, memory] = [await longest(), await peak()];
  console.log(`longest task ${Math.round(task)} ms, most memory of the tab ${Math.round(memory / 1e6)} MB`);
  assert.ok(task <= MOST.task, `a task of ${task} ms`);
  assert.ok(memory <= MOST_MEMORY, `${memory} bytes`);
});

test('a map is drawn from a sample, and statistics wait to be asked for and can be cancelled', { skip, timeout: 120_000 }, async () => {
  await goTo(page, 'Map');
  await page.getByRole('application').waitFor({ timeout: 60_000 });
  await goTo(page, 'Statistics');
  await page.getByRole('button', { name: /^Read the collection \(1\.\d GiB\)$/ }).click();
  await page.getByText(/left$/).waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled.').waitFor();
  const task = await longest();
  assert.ok(task <= MOST.task, `a task of ${task} ms`);
});
