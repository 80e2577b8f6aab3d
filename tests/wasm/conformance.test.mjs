// Core's conformance suite against the stores that run in Node; the browser's and the bucket's run where they are.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { conformanceFolder, packageFolder } from './built.mjs';
import { load } from './conformance.mjs';
import { backupOf, sample } from './samples.mjs';

const vecvault = await import(`${packageFolder}node.js`);
const { MemoryStore } = vecvault;
const checkStore = await load({
  glue: `${conformanceFolder}glue.js`,
  wasm: readFile(`${conformanceFolder}vecvault-simd.wasm`),
  bridge: `${packageFolder}bridge.js`,
});

test('the store in memory keeps the contract', async () => {
  const checks = await checkStore(new MemoryStore());
  assert.ok(checks.length >= 30, `${checks.length} checks`);
});

test('a store that breaks its word is found out', async () => {
  class Forgetful extends MemoryStore {
    async put(key, body, options) {
      const meta = await super.put(key, body, options);
      if (options.overwrite) await super.delete(key);
      return meta;
    }
  }
  await assert.rejects(checkStore(new Forgetful()), /chunks_of_any_size/);
});

test('a store that lists the same again and again is an error, not a list without an end', async () => {
  const store = new vecvault.MemoryStore();
  await vecvault.createBackup(store, backupOf(sample(10, 4)));
  store.list = async (options) => ({ ...(await vecvault.MemoryStore.prototype.list.call(store, { prefix: options.prefix })), more: true });
  await assert.rejects(vecvault.listBackups(store), { name: 'VecVaultError', code: 'corrupt' });
});

test('create, list, open, verify and delete over a store written in JavaScript', async () => {
  const store = new vecvault.MemoryStore();
  const made = [];
  for (const [number, name] of ['first', 'second', 'third'].entries()) {
    const options = backupOf(sample(100 * (number + 1), 8), { name, id: undefined, date: `2024-01-0${number + 1}` });
    made.push(await vecvault.createBackup(store, options));
  }
  const listed = await vecvault.listBackups(store);
  assert.deepEqual(listed, made.toReversed());
  assert.deepEqual(await vecvault.listBackups(store), listed, 'remembered');
  const backup = await vecvault.openBackup(store, made[1].id);
  assert.deepEqual([backup.info, backup.collections[0].count], [made[1], 200]);
  assert.ok((await vecvault.verifyBackup(store, made[1].id, { quick: true })).ok);
  await vecvault.deleteBackup(store, made[1].id);
  await assert.rejects(vecvault.deleteBackup(store, made[1].id), { code: 'backup_not_found', backup: made[1].id });
  await assert.rejects(vecvault.openBackup(store, made[1].id), { code: 'backup_not_found' });
  await assert.rejects(vecvault.openBackup(store, '../x'), { code: 'invalid_id' });
  assert.equal((await vecvault.listBackups(store)).length, 2);
});

test('a backup that cannot be made leaves nothing in the store, and a damaged one is a row', async () => {
  const store = new vecvault.MemoryStore();
  const bad = backupOf({ ids: ['a'], vectors: new Float32Array([NaN]) });
  await assert.rejects(vecvault.createBackup(store, bad), { code: 'invalid_record' });
  assert.deepEqual(await store.list({}), { blobs: [], more: false });
  const { id } = await vecvault.createBackup(store, backupOf(sample(10, 4)));
  await assert.rejects(vecvault.createBackup(store, backupOf(sample(10, 4))), { code: 'already_exists' });
  await store.put(`${id}.backup`, new Blob(['{"id":']).stream(), { overwrite: true });
  const [row] = await vecvault.listBackups(store);
  assert.deepEqual([row.id, row.size, row.name, typeof row.damaged.code], [id, 6, undefined, 'string']);
});
