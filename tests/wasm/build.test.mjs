// Building, extracting, and the other side: what JavaScript writes is what native writes, byte for byte.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';

import { importPackage, nativePrograms, tool } from './built.mjs';
import { DATE, ID, NAME, backupOf, bytesOf, lines, sample } from './samples.mjs';

const { MemoryStore, VecVaultError, build, buildBlob, createBackup, listBackups, open } = await importPackage();
const folder = mkdtempSync(`${tmpdir()}/vecvault-wasm-`);
after(() => rmSync(folder, { recursive: true }));
const programs = nativePrograms();

test('what is built here is what native writes of the same records, byte for byte', async () => {
  const records = sample(3_000, 96);
  mkdirSync(`${folder}/backups`);
  writeFileSync(`${folder}/docs.jsonl`, [...lines(records)].join(''));
  const directories = ['--data', `${folder}/data`, '--backups', `${folder}/backups`];
  tool(programs.vecvault, ['import', 'docs', `${folder}/docs.jsonl`, ...directories]);
  tool(programs.make_backup, [ID, NAME, DATE, 'docs'], { cwd: folder });
  const native = readFileSync(`${folder}/backups/${ID}.backup`);
  const ours = await bytesOf(build(backupOf(records)));
  assert.ok(Buffer.from(ours).equals(native), `${ours.length} bytes here, ${native.length} there`);
  const fromLines = backupOf(records);
  fromLines.collections[0].lines = new Blob([...lines(records)]);
  assert.ok(Buffer.from(await bytesOf(build(fromLines))).equals(native), 'from JSON lines');
});

test('what is built here is restored by native, record for record', async () => {
  const records = sample(500, 17, { seed: 9 });
  const directories = ['--data', `${folder}/data2`, '--backups', `${folder}/backups2`];
  mkdirSync(`${folder}/backups2`);
  writeFileSync(`${folder}/backups2/${ID}.backup`, await bytesOf(build(backupOf(records))));
  tool(programs.vecvault, ['verify', ID, ...directories]);
  tool(programs.vecvault, ['restore', ID, ...directories]);
  const exported = tool(programs.vecvault, ['export', 'docs', ...directories]);
  const backup = await open(await bytesOf(build(backupOf(records))));
  assert.equal(exported, new TextDecoder().decode(await bytesOf(backup.lines('docs'))));
});

test('the bytes do not depend on how the records are batched', async () => {
  const records = sample(700, 64);
  const whole = await bytesOf(build(backupOf(records)));
  for (const size of [1, 33, 699]) {
    const batches = async function* () {
      for (let at = 0; at < 700; at += size) {
        yield {
          ids: records.ids.slice(at, at + size),
          vectors: records.vectors.subarray(at * 64, (at + size) * 64),
          metadataText: records.metadataText.slice(at, at + size),
        };
      }
    };
    const options = backupOf(records);
    options.collections[0].batches = batches();
    const blob = await buildBlob(options);
    assert.ok(Buffer.from(await blob.arrayBuffer()).equals(Buffer.from(whole)), `in batches of ${size}`);
  }
});

test('metadata given as values are their JSON, absent ones stay absent and null stays null', async () => {
  const metadata = [{ a: [1, 'é'] }, undefined, null, 7];
  const records = { ids: ['a', 'b', 'c', 'd'], vectors: new Float32Array(4), metadata };
  const backup = await open(await bytesOf(build(backupOf(records))));
  const page = await backup.page('docs');
  assert.deepEqual([...page].map((record) => record.metadataText), ['{"a":[1,"é"]}', undefined, 'null', '7']);
});

test('one collection is extracted as a backup of its own, and as JSON lines', async () => {
  const [docs, code] = [sample(300, 8), sample(200, 4, { seed: 5 })];
  const collections = [
    { name: 'code', config: { dimension: 4, metric: 'l2', deep: { x: 1 } }, batches: [code] },
    { name: 'docs', config: { dimension: 8, metric: 'cosine' }, ordered: true, batches: [docs] },
  ];
  const both = await open(await bytesOf(build({ name: 'both', collections })));
  const alone = await open(await bytesOf(both.extract('docs', { id: ID, date: DATE, name: NAME })));
  assert.deepEqual(alone.info.collections, ['docs']);
  assert.equal(alone.collections[0].fingerprint, both.collections[1].fingerprint);
  assert.ok((await alone.verify()).ok);
  assert.equal(both.collections[0].configText, '{"dimension":4,"metric":"l2","deep":{"x":1}}');
  const text = new TextDecoder().decode(await bytesOf(both.lines('code')));
  assert.equal(text.trimEnd().split('\n').length, 200);
  assert.equal(JSON.parse(text.split('\n')[7]).id, code.ids[7]);
});

test('what no backup can carry is refused with a code, and nothing comes out as a backup', async () => {
  const refused = async (change, code) => {
    const options = backupOf({ ids: ['a', 'b'], vectors: new Float32Array(4) });
    change(options, options.collections[0].batches[0]);
    const error = await bytesOf(build(options)).then(() => undefined, (error) => error);
    assert.ok(error instanceof VecVaultError, `${error}`);
    assert.equal(error.code, code, error.message);
    return error;
  };
  const bad = await refused((_, batch) => (batch.vectors[3] = NaN), 'invalid_record');
  assert.deepEqual([bad.collection, bad.record], ['docs', 'b']);
  await refused((_, batch) => (batch.ids = ['a', 'a']), 'invalid_request');
  await refused((_, batch) => (batch.ids = ['a', '']), 'invalid_record');
  const short = await refused((_, batch) => (batch.ids = ['a']), 'invalid_request');
  assert.match(short.message, /^collection "docs": vectors: 4 numbers for 1 records of dimension 2/);
  assert.equal(short.collection, 'docs');
  await refused((_, batch) => (batch.ids = ['a', 7]), 'invalid_request');
  await refused((_, batch) => (batch.vectors = [1, 2, 3, 4]), 'invalid_request');
  await refused((_, batch) => (batch.metadataText = ['{"a":1,"a":2}', '1']), 'invalid_record');
  await refused((_, batch) => (batch.metadataText = ['{', '1']), 'invalid_record');
  await refused((_, batch) => (batch.metadata = ['\ud800', 1]), 'invalid_record');
  await refused((_, batch) => (batch.metadataText = ['"a"', 5]), 'invalid_request');
  await refused((_, batch) => (batch.metadataText = [{ a: 1 }, '1']), 'invalid_request');
  await refused((_, batch) => (batch.metadataText = ['"\ud800"', '1']), 'invalid_request');
  await refused((_, batch) => (batch.metadata = [() => 1, 1]), 'invalid_request');
  await refused((_, batch) => (batch.ids = ['a\ud800', 'b']), 'invalid_request');
  // Joined they would be one character.
  await refused((_, batch) => (batch.ids = ['a\ud83e', '\udd84b']), 'invalid_record');
  await refused((options) => (options.name = 'a\ud800'), 'invalid_request');
  await refused((options) => (options.date = '+010000-01-01T00:00:00Z'), 'invalid_request');
  await refused((options) => (options.date = -1e14), 'invalid_request');
  await refused((options) => (options.collections[0].name = 'a\ud800'), 'invalid_request');
  await refused((options) => (options.collections = undefined), 'invalid_request');
  await refused((options) => (options.collections = [null]), 'invalid_request');
  await refused((options) => (options.collections[0].lines = ['{"id":"a\ud83e', '\udd84","vector":[1,2]}\n']), 'invalid_request');
  await refused((options) => (options.name = ''), 'invalid_name');
  await refused((options) => (options.id = 'x'), 'invalid_id');
  await refused((options) => (options.date = 'yesterday'), 'invalid_request');
  await refused((options) => (options.collections[0].config = '{"dimension":0,"metric":"cosine"}'), 'invalid_request');
  await refused((options) => (options.collections[0].config = '{"dimension":2'), 'invalid_request');
  await refused((options) => (options.collections[0].name = 'a\u0000'), 'invalid_name');
  await refused((options) => options.collections.push(options.collections[0]), 'duplicate_collection');
  await refused((options) => (options.collections[0].ordered = true) && (options.collections[0].batches[0].ids = ['b', 'a']), 'invalid_request');
  await refused((options) => (options.collections[0].lines = 'no json\n'), 'invalid_record');
});

test("what a source of batches throws comes out with it as the cause, and a signal ends a build", async () => {
  const thrown = new Error('the database is gone');
  const options = backupOf(sample(10, 2));
  options.collections[0].batches = (async function* () {
    throw thrown;
  })();
  const error = await bytesOf(build(options)).catch((error) => error);
  assert.deepEqual([error.code, error.cause], ['source_failed', thrown]);
  const endless = backupOf(sample(10, 2));
  endless.collections[0].batches = (async function* () {
    for (let first = 0; ; first += 100) yield sample(100, 32, { first });
  })();
  endless.collections[0].config = { dimension: 32, metric: 'cosine' };
  await assert.rejects(bytesOf(build({ ...endless, signal: AbortSignal.timeout(50) })), { name: 'TimeoutError' });
});

/** Batches without an end, some at once and then one at a time; tells when it is let go. */
function endless({ slow = false } = {}) {
  let letGo;
  const closed = new Promise((resolve) => (letGo = resolve));
  const batches = (async function* () {
    try {
      for (let first = 0; ; first += 100) {
        yield sample(100, 32, { first });
        if (slow) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      letGo(true);
    }
  })();
  return { closed, options: { name: 'endless', collections: [{ name: 'docs', config: { dimension: 32, metric: 'l2' }, batches }] } };
}

test('what a build reads from is let go when nobody wants the rest of it', async () => {
  const left = endless();
  for await (const _ of build(left.options)) break;
  assert.ok(await left.closed, 'a stream that is left');
  const aborted = endless({ slow: true });
  await assert.rejects(bytesOf(build({ ...aborted.options, signal: AbortSignal.timeout(30) })), { name: 'TimeoutError' });
  assert.ok(await aborted.closed, 'a signal');
  let cancelled;
  const told = new Promise((resolve) => (cancelled = resolve));
  const stream = new ReadableStream({ pull: (controller) => controller.enqueue(new TextEncoder().encode('no json\n')), cancel: () => cancelled(true) });
  const collections = [{ name: 'bad', config: { dimension: 2, metric: 'l2' }, lines: stream }];
  await assert.rejects(bytesOf(build({ name: 'bad', collections })), { code: 'invalid_record' });
  assert.ok(await told, 'a stream of lines after an error');
});

test('a signal ends what is built into a store: while records are waited for, while they come, and while the store waits', async () => {
  const never = { put: () => new Promise(() => {}) };
  const batches = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  const waiting = { name: 'waiting', collections: [{ name: 'docs', config: { dimension: 2, metric: 'l2' }, batches }] };
  for (const [store, options] of [
    [new MemoryStore(), waiting],
    [new MemoryStore(), endless().options],
    [new MemoryStore(), endless({ slow: true }).options],
    [never, backupOf(sample(10, 2))],
  ]) {
    // Not `AbortSignal.timeout`: Node would not wait for it.
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error('enough')), 50);
    await assert.rejects(createBackup(store, { ...options, signal: ending.signal }), { message: 'enough' });
    if (store !== never) assert.deepEqual(await listBackups(store), []);
  }
});
