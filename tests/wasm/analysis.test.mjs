// Comparing and looking closer: what the core says is what a plain computation over the same records gives.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { packageFolder, root, tool } from './built.mjs';
import { backupOf, bytesOf, random, sample } from './samples.mjs';

const { MemoryStore, VecVaultError, build, createBackup, diffBackups, memoryBytes, open, openBackup } = await import(`${packageFolder}node.js`);
const foreign = readFileSync(`${root}tests/golden/vectorizer-3.5.backup`);

/** A source that counts what is read of it, and lets the event loop run, as a disk does; it fails while `broken` is set. */
function counted(bytes) {
  const source = { size: bytes.length, reads: 0, broken: false };
  source.read = async (offset, length) => {
    source.reads += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (source.broken) throw new Error('the disk is gone');
    return bytes.subarray(offset, offset + length);
  };
  return source;
}

const DIMENSION = 24;

/** Records as a map from id to vector and metadata text. */
function records(count, seed = 1) {
  const { ids, vectors, metadataText } = sample(count, DIMENSION, { seed, special: false });
  return new Map(ids.map((id, at) => [id, { vector: vectors.slice(at * DIMENSION, (at + 1) * DIMENSION), text: metadataText[at] }]));
}

async function backup(map, { ordered = true, ...options } = {}) {
  const rows = [...map].sort(([a], [b]) => (ordered ? 1 : -1) * (a < b ? -1 : 1));
  const vectors = new Float32Array(rows.length * DIMENSION);
  rows.forEach(([, { vector }], at) => vectors.set(vector, at * DIMENSION));
  const made = backupOf({ ids: rows.map(([id]) => id), vectors, metadataText: rows.map(([, { text }]) => text) }, options);
  made.collections[0].config = `{"dimension":${DIMENSION},"metric":"cosine"}`;
  made.collections[0].ordered = ordered;
  return bytesOf(build(made));
}

/** Some records removed, changed in vector or metadata, and added. */
function edited(map) {
  const after = new Map(map);
  const ids = [...map.keys()];
  for (const at of [3, 700, 2_999]) after.delete(ids[at]);
  const vector = map.get(ids[10]).vector.slice();
  vector[5] = -vector[5];
  after.set(ids[10], { ...map.get(ids[10]), vector });
  after.set(ids[1_500], { ...map.get(ids[1_500]), text: '{"n":1.0}' });
  after.set('vec_000000700x', { vector: new Float32Array(DIMENSION), text: undefined });
  after.set('zé', { vector, text: 'null' });
  const [removed, changed] = [[3, 700, 2_999], [10, 1_500]].map((all) => all.map((at) => ids[at]));
  return { after, added: ['vec_000000700x', 'zé'], removed, changed };
}

test('what analyses is loaded when it is first asked for, and not by a call that was cancelled before', async () => {
  const opened = await open(await backup(records(100)));
  const before = memoryBytes();
  await assert.rejects(opened.statistics('docs', { signal: AbortSignal.abort(new Error('before')) }), /before/);
  await assert.rejects(opened.projection('docs', { sample: 0 }), { code: 'invalid_request' });
  assert.equal(memoryBytes(), before);
  assert.equal((await opened.statistics('docs')).count, 100);
  assert.ok(memoryBytes() > before);
});

test('a diff names what was added, removed and changed, in any order of the records', async () => {
  const before = records(3_000);
  const { after, ...expected } = edited(before);
  for (const [orderedA, orderedB] of [[true, true], [true, false], [false, false]]) {
    const [a, b] = [await open(await backup(before, { ordered: orderedA })), await open(await backup(after, { ordered: orderedB }))];
    const reports = [];
    const report = await diffBackups(a, b, { onProgress: (progress) => reports.push(progress) });
    const [docs] = report.collections;
    assert.deepEqual([report.equal, docs.status, docs.configChanged], [false, 'different', false]);
    assert.deepEqual([docs.added, docs.removed, docs.changed, docs.unchanged], [2, 3, 2, 2_995]);
    for (const kind of ['added', 'removed', 'changed']) assert.deepEqual([...docs[`${kind}Ids`]].sort(), expected[kind], kind);
    assert.deepEqual([docs.a.count, docs.b.fingerprint], [3_000, b.collections[0].fingerprint]);
    assert.equal(reports.at(-1).records, 5_999);
    assert.equal(reports.at(-1).totalRecords, 5_999);
    const one = await diffBackups(a, b, { limit: 1 });
    assert.deepEqual([one.collections[0].removed, one.collections[0].removedIds.length], [3, 1]);
  }
});

test('equal backups are compared without a read, and other collections by name', async () => {
  const bytes = await backup(records(500));
  const [a, b] = [counted(bytes), counted(await backup(records(500), { name: 'another', id: undefined }))];
  const opened = [await open(a), await open(b)];
  // The module that compares reads head and tail for itself, once.
  await diffBackups(...opened);
  [a.reads, b.reads] = [0, 0];
  const report = await diffBackups(...opened);
  assert.deepEqual([report.equal, report.collections[0].unchanged, a.reads, b.reads], [true, 500, 0, 0]);
  assert.deepEqual([report.a, report.b], opened.map(({ info }) => info.id));

  const theirs = await open(foreign);
  const mixed = await diffBackups(opened[0], theirs);
  const names = [...new Set([...opened[0].collections, ...theirs.collections].map(({ name }) => name))].sort();
  assert.deepEqual(mixed.collections.map(({ name }) => name), names);
  assert.ok((await diffBackups(theirs, await open(foreign))).equal);
  for (const { status, a: inA, b: inB } of mixed.collections) {
    if (status === 'only_in_a') assert.equal(inB, undefined);
    if (status === 'only_in_b') assert.equal(inA, undefined);
  }
});

const close = (found, expected) => assert.ok(Math.abs(found - expected) <= 1e-11 * Math.max(1, Math.abs(expected)), `${found} is not ${expected}`);

test('statistics are what a plain computation gives', async () => {
  const map = records(4_000, 5);
  const ids = [...map.keys()];
  for (const at of [100, 2_000]) map.set(ids[at], { vector: new Float32Array(DIMENSION), text: '[1]' });
  map.set(ids[3_000], { ...map.get(ids[3_000]), vector: map.get(ids[40]).vector, text: '{"text":[],"only":{"x":1}}' });
  const rows = [...map.values()];
  const found = await (await open(await backup(map))).statistics('docs');
  assert.deepEqual([found.count, found.dimension], [4_000, DIMENSION]);
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  for (let d = 0; d < DIMENSION; d += 1) {
    const numbers = rows.map(({ vector }) => vector[d]);
    const middle = mean(numbers);
    close(found.dimensions.mean[d], middle);
    close(found.dimensions.deviation[d], Math.sqrt(mean(numbers.map((number) => (number - middle) ** 2))));
    assert.equal(found.dimensions.min[d], Math.min(...numbers));
    assert.equal(found.dimensions.max[d], Math.max(...numbers));
  }
  const norms = rows.map(({ vector }) => Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0)));
  const { histogram } = found.norms;
  close(found.norms.mean, mean(norms));
  close(found.norms.max, Math.max(...norms));
  assert.equal(found.norms.min, 0);
  const counts = histogram.counts.map(() => 0);
  for (const norm of norms) counts[Math.floor((norm - histogram.start) / histogram.width)] += 1;
  assert.deepEqual(histogram.counts, counts);
  assert.deepEqual(found.nearZero, { count: 2, positions: [100, 2_000] });
  assert.deepEqual(found.duplicates, { count: 2, pairs: [[100, 2_000], [40, 3_000]], compared: 4_000 });

  const keys = new Map();
  for (const { text } of rows) {
    const value = text === undefined ? undefined : JSON.parse(text);
    if (value === undefined || Array.isArray(value)) continue;
    for (const [key, each] of Object.entries(value)) {
      const type = each === null ? 'null' : Array.isArray(each) ? 'array' : typeof each;
      const types = keys.get(key) ?? { string: 0, number: 0, boolean: 0, null: 0, object: 0, array: 0 };
      types[type] += 1;
      keys.set(key, types);
    }
  }
  const absent = rows.filter(({ text }) => text === undefined).length;
  assert.deepEqual([found.metadata.absent, found.metadata.notObjects, found.metadata.other], [absent, 2, 0]);
  assert.deepEqual(new Map(found.metadata.keys.map(({ key, types }) => [key, types])), keys);
  for (const { count, types } of found.metadata.keys) assert.equal(count, Object.values(types).reduce((sum, each) => sum + each));
});

test('a projection shows what differs most, and every point knows its record', async () => {
  const next = random(9);
  const map = new Map(
    Array.from({ length: 3_000 }, (_, at) => {
      const [group, along] = [at % 3 === 0 ? 4 : -2, next() - 0.5];
      const vector = Float32Array.from({ length: DIMENSION }, (_, d) => 7 + (d % 2 ? group : along) + 0.01 * next());
      return [`r${String(at).padStart(5, '0')}`, { vector, text: at % 2 ? `{"group":${at % 3}}` : undefined }];
    }),
  );
  const source = counted(await backup(map));
  const opened = await open(source);
  // A distance that is no multiple of three: else the sample would show one group only.
  const found = await opened.projection('docs', { sample: 499 });
  assert.deepEqual([found.total, found.ids.length, found.x.length, found.y.length, found.metadataText.length], [3_000, 499, 499, 499, 499]);
  const rows = [...map];
  const points = [...found.positions].map((position, at) => {
    const [id, { vector, text }] = rows[position];
    assert.deepEqual([found.ids[at], found.metadataText[at]], [id, text]);
    return vector;
  });
  // Distances along the two components are those of the vectors, as far as the variance is explained.
  assert.ok(found.explained.x > 0.9 && found.explained.x + found.explained.y > 0.9999, JSON.stringify(found.explained));
  const distance = (a, b) => Math.hypot(...a.map((number, d) => number - b[d]));
  for (let at = 1; at < 499; at += 1) {
    const drawn = Math.hypot(found.x[at] - found.x[0], found.y[at] - found.y[0]);
    assert.ok(Math.abs(drawn - distance(points[at], points[0])) < 0.1);
  }
  assert.deepEqual(await opened.projection('docs', { sample: 499 }), found, 'it is the same again');
  source.reads = 0;
  assert.equal((await opened.projection('docs', { sample: 2 })).x.length, 2);
  assert.ok(source.reads <= 6, `${source.reads} reads for two records`);
});

test('each can be cancelled, refuses what makes no sense, and tells damage and where it is', async () => {
  const bytes = await backup(records(20_000));
  const other = await open(await backup(edited(records(20_000)).after, { ordered: false }));
  const opened = await open(counted(bytes));
  const calls = [
    (options) => diffBackups(opened, other, options),
    (options) => opened.statistics('docs', options),
    (options) => opened.projection('docs', { sample: 20_000, ...options }),
  ];
  for (const call of calls) {
    await assert.rejects(call({ signal: AbortSignal.abort(new Error('before')) }), /before/);
    const controller = new AbortController();
    let reports = 0;
    const onProgress = () => (reports += 1) === 2 && controller.abort(new Error('stop'));
    await assert.rejects(call({ signal: controller.signal, onProgress }), /stop/);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(reports < 6, `${reports} reports after it was cancelled`);
  }
  const refused = (code) => (error) => error instanceof VecVaultError && error.code === code;
  await assert.rejects(opened.statistics('none'), refused('collection_not_found'));
  await assert.rejects(opened.projection('docs', { sample: 0 }), refused('invalid_request'));
  await assert.rejects(diffBackups(opened, other, { limit: -1 }), refused('invalid_request'));
  await assert.rejects(diffBackups(opened, {}), refused('invalid_request'));

  const damaged = bytes.slice();
  damaged[damaged.length >> 1] ^= 1;
  const broken = await open(damaged);
  for (const call of [() => broken.statistics('docs'), () => broken.projection('docs'), () => diffBackups(broken, other)]) {
    await assert.rejects(call(), (error) => error.code === 'hash_mismatch' && error.offset > 0 && error.path.startsWith('data.docs'));
  }
  opened.close();
  await assert.rejects(diffBackups(opened, other), refused('invalid_request'));
  await assert.rejects(opened.statistics('docs'), refused('invalid_request'));
});

test('a backup is opened once for all who wait, and again where that failed', async () => {
  const source = counted(await backup(records(500)));
  const opened = await open(source);
  source.broken = true;
  const failed = (error) => error instanceof VecVaultError && error.code === 'store_failed' && error.cause.message === 'the disk is gone';
  await assert.rejects(opened.statistics('docs'), failed);
  source.broken = false;
  source.reads = 0;
  await diffBackups(opened, opened);
  const once = source.reads;
  assert.ok(once > 0);
  const again = await open(source);
  source.reads = 0;
  const stop = new AbortController();
  const given = again.statistics('docs', { signal: stop.signal });
  const others = [diffBackups(again, again), diffBackups(opened, again)];
  stop.abort(new Error('stop'));
  await assert.rejects(given, /stop/);
  for (const { equal } of await Promise.all(others)) assert.ok(equal);
  assert.equal(source.reads, once);
});

test('a backup that was replaced since it was opened is refused', async () => {
  const store = new MemoryStore();
  const { id } = await createBackup(store, backupOf(sample(50, 4), { id: undefined }));
  const [opened, first] = [await openBackup(store, id), await openBackup(store, id)];
  await first.statistics('docs');
  await store.put(`${id}.backup`, build(backupOf(sample(50, 4, { seed: 2 }), { id })), { overwrite: true });
  const replaced = (error) => error instanceof VecVaultError && error.code === 'version_changed';
  for (const each of [opened, first]) await assert.rejects(each.statistics('docs'), replaced);
  await assert.rejects(diffBackups(opened, await openBackup(store, id)), replaced);
  await assert.rejects(opened.page('docs'), replaced);
});

test('a backup can be closed at any time', async () => {
  const bytes = await backup(records(2_000));
  const closed = (error) => error instanceof VecVaultError && /has been closed/.test(error.message);
  const opening = await open(counted(bytes));
  const calls = [opening.statistics('docs'), opening.projection('docs'), diffBackups(opening, await open(bytes))];
  opening.close();
  for (const call of calls) await assert.rejects(call, closed);

  const reading = await open(counted(bytes));
  // Under way it ends as it would have.
  const found = reading.statistics('docs', { onProgress: () => reading.close() });
  assert.equal((await found).count, 2_000);
  await assert.rejects(reading.statistics('docs'), closed);
});

/** A file as another writer makes it. */
function foreignFile(count) {
  const { ids, vectors } = sample(count, DIMENSION, { special: false });
  const rows = ids.map((id, at) => ({ id, vector: Array.from(vectors.subarray(at * DIMENSION, (at + 1) * DIMENSION)) }));
  const file = JSON.parse(foreign);
  const { docs } = file.data;
  const data = { docs: { ...docs, dimension: DIMENSION, vectors: rows } };
  return Buffer.from(JSON.stringify({ ...file, collections: ['docs'], size: 0, data }));
}

test("another writer's file is read through once more: that tells how far it is, and ends when nobody waits for it", async () => {
  const source = counted(foreignFile(40_000));
  const opened = await open(source);
  assert.equal(opened.provenance.kind, 'foreign');
  source.reads = 0;
  const stop = new AbortController();
  const told = [];
  const onProgress = (progress) => told.push(progress.bytes) === 2 && stop.abort(new Error('stop'));
  await assert.rejects(opened.statistics('docs', { signal: stop.signal, onProgress }), /stop/);
  for (let before; before !== source.reads; await new Promise(setImmediate)) before = source.reads;
  assert.ok(told.length < 5 && source.reads < source.size / (4 << 20), `${told.length} reports, ${source.reads} reads`);
  // Of two who wait for the same opening, one that throws hears of it, and the other has what it wanted.
  const seen = [];
  const broken = opened.statistics('docs', {
    onProgress: () => {
      throw new Error('mine');
    },
  });
  const refused = assert.rejects(broken, /mine/);
  const found = await opened.statistics('docs', { onProgress: ({ bytes, totalBytes }) => seen.push(`${bytes}/${totalBytes}`) });
  await refused;
  assert.equal(found.count, 40_000);
  assert.ok(seen.includes(`${source.size}/${source.size}`), `${seen}`);
});

test('the entry without a loader takes the module that analyses, with SIMD or without, and both find the same', async () => {
  const main = `
    import { readFileSync } from 'node:fs';
    import { buildBlob, diffBackups, init, initAnalysis, open } from '${packageFolder}index.js';
    import { backupOf, sample } from '${root}tests/wasm/samples.mjs';
    const module = (name) => readFileSync('${packageFolder}' + name + process.argv[1] + '.wasm');
    const why = (promise) => promise.then(() => undefined, ({ message }) => message);
    await init(module('vecvault'));
    const backup = await open(await buildBlob(backupOf(sample(3_000, 70))));
    const refused = [await why(backup.statistics('docs')), await why(initAnalysis(new Uint8Array(8)))];
    await initAnalysis(module('vecvault-analysis'));
    const found = [await backup.statistics('docs'), await backup.projection('docs'), await diffBackups(backup, backup)];
    console.log(JSON.stringify({ refused, found }, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value)));`;
  const seen = ['', '-simd'].map((simd) => JSON.parse(tool(process.execPath, ['--input-type=module', '-e', main, '--', simd])));
  for (const { refused } of seen) {
    assert.match(refused[0], /hand vecvault-analysis\.wasm to initAnalysis\(\)/);
    assert.match(refused[1], /WebAssembly/);
  }
  assert.deepEqual(seen[0], seen[1]);
  const backupHere = await open(await bytesOf(build(backupOf(sample(3_000, 70)))));
  const statistics = await backupHere.statistics('docs');
  assert.deepEqual(seen[0].found[0].dimensions.mean, Array.from(statistics.dimensions.mean));
});
