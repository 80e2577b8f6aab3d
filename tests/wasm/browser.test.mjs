// The package in a headless Chromium, on a page and in a worker.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import { after, before, test } from 'node:test';

import { long, packageFolder, root } from './built.mjs';
import { launch } from './chromium.mjs';
import { largeOptions, largeParts } from './large.mjs';
import { backupOf, bytesOf, sample } from './samples.mjs';
import { serve } from './served.mjs';

const { build } = await import(`${packageFolder}node.js`);
const folder = mkdtempSync(`${tmpdir()}/vecvault-browser-`);
const file = `${folder}/sample.backup`;
let server;
let browser;
let page;
const faults = [];

before(async () => {
  writeFileSync(file, await bytesOf(build(backupOf(sample(20_000, 128)))));
  server = await serve(root);
  browser = await launch();
  page = await browser.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(`${server.address}/tests/wasm/browser/page.html`);
  await page.waitForFunction(() => window.ready);
  await page.getByLabel('Backup file').setInputFiles(file);
});

after(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true });
});

const run = (where, name, args) => page.evaluate(([where, name, args]) => window[where](name, args), [where, name, args]);

for (const where of ['onPage', 'inWorker']) {
  test(`${where}: a file opens, is read and verified`, async () => {
    const seen = await run(where, 'inspect', { file: true });
    assert.deepEqual([seen.info.id, seen.info.collections], [backupOf(sample(1, 1)).id, ['docs']]);
    assert.deepEqual(seen.ids, ['vec_000000005', 'vec_000000006', 'vec_000000007']);
    assert.deepEqual([seen.report.ok, seen.report.records], [true, 20_000]);
    assert.ok(seen.memory < 16 << 20, `${seen.memory} bytes of memory`);
  });

  test(`${where}: what is built is what Node builds, byte for byte`, async () => {
    const ours = await bytesOf(build(backupOf(sample(3_000, 96))));
    assert.equal(await run(where, 'built'), createHash('sha256').update(ours).digest('hex'));
  });

  for (const store of ['opfs', 'indexeddb', 'memory']) {
    test(`${where}: the store ${store} keeps the contract`, async () => {
      const checks = await run(where, 'conformance', { store, listed: store === 'memory' ? 1_100 : 60 });
      assert.ok(checks.length >= 30);
    });
  }

  for (const store of ['opfs', 'indexeddb']) {
    test(`${where}: a backup in ${store} is there when it is opened again`, async () => {
      assert.deepEqual(await run(where, 'kept', { store }), { same: true, ok: true, left: 0 });
    });
  }
}

test('a write that broke off leaves nothing for good', async () => {
  assert.deepEqual(await run('inWorker', 'swept'), []);
});

for (const kind of ['opfs', 'indexeddb']) {
  test(`what is written while another opens ${kind} stays`, async () => {
    assert.equal(await run('onPage', 'sweptBeside', { kind }), true);
  });
}

test('a URL is opened by ranges', async () => {
  const seen = await run('onPage', 'fromUrl', { url: '/tests/golden/format-1.backup' });
  assert.equal(seen.ok, true);
});

test('a backup of 5 GB opens with few bytes read', async () => {
  const { collections, ...large } = largeParts();
  const seen = await run('inWorker', 'opens', large);
  assert.deepEqual([seen.size, seen.collections], [large.size, collections]);
  assert.ok(seen.bytes < 16_384 && seen.reads <= 3, told(seen));
  console.log(told(seen));
});

// In Chromium, reads of a stream whose reader is held by nothing stop coming, after 30,000 to 41,000 reads of this kind.
for (const by of ['verify', 'reader']) {
  test(`by ${by}: more than forty thousand reads in a row do not stall`, async () => {
    const count = long ? 400_000 : 60_000;
    assert.ok((await run('inWorker', 'reads', { file: true, by, count, most: 8_192 })) >= count);
  });
}

// After what reads the small file: it takes its place on the page.
test('a file of 5 GB opens with few bytes read, and is verified', { skip: !long && 'it is built: --long' }, async () => {
  const path = `${folder}/large.backup`;
  await build(largeOptions()).pipeTo(Writable.toWeb(createWriteStream(path)));
  await page.getByLabel('Backup file').setInputFiles(path);
  const opened = await run('inWorker', 'opens', { file: true });
  assert.deepEqual(opened.collections, largeParts().collections, 'it is what large.json is of');
  assert.ok(opened.size > 5e9 && opened.bytes < 16_384 && opened.reads <= 3, told(opened));
  console.log(told(opened));
  const { report, seconds, memory } = await run('inWorker', 'inspect', { file: true });
  assert.deepEqual([report.ok, report.bytes], [true, opened.size]);
  assert.ok(memory < 16 << 20, `${memory} bytes of memory`);
  console.log(`verified at ${Math.round(opened.size / 1e6 / seconds)} MB/s, in ${memory} bytes of memory`);
});

test('nothing was refused by the policy, and nothing failed unseen', () => {
  assert.deepEqual(faults, []);
});

function told({ size, bytes, reads, milliseconds }) {
  return `opened ${size} bytes with ${bytes} read in ${reads} reads, ${milliseconds.toFixed(1)} ms`;
}
