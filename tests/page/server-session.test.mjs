// What lasts while a server's page is looked at: addresses, what is known of damage, the token, running jobs; and a server
// that does not answer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { anotherDigit, articles } from './files.mjs';
import { announced, focused, picture, readersOf } from './reader.mjs';
import { backupBytes, serveVault } from './vault.mjs';

const A = '018cd0a0-0000-7000-8000-00000000000a';
const B = '018cd5c6-0000-7000-8000-00000000000b';

let reader;
let bytesOfA;

before(async () => {
  const config = { dimension: 32, metric: 'cosine' };
  const collections = [{ name: 'articles', config, ordered: true, batches: [articles(500, 32, 'articles')] }];
  bytesOfA = await backupBytes({ id: A, name: 'nightly', date: '2024-01-03T02:00:00Z', collections });
  const bytesOfB = await backupBytes({ id: B, name: 'nightly', date: '2024-01-04T02:00:00Z', collections });
  reader = await readersOf(await serveVault({ files: { [A]: bytesOfA, [B]: bytesOfB } }));
});
after(() => reader?.close());

const rows = (page) => page.locator('.backup-row');

test('a backup of the server that is open is in the address: a reload, a link and the back button find it', async () => {
  const page = await reader.tab();
  await page.getByRole('button', { name: 'Open nightly' }).nth(1).click();
  await page.getByRole('navigation', { name: 'Backup' }).getByRole('link', { name: 'Records' }).click();
  await page.getByRole('link', { name: /articles-000003/ }).click();
  await page.getByRole('heading', { name: 'articles-000003' }).waitFor();
  const address = await page.evaluate(() => location.hash);
  assert.match(address, new RegExp(`^#/records\\?backup=${A}&collection=articles&`));
  await page.reload();
  await page.getByRole('heading', { name: 'articles-000003' }).waitFor();
  await page.evaluate((hash) => (location.hash = hash), `#/overview?backup=${B}`);
  await page.locator('.lead').getByText('January 4, 2024').waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'articles-000003' }).waitFor();
  const gone = '018cd0a0-0000-7000-8000-0000000000ff';
  await page.evaluate((hash) => (location.hash = hash), `#/overview?backup=${gone}`);
  await page.getByRole('alert').getByText(`The server has no backup ${gone}`).waitFor();
  await picture(page, 'server-no-such-backup-light');
  await page.getByRole('link', { name: 'Backups of this server' }).click();
  await rows(page).first().waitFor();
  // What opens files keeps its address.
  await page.evaluate(() => (location.hash = '#/'));
  await page.reload();
  await page.getByRole('heading', { name: 'Open a backup' }).waitFor();
  await page.getByText('this server lets its page read from nobody but itself').waitFor();
  assert.equal(await page.getByLabel('Or give its address').count(), 0);
  await page.close();
});

test('a plan says what is known of damage, and that it has read no record', async (t) => {
  const other = await readersOf(await serveVault({ files: { [A]: anotherDigit(bytesOfA) } }));
  t.after(other.close);
  const page = await other.tab({}, `#/server?restore=${A}`);
  await page.getByText('reads no record').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0, 'nobody knows yet');
  await page.getByRole('link', { name: '‹ Backups' }).click();
  await page.getByRole('button', { name: 'Verify nightly' }).click();
  await rows(page).getByText('Damaged').waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Restore nightly' }).click();
  await page.getByRole('alert').getByText('This backup is damaged').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /damage in articles\. The plan below does not read the records/);
  await picture(page, 'server-plan-damaged-light');
  assert.deepEqual(other.faults, []);
});

test('a backup of a later version is not called damaged, nor is it deleted as one', async (t) => {
  const later = Buffer.from(Buffer.from(bytesOfA).toString('latin1').replace('"format":1', '"format":9'), 'latin1');
  const other = await readersOf(await serveVault({ files: { [A]: later } }));
  t.after(other.close);
  const page = await other.tab();
  await rows(page).getByText('Of a later version').waitFor();
  assert.match(await rows(page).innerText(), /format 9.*use a later one/s);
  assert.equal(await page.getByText('amaged').count(), 0);
  await page.getByRole('button', { name: `Delete ${A}` }).click();
  await page.getByRole('dialog').getByText('It may be whole').waitFor();
  assert.deepEqual(other.faults, []);
});

test('a comparison whose address names a backup that is gone says so', async () => {
  const page = await reader.tab({}, `#/compare?a=${A}&b=018cd0a0-0000-7000-8000-0000000000ff`);
  await page.getByText('which this address names as B').waitFor();
  await page.getByRole('region', { name: 'Backup A' }).getByRole('heading', { name: 'nightly' }).waitFor();
  assert.equal(await page.getByText('or an address').count(), 0, 'the policy would forbid it');
  await page.close();
});

test('a token is asked for, kept for the tab alone, and never part of an address', async (t) => {
  const locked = await readersOf(await serveVault({ token: 's3cret', files: { [A]: bytesOfA } }));
  t.after(locked.close);
  const page = await locked.tab();
  await page.getByRole('heading', { name: 'The server wants its token' }).waitFor();
  await page.getByLabel('Token').fill('guess');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('The server does not accept this token.').waitFor();
  await picture(page, 'server-token-light');
  await page.getByLabel('Token').fill('s3cret');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Open nightly' }).click();
  await page.getByRole('heading', { name: 'About the file' }).waitFor();
  const kept = await page.evaluate(() => [JSON.stringify(localStorage), sessionStorage.length, document.cookie]);
  assert.ok(!kept[0].includes('s3cret') && kept[2] === '');
  assert.equal(kept[1], 1);
  await page.reload();
  await page.evaluate(() => (location.hash = '#/server'));
  await page.getByRole('button', { name: 'Download nightly' }).waitFor();
  await page.evaluate(() => delete window.showSaveFilePicker);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download nightly' }).click()]);
  assert.equal(readFileSync(await download.path()).length, bytesOfA.length);
  const other = await locked.tab();
  await other.getByRole('heading', { name: 'The server wants its token' }).waitFor();
  assert.ok(locked.server.asked.every((url) => !url.includes('s3cret') && !url.includes('?')), 'no address has it');
  assert.deepEqual(locked.faults, []);
});

test('a running job is followed, found again after a reload, and cancelled', async (t) => {
  // The server's own jobs are over too soon to be looked at: this one goes on until it is cancelled.
  const job = { id: '018cd0a0-0000-7000-8000-0000000000f0', kind: 'create', state: 'running', started: '2024-01-05T02:00:00Z', finished: null, request: { name: 'the long one' }, progress: null, result: null, error: null };
  const progress = { phase: 'writing', records: 500, total_records: 1_000, bytes: 1_048_576, total_bytes: 2_097_152 };
  const watching = new Set();
  const intercept = (request, response) => {
    if (!request.url.startsWith('/api/jobs')) return false;
    if (request.url.endsWith('/events')) {
      watching.add(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      // A comment, and an event that comes in two pieces.
      response.write(': working\n\nevent: prog');
      setTimeout(() => response.write(`ress\ndata: ${JSON.stringify(progress)}\n\n`), 20);
      return true;
    }
    if (request.url.endsWith('/cancel')) {
      Object.assign(job, { state: 'cancelled', finished: '2024-01-05T02:01:00Z', error: { error_type: 'cancelled', message: 'cancelled', status_code: 503 } });
      for (const each of watching) each.end(`event: end\ndata: ${JSON.stringify(job)}\n\n`);
    }
    const body = request.url === '/api/jobs' ? { jobs: [job] } : job;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return true;
  };
  const faked = await readersOf(await serveVault({ intercept }));
  t.after(faked.close);
  const page = await faked.tab();
  const running = page.getByRole('region', { name: 'Running' });
  await running.getByText('50 %').waitFor();
  assert.match(await running.innerText(), /Backup “the long one”[\s\S]*1 MiB of 2 MiB · 500 records/);
  await picture(page, 'server-running-light');
  await page.reload();
  await running.getByText('50 %').waitFor();
  await running.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled', { exact: true }).waitFor();
  await running.waitFor({ state: 'detached' });
  await announced(page, 'Backup “the long one”: Cancelled. Nothing was changed');
  assert.equal(await focused(page), 'Backups of this server');
  assert.deepEqual(faked.faults, []);
});

test('where the server does not answer it is said so, and tried again without a reload', async (t) => {
  let isGone = false;
  const intercept = (request, response) => {
    if (isGone) response.destroy();
    return isGone;
  };
  const shaky = await readersOf(await serveVault({ files: { [A]: bytesOfA }, intercept }));
  t.after(shaky.close);
  const page = await shaky.tab();
  await rows(page).first().waitFor();
  assert.match(await page.locator('.lead').innerText(), /^1 backup, .* · VecVault \d/);
  isGone = true;
  await page.getByRole('link', { name: 'Compare', exact: true }).click();
  const notLoaded = page.getByRole('alert').filter({ hasText: 'This part of the page did not load' });
  assert.match(await notLoaded.innerText(), /The server does not answer/);
  await picture(page, 'server-gone-light');
  isGone = false;
  await notLoaded.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Compare two backups' }).waitFor();
  isGone = true;
  await page.getByRole('link', { name: 'Server', exact: true }).click();
  const unlisted = page.getByRole('alert').filter({ hasText: 'The backups could not be listed' });
  await unlisted.waitFor();
  assert.match(await page.locator('.lead').innerText(), /^VecVault \d/);
  isGone = false;
  await unlisted.getByRole('button', { name: 'Try again' }).click();
  await rows(page).first().waitFor();
  await unlisted.waitFor({ state: 'detached' });
  assert.notEqual(await focused(page), '');
  // What the worker loads when it is wanted, too.
  await page.evaluate(() => delete window.showSaveFilePicker);
  await page.getByRole('button', { name: 'Open nightly' }).click();
  await page.getByRole('navigation', { name: 'Backup' }).getByRole('link', { name: 'Extract' }).click();
  const save = page.getByRole('button', { name: /^Save/ });
  await save.waitFor();
  isGone = true;
  await save.click();
  await page.locator('main').getByText('code not_loaded').waitFor();
  isGone = false;
  await save.click();
  await page.getByText('every record proved').first().waitFor();
  await page.close();
});

test('nothing failed unseen', () => assert.deepEqual(reader.faults, []));
