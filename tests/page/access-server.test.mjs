// The views that run a server, compare, extract and build can be used by everybody: axe finds nothing serious, light,
// dark and narrow; nothing is wider than a small screen; the keyboard alone restores a backup.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { WAYS, looker, serious, tabTo } from './access.mjs';
import { articles, makeFiles } from './files.mjs';
import { openFile, readersOf } from './reader.mjs';
import { backupBytes, serveVault, without } from './vault.mjs';

const A = '018cd0a0-0000-7000-8000-00000000000a';
const B = '018cd5c6-0000-7000-8000-00000000000b';
const DAMAGED = '018cdaed-0000-7000-8000-00000000000d';

let vault;
let reader;
let files;

before(async () => {
  files = await makeFiles();
  const all = articles(400, 16, 'articles');
  const config = { dimension: 16, metric: 'cosine' };
  const other = { name: 'a collection with a name that goes on and on, past what a narrow screen has room for', config, ordered: true, batches: [articles(20, 16, 'images')] };
  const make = (id, name, date, batch) => backupBytes({ id, name, date, collections: [{ name: 'articles', config, ordered: true, batches: [batch] }, other] });
  const changed = without(all, ['articles-000007', 'articles-000009']);
  changed.metadataText[20] = '{"topic":"moved"}';
  const stored = {
    [A]: await make(A, 'nightly', '2024-01-03T02:00:00Z', all),
    [B]: await make(B, 'nightly, with a long name that says why it was made and by whom', '2024-01-04T02:00:00Z', changed),
    [DAMAGED]: readFileSync(files.cut),
  };
  vault = await serveVault({ files: stored, policy: '' });
  await vault.call('backups/restore', { backup_id: B });
  // The longest name that there may be, of one word.
  await vault.call('backups/create', { name: 'x'.repeat(255), collections: ['articles'] });
  await vault.call(`backups/${DAMAGED}/verify`, { depth: 'quick' }, { prefer: 'respond-async' });
  reader = await readersOf(vault);
});
after(async () => {
  await reader?.close();
  files?.remove();
});

for (const [way, context] of Object.entries(WAYS)) {
  test(`${way}: no view has a serious fault, or is wider than the screen`, async () => {
    const page = await reader.tab({ ...context, bypassCSP: true });
    const looked = looker(page, way);
    const go = (address) => page.evaluate((address) => (location.hash = address), address);
    await page.getByLabel('Compare nightly of January 3, 2024').check();
    await page.getByLabel(/Compare nightly, with/).check();
    await page.getByRole('heading', { name: 'What was done' }).waitFor();
    await looked('server');
    await page.getByRole('button', { name: 'Delete nightly', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await looked('server-delete');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Compare these two' }).click();
    await page.getByRole('button', { name: 'articles-000022' }).click();
    await page.getByText('The vectors are the same').waitFor();
    await looked('compare');
    await go('#/server?do=create');
    await page.getByRole('button', { name: /Back up 2/ }).waitFor();
    await looked('server-create');
    await go(`#/server?restore=${A}`);
    await page.getByRole('button', { name: /^Restore 2/ }).click();
    await page.getByRole('dialog').waitFor();
    await looked('server-restore');
    await page.keyboard.press('Escape');
    await go('#/build');
    const jsonl = `${files.folder}/points.jsonl`;
    writeFileSync(jsonl, '{"id":"a","vector":[0.25,1],"metadata":{"text":"a text that is long enough to be cut where there is no room for it, as on a telephone"}}\n');
    const csv = `${files.folder}/wide.csv`;
    writeFileSync(csv, 'id,x1,x2,x3,text\na,1,2,3,hello\n');
    await page.locator('.drop-zone input').setInputFiles([jsonl, csv]);
    await page.locator('.preview').nth(1).waitFor();
    await looked('build');
    await go('#/');
    await openFile(page, files.whole);
    await go('#/extract');
    await page.getByRole('button', { name: /^Save 3 collections/ }).waitFor();
    await looked('extract');
    await page.close();
  });
}

test('the keyboard alone restores a backup', async () => {
  const page = await reader.tab();
  await page.getByRole('button', { name: 'Open nightly', exact: true }).waitFor();
  await tabTo(page, /^Restore nightly$/, 80);
  await page.keyboard.press('Enter');
  await page.getByText('1 replaced, 1 already the same').waitFor();
  await tabTo(page, /^Restore 2 collections/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  // The dialog begins at what must be typed, and Enter in it confirms.
  await page.keyboard.type('articles');
  await page.keyboard.press('Enter');
  await page.getByText('Restored, and proved').waitFor();
  assert.equal((await vault.call('collections/articles')).vector_count, 400);
  await page.close();
});

test('nothing failed unseen', () => assert.deepEqual(reader.faults, []));
