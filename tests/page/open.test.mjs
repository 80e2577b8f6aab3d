// Opening: a file that is chosen, dropped or at an address; whole, foreign or damaged.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';

import { root } from './built.mjs';
import { foreign, golden, goldenSummary as expected, makeFiles } from './files.mjs';
import { openFile, picture, readers } from './reader.mjs';
import { serveFiles } from './served.mjs';

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

test('a chosen file shows its head: name, date, size, creator, and each collection', async () => {
  const page = await reader.tab();
  await picture(page, 'open-light');
  await openFile(page, golden);
  await page.getByRole('heading', { level: 1, name: expected.name }).waitFor();
  const text = await page.locator('main').innerText();
  for (const fact of [expected.id, expected.date, `${expected.size.toLocaleString('en')} bytes`, expected.provenance.creator, expected.provenance.root, 'Not verified']) {
    assert.ok(text.includes(fact), fact);
  }
  for (const { name, count, config, fingerprint } of expected.contents) {
    const collection = page.getByRole('article', { name, exact: true });
    await collection.locator('summary').click();
    const said = await collection.innerText();
    for (const fact of [name, String(count), String(config.dimension), config.metric, fingerprint]) assert.ok(said.includes(fact), `${name}: ${fact}`);
  }
  await picture(page, 'overview-light');
  await page.close();
});

test('a config is shown as it was written, white space included', async () => {
  const page = await reader.tab();
  await openFile(page, golden);
  const docs = page.getByRole('article', { name: 'docs', exact: true });
  await docs.locator('summary').click();
  assert.equal(await docs.locator('pre').innerText(), '{ "metric":"cosine", "dimension" : 24,"hnsw":{"m":16}}');
  await page.close();
});

test('a file that is dropped anywhere opens, also in place of another', async () => {
  const page = await reader.tab();
  await openFile(page, foreign);
  await page.getByRole('heading', { level: 1, name: 'nightly' }).waitFor();
  const text = readFileSync(golden, 'utf8');
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'dropped.backup'));
    return transfer;
  }, text);
  await page.dispatchEvent('main', 'dragover', { dataTransfer: data });
  await page.getByText('Drop to open').waitFor();
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
  await page.getByRole('heading', { level: 1, name: expected.name }).waitFor();
  assert.equal(await page.getByText('Drop to open').count(), 0);
  assert.ok((await page.locator('.file-name').innerText()).includes('dropped.backup'));
  await page.close();
});

test('another program\'s file opens, and says that nothing proves it', async () => {
  const page = await reader.tab({ colorScheme: 'dark' });
  await openFile(page, foreign);
  await page.getByRole('heading', { name: 'Another program wrote this file' }).waitFor();
  assert.ok((await page.locator('main').innerText()).includes('Foreign'));
  await picture(page, 'overview-foreign-dark');
  await page.close();
});

test('a file that was cut off says so, at which byte, and what to do', async () => {
  const page = await reader.tab();
  await page.locator('input[type=file]').setInputFiles(files.cut);
  const alert = page.getByRole('alert');
  await alert.getByText('This file does not open as a backup').waitFor();
  const said = await alert.innerText();
  assert.match(said, /Byte \d/);
  assert.match(said, /truncated/);
  assert.match(said, /Copy it again/);
  await picture(page, 'does-not-open-light');
  await page.close();
});

test('reading through another program\'s file can be cancelled', async () => {
  const page = await reader.tab();
  await page.evaluate(() => {
    // Cancelled in the moment that it can be: a test that looks for the button may come too late.
    const observer = new MutationObserver(() => {
      const cancel = [...document.querySelectorAll('button')].find((button) => button.textContent === 'Cancel');
      if (!cancel) return;
      observer.disconnect();
      window.saidWhy = document.body.innerText.includes('so it is read through once');
      cancel.click();
    });
    observer.observe(document.body, { childList: true, subtree: true });
    const records = Array.from({ length: 60_000 }, (_, at) => `{"id":"v${at}","vector":[${Array.from({ length: 64 }, (_, n) => (at % 97) + n / 64).join(', ')}]}`);
    const text = `{"id":"550e8400-e29b-41d4-a716-446655440000","name":"big","date":"2024-01-15T10:30:00Z","collections":["docs"],"data":{"docs":{"dimension":64,"metric":"Cosine","vectors":[${records.join(', ')}]}}}`;
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'big.backup'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer }));
  });
  await page.waitForFunction(() => window.saidWhy !== undefined);
  assert.ok(await page.evaluate(() => window.saidWhy));
  await page.getByRole('heading', { name: 'Open a backup' }).waitFor();
  assert.equal(await page.getByRole('navigation', { name: 'Backup' }).count(), 0);
  await page.close();
});

test('what is no backup at all says so', async () => {
  const page = await reader.tab();
  await page.locator('input[type=file]').setInputFiles(files.letter);
  await page.getByRole('alert').getByText('This is not a backup: ').waitFor();
  // Not even verifying it calls it damaged.
  await page.evaluate(() => (location.hash = '#/verify'));
  await page.getByRole('button', { name: 'Verify every byte' }).click();
  await page.getByRole('heading', { name: 'This is not a backup' }).waitFor();
  assert.doesNotMatch(await page.locator('main').innerText(), /damaged|Copy it again/i);
  await page.close();
});

test('closing a backup brings the first view back', async () => {
  const page = await reader.tab();
  await openFile(page, golden);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('heading', { name: 'Open a backup' }).waitFor();
  await page.close();
});

test('a view without a backup says what it needs', async () => {
  const page = await reader.tab({}, '#/overview');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.getByText('No backup is open').waitFor();
  await page.getByRole('link', { name: 'choose one' }).click();
  await page.getByRole('heading', { name: 'Open a backup' }).waitFor();
  await page.close();
});

test('nothing failed unseen, nothing broke the policy, and nobody else was asked', () => {
  assert.deepEqual(reader.faults, []);
  assert.deepEqual([...reader.hosts], [reader.server.address]);
});

test('an address opens by ranges where the policy of the host allows it', async () => {
  const host = await serveFiles(`${root}tests/golden`);
  const free = await readers({ policy: '' });
  try {
    const page = await free.tab();
    await page.getByLabel('Or give its address').fill('nightly.backup');
    await page.getByRole('button', { name: 'Open address' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Or give its address').fill(`${host.address}/${basename(golden)}`);
    await page.getByRole('button', { name: 'Open address' }).click();
    await page.getByRole('heading', { level: 1, name: expected.name }).waitFor();
    await page.close();
  } finally {
    await free.close();
    host.close();
  }
});

test('under the server\'s policy an address elsewhere is refused with advice', async () => {
  const host = await serveFiles(`${root}tests/golden`);
  const strict = await readers();
  try {
    const page = await strict.tab();
    await page.getByLabel('Or give its address').fill(`${host.address}/${basename(golden)}`);
    await page.getByRole('button', { name: 'Open address' }).click();
    await page.getByText('Download the file and open it from your machine').waitFor();
    await page.close();
  } finally {
    await strict.close();
    host.close();
  }
});
