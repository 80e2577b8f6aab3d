// Running a server's backups: list, create, restore with its preview, verify, download, upload, delete.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { articles, makeFiles } from './files.mjs';
import { announced, focused, picture, readers, readersOf } from './reader.mjs';
import { backupBytes, serveVault, without } from './vault.mjs';

const A = '018cd0a0-0000-7000-8000-00000000000a';
const B = '018cd5c6-0000-7000-8000-00000000000b';
const DAMAGED = '018cdaed-0000-7000-8000-00000000000d';
const LOST = ['articles-000007', 'articles-000900', 'articles-002999'];

let vault;
let reader;
let files;
let bytesOfA;

before(async () => {
  files = await makeFiles();
  const all = articles(3_000, 32, 'articles');
  const config = { dimension: 32, metric: 'cosine' };
  const images = { name: 'images', config, ordered: true, batches: [articles(200, 32, 'images')] };
  bytesOfA = await backupBytes({ id: A, name: 'nightly', date: '2024-01-03T02:00:00Z', collections: [{ name: 'articles', config, ordered: true, batches: [all] }, images] });
  const bytesOfB = await backupBytes({ id: B, name: 'nightly', date: '2024-01-04T02:00:00Z', collections: [{ name: 'articles', config, ordered: true, batches: [without(all, LOST)] }, images] });
  vault = await serveVault({ files: { [A]: bytesOfA, [B]: bytesOfB, [DAMAGED]: readFileSync(files.cut) } });
  await vault.call('backups/restore', { backup_id: B });
  reader = await readersOf(vault);
});
after(async () => {
  await reader?.close();
  files?.remove();
});

const rows = (page) => page.locator('.backup-row');
const live = async (name) => (await vault.call(`collections/${name}`)).vector_count;
test('without a server there is no entry for one, and its address explains itself', async (t) => {
  const plain = await readers();
  t.after(plain.close);
  const page = await plain.tab();
  assert.equal(await page.getByRole('navigation', { name: 'Page' }).getByText('Server').count(), 0);
  await page.evaluate(() => (location.hash = '#/server'));
  await page.getByText('There is no server behind this page').waitFor();
  assert.deepEqual(plain.faults, []);
});

test('the page begins with the list: newest first, damaged ones marked', async () => {
  const page = await reader.tab();
  await rows(page).first().waitFor();
  const texts = await rows(page).allInnerTexts();
  assert.equal(texts.length, 3);
  assert.match(texts[0], /Damaged/);
  assert.match(texts[1], /January 4, 2024/);
  assert.match(texts[2], /January 3, 2024/);
  assert.equal(await rows(page).first().getByRole('checkbox').count(), 0, 'what does not open is not compared');
  await page.getByText('./backups').or(page.getByText('/backups')).first().waitFor();
  await picture(page, 'server-light');
  await page.close();
});

test('a backup is made of chosen collections, and shown once its job has ended', async () => {
  const page = await reader.tab();
  await page.getByRole('link', { name: 'Create a backup…' }).click();
  await page.getByLabel('images').uncheck();
  await page.getByText('Give the backup a name.').waitFor();
  await page.getByLabel('Name').fill('only articles');
  await picture(page, 'server-create-light');
  await page.getByRole('button', { name: 'Back up 1 collection, 2,997 records' }).click();
  await page.getByRole('article', { name: 'only articles' }).waitFor();
  await announced(page, 'Backup “only articles”: Done. 2,997 records');
  assert.equal(await focused(page), 'Backups of this server');
  const { backups } = await vault.call('backups');
  assert.deepEqual(backups.find(({ name }) => name === 'only articles').collections, ['articles']);
  await page.locator('.jobs').getByText('Backup “only articles”').waitFor();
  await page.close();
});

test('a name that the server refuses is told with its reason', async () => {
  const page = await reader.tab({}, '#/server?do=create');
  await page.getByLabel('Name').fill('x'.repeat(255));
  await page.getByLabel('Name').evaluate((input) => input.removeAttribute('maxlength'));
  await page.getByLabel('Name').fill('é'.repeat(200));
  await page.getByRole('button', { name: /Back up/ }).click();
  await page.getByText('The backup was not begun').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /name/);
  await page.close();
});

test('a restore says what it replaces, wants it confirmed by name, keeps what was there, and proves itself', async () => {
  const page = await reader.tab();
  await page.getByRole('article', { name: 'nightly' }).nth(1).getByRole('link', { name: /Restore/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Restore “nightly”' }).waitFor();
  const articlesRow = page.getByRole('row', { name: /articles/ });
  assert.match(await articlesRow.innerText(), /Replaced\s+2,997\s+3,000/);
  assert.match(await page.getByRole('row', { name: /images/ }).innerText(), /Already the same\s+200\s+200/);
  await page.getByText('1 replaced, 1 already the same').waitFor();
  await page.getByRole('checkbox', { name: 'images' }).uncheck();
  await page.getByText('1 replaced. All at one moment').waitFor();
  await picture(page, 'server-plan-light');
  await page.getByRole('button', { name: 'Restore 1 collection…' }).click();
  const dialog = page.getByRole('dialog');
  assert.match(await dialog.innerText(), /articles: 2,997 records now, 3,000 afterwards/);
  const confirm = dialog.getByRole('button', { name: 'Replace and restore' });
  assert.ok(await confirm.isDisabled());
  await dialog.getByLabel('Type articles to confirm').fill('article');
  assert.ok(await confirm.isDisabled());
  await picture(page, 'server-confirm-light');
  assert.equal(await live('articles'), 2_997, 'nothing has changed yet');
  await dialog.getByLabel('Type articles to confirm').fill('articles');
  await confirm.click();
  await page.getByText('Restored, and proved').waitFor();
  await announced(page, /^Restore of “nightly” of January 3, 2024.*: Done\. articles: 3,000 records/);
  assert.notEqual(await focused(page), '');
  assert.equal(await live('articles'), 3_000);
  const { backups } = await vault.call('backups');
  const kept = backups.find(({ name }) => name === 'before restoring nightly');
  assert.deepEqual(kept.collections, ['articles']);
  await picture(page, 'server-restored-light');
  await page.getByRole('link', { name: 'Back to the backups' }).click();
  await page.locator('.jobs').getByText('Restore of “nightly” of January 3, 2024').waitFor();
  await page.close();
});

test('Escape closes the confirmation, and nothing was done', async () => {
  const page = await reader.tab({}, `#/server?restore=${B}`);
  await page.getByRole('button', { name: /^Restore 2 collections…/ }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await live('articles'), 3_000);
  await page.close();
});

test('a damaged backup cannot be restored, and its failure says where', async () => {
  const page = await reader.tab({}, `#/server?restore=${DAMAGED}`);
  await page.getByText('This backup cannot be restored').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /Byte [\d,]+/);
  await page.close();
});

test('verifying runs on the server, and what came of it stands at the backup', async () => {
  const page = await reader.tab();
  const row = page.getByRole('article', { name: 'nightly' }).nth(1);
  await row.getByRole('button', { name: 'Verify nightly' }).click();
  await row.getByText('Verified').waitFor();
  await announced(page, /^Verification of “nightly” of January 4, 2024.*: Done\. Whole: 3,197 records/);
  assert.equal(await focused(page), 'Verify nightly', 'the keyboard is where it was');
  await page.getByRole('article', { name: DAMAGED }).getByRole('button', { name: /Verify/ }).click();
  await page.locator('.jobs').getByText('Damaged').waitFor();
  await page.close();
});

test('a backup of the server opens by ranges, in the same views as a file', async () => {
  const page = await reader.tab();
  await page.getByRole('button', { name: 'Open nightly' }).nth(1).click();
  await page.getByRole('heading', { name: 'About the file' }).waitFor();
  assert.match(await page.locator('.file-bar').innerText(), /nightly/);
  await page.getByRole('navigation', { name: 'Backup' }).getByRole('link', { name: 'Verify' }).click();
  await page.getByRole('button', { name: 'Verify every byte' }).click();
  await page.getByText('Every byte is as it was written').waitFor();
  await page.close();
});

test('a download has the very bytes: by the browser where it must, streamed to a file where it can', async () => {
  const page = await reader.tab();
  const button = page.getByRole('button', { name: 'Download nightly' }).last();
  await page.evaluate(() => delete window.showSaveFilePicker);
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  assert.equal(download.suggestedFilename(), 'nightly.backup');
  assert.ok(readFileSync(await download.path()).equals(Buffer.from(bytesOfA)));
  await page.evaluate(() => {
    window.showSaveFilePicker = async ({ suggestedName }) => (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
  });
  await page.locator('.note').getByRole('button', { name: 'Close' }).click();
  await button.click();
  await page.locator('main').getByText('was downloaded').waitFor();
  const size = await page.evaluate(async (name) => (await (await (await navigator.storage.getDirectory()).getFileHandle(name)).getFile()).size, 'nightly.backup');
  assert.equal(size, bytesOfA.length);
  await page.close();
});

test('an upload appears in the list; one that is there already, or damaged, is refused with its reason', async () => {
  const page = await reader.tab();
  const input = page.getByLabel('Upload a backup…');
  await input.setInputFiles(files.damaged);
  await page.getByText(/Byte [\d,]+/).waitFor();
  const refusal = page.getByRole('alert');
  assert.match(await refusal.innerText(), /damaged\.backup was not uploaded[\s\S]*keeps nothing of it/);
  await picture(page, 'server-upload-refused-light');
  await input.setInputFiles(files.letter);
  await page.getByText('letter.backup was not uploaded').waitFor();
  assert.match(await refusal.innerText(), /This is not a backup[\s\S]*Choose another file/i);
  assert.doesNotMatch(await refusal.innerText(), /Restore an older backup|Open shows/);
  await input.setInputFiles(files.whole);
  await page.locator('main').getByText('was uploaded, and every byte of it proved').waitFor();
  await page.getByRole('article', { name: 'nightly' }).nth(2).waitFor();
  await input.setInputFiles(files.whole);
  await page.getByText('nightly.backup was not uploaded').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /backup_already_exists/);
  await page.close();
});

test('a backup is deleted after a question, and its collections stay', async () => {
  const page = await reader.tab();
  const before = await rows(page).count().then(async () => (await rows(page).first().waitFor(), rows(page).count()));
  // Enter twice, as whoever types ahead does: the question is open, and what harms nothing has the keyboard.
  await page.getByRole('button', { name: 'Delete only articles' }).press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await rows(page).count(), before);
  await page.getByRole('button', { name: 'Delete only articles' }).click();
  await picture(page, 'server-delete-light');
  await page.getByRole('button', { name: 'Delete this backup' }).click();
  await page.getByRole('article', { name: 'only articles' }).waitFor({ state: 'detached' });
  await announced(page, 'only articles was deleted.');
  assert.equal(await focused(page), 'Backups of this server');
  assert.equal((await vault.call('backups')).backups.length, before - 2, 'all but it and the damaged one');
  assert.equal(await live('articles'), 3_000);
  await page.close();
});

test('what was done is there after a reload', async () => {
  const page = await reader.tab();
  await page.getByRole('heading', { name: 'What was done' }).waitFor();
  await page.reload();
  await page.locator('.jobs').getByText('Restore of “nightly” of January 3, 2024').or(page.getByRole('button', { name: /Show all/ })).first().waitFor();
  await page.close();
});

test('a new user finds out which of two backups lost records, and restores the right one', async () => {
  await vault.call('backups/restore', { backup_id: B });
  assert.equal(await live('articles'), 2_997);
  const page = await reader.tab();
  await page.getByText('Did a backup lose records?').waitFor();
  await page.getByLabel('Compare nightly of January 3, 2024').check();
  await page.getByLabel('Compare nightly of January 4, 2024').check();
  await picture(page, 'server-two-chosen-light');
  await page.getByRole('link', { name: 'Compare these two' }).click();
  await page.getByRole('heading', { name: 'B lacks 3 records that A has' }).waitFor();
  const text = await page.locator('main').innerText();
  for (const id of LOST) assert.ok(text.includes(id), id);
  assert.match(text, /2 collections, 1 equal/);
  await picture(page, 'compare-server-light');
  await page.getByRole('link', { name: 'Restore articles from A…' }).click();
  await page.getByText('1 replaced. All at one moment').waitFor();
  assert.ok(!(await page.getByRole('checkbox', { name: 'images' }).isChecked()));
  await page.getByRole('button', { name: 'Restore 1 collection…' }).click();
  await page.getByLabel('Type articles to confirm').fill('articles');
  await page.getByRole('button', { name: 'Replace and restore' }).click();
  await page.getByText('Restored, and proved').waitFor();
  assert.equal(await live('articles'), 3_000);
  await page.close();
});

test('nothing failed unseen, nothing broke the policy, and nobody else was asked', () => {
  assert.deepEqual(reader.faults, []);
  assert.deepEqual([...reader.hosts].filter((host) => !host.startsWith('blob:') && host !== 'null'), [vault.address]);
});
