// Memory and hostile bytes: the instance stays small whatever the file's size, and goes on after any error.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { long, packageFolder, root } from './built.mjs';
import { largeParts } from './large.mjs';
import { backupOf, bytesOf, random, sample } from './samples.mjs';

const { VecVaultError, build, diffBackups, memoryBytes, open, verifySource } = await import(`${packageFolder}node.js`);

/** A backup of any size that takes no room: records are made when they are read, and its bytes are let go. */
function endless(count, dimension) {
  const records = sample(500, dimension, { special: false });
  const batches = async function* () {
    for (let first = 0; first < count; first += 500) {
      yield { ids: records.ids.map((_, at) => `vec_${String(first + at).padStart(9, '0')}`), vectors: records.vectors };
    }
  };
  const options = backupOf(records);
  Object.assign(options.collections[0], { batches: batches(), ordered: true });
  return options;
}

test('building and verifying take the same memory whatever the size', async () => {
  const parts = [];
  for await (const part of build(endless(40_000, 128))) parts.push(part);
  const file = new Blob(parts);
  assert.ok(file.size > 40e6);
  const backup = await open(file);
  assert.ok((await backup.verify()).ok);
  const small = memoryBytes();
  assert.ok(small < 16 << 20, `${small} bytes of memory`);
  for (let round = 0; round < 3; round += 1) assert.ok((await verifySource(file)).ok);
  assert.equal(memoryBytes(), small, 'it does not grow from one to the next');
});

test('verifying takes the same memory however many collections there are', async () => {
  const records = sample(250, 384, { special: false });
  const config = { dimension: 384, metric: 'cosine' };
  const collections = Array.from({ length: 60 }, (_, at) => ({ name: `docs${at}`, config, batches: [records] }));
  const file = await new Response(build({ name: 'many', collections })).blob();
  assert.ok(file.size > 60e6);
  assert.ok((await verifySource(file)).ok);
  assert.ok(memoryBytes() < 16 << 20, `${memoryBytes()} bytes of memory`);
});

test('a page that memory would not hold is refused before it is read', async () => {
  const { size, parts } = largeParts();
  const read = async (offset) => new TextEncoder().encode(parts.find(([at]) => at === offset)[1]);
  const backup = await open({ size, read });
  await assert.rejects(backup.page('docs', 0, 1e6), { name: 'VecVaultError', code: 'invalid_request' });
});

test('a source of gigabytes opens with few bytes read', async () => {
  // The bytes of blocks are let go: what is not kept cannot be read.
  const wanted = long ? 5e9 : 3e8;
  const kept = [];
  let size = 0;
  for await (const part of build(endless(Math.round(wanted / 4_300), 384))) {
    if (size === 0 || part.length < 200_000 || kept.length < 3) kept.push([size, part]);
    size += part.length;
    while (kept.length > 400) kept.splice(3, 1);
  }
  let [reads, bytes] = [0, 0];
  const read = async (offset, length) => {
    reads += 1;
    bytes += length;
    const found = new Uint8Array(length);
    let have = 0;
    for (const [start, part] of kept) {
      const from = Math.max(start, offset);
      const to = Math.min(start + part.length, offset + length);
      if (from < to) found.set(part.subarray(from - start, to - start), from - offset);
      have += Math.max(0, to - from);
    }
    assert.equal(have, length, `bytes ${offset}+${length} are wanted`);
    return found;
  };
  const began = performance.now();
  const backup = await open({ size, read });
  const took = performance.now() - began;
  assert.equal(backup.info.size, size);
  assert.ok(bytes < 1 << 20, `${bytes} bytes in ${reads} reads`);
  console.log(`opened ${size} bytes with ${bytes} read in ${reads} reads, ${took.toFixed(1)} ms`);
  assert.equal((await backup.page('docs', 3, 2)).id(0), 'vec_000000003');
  assert.ok(memoryBytes() < 16 << 20);
});

test('backups that are closed are freed at once, in both modules', async () => {
  const bytes = await bytesOf(build(backupOf(sample(500, 64))));
  const memory = [];
  for (let round = 0; round < 1_500; round += 1) {
    const backup = await open(bytes);
    await diffBackups(backup, backup);
    backup.close();
    if (round % 100 === 99) memory.push(memoryBytes());
  }
  assert.equal(memory.at(-1), memory[0]);
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

test('backups that are not closed are freed when they are collected, in both modules', async () => {
  const bytes = await bytesOf(build(backupOf(sample(500, 64))));
  const memory = [];
  for (let round = 0; round < 1_500; round += 1) {
    // What is told of a backup may know it.
    const known = {};
    const watched = { onProgress: () => known.backup, signal: new AbortController().signal };
    known.backup = await open(bytes, watched);
    await diffBackups(known.backup, await open(bytes), watched);
    if (round % 100 === 99) {
      collect();
      // What is collected is freed in a turn of its own.
      await new Promise((resolve) => setTimeout(resolve));
      memory.push(memoryBytes());
    }
  }
  // Kept, the last thousand rounds would take four MiB.
  assert.ok(memory.at(-1) - memory[4] < 1 << 20, `${memory}`);
});

test('hostile bytes give a coded error or a finding, and the instance goes on', async () => {
  const golden = readFileSync(`${root}tests/golden/format-1.backup`);
  const foreign = readFileSync(`${root}tests/golden/vectorizer-3.5.backup`);
  const built = await bytesOf(build(backupOf(sample(50, 6))));
  const next = random(7);
  const pick = (n) => Math.floor(next() * n);
  let [opened, refused] = [0, 0];
  for (let round = 0; round < (long ? 30_000 : 3_000); round += 1) {
    const bytes = mutated([golden, foreign, built][round % 3], pick);
    try {
      const backup = await open(bytes);
      opened += 1;
      for (const { name } of backup.collections) {
        await backup.page(name, pick(100), 1 + pick(50));
        await backup.find(name, 'vec_00001');
        for await (const page of backup.records(name)) [...page];
        await bytesOf(backup.extract(name));
      }
      backup.close();
    } catch (error) {
      refused += 1;
      assert.ok(error instanceof VecVaultError && error.code !== 'internal', `${round}: ${error.stack}`);
      if (error.offset !== undefined) assert.ok(error.offset <= bytes.length);
    }
    const report = await verifySource(bytes);
    // What has another writer's form by now carries nothing to verify it against.
    const changed = ![golden, foreign, built].some((whole) => whole.length === bytes.length && whole.every((byte, at) => byte === bytes[at]));
    assert.ok(!changed || !report.ok || !report.verifiable, `${round}: called whole`);
  }
  assert.ok(opened > 10 && refused > 100, `${opened} opened, ${refused} refused`);
  assert.ok((await (await open(golden)).verify()).ok, 'it works on');
});

/** Bytes with something wrong: flipped, cut, repeated, moved, or with a number that is too large. */
function mutated(original, pick) {
  const bytes = new Uint8Array(original);
  const at = pick(bytes.length);
  switch (pick(6)) {
    case 0:
      bytes[at] ^= 1 << pick(8);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(Math.max(0, at - pick(400)))]);
    case 3:
      bytes.copyWithin(at, pick(bytes.length), pick(bytes.length));
      return bytes;
    case 4: {
      // In the tail and the root page, where ranges are.
      const late = bytes.length - 1 - pick(Math.min(2_000, bytes.length));
      bytes[late] = '0123456789abcdef"[]{},'.charCodeAt(pick(22));
      return bytes;
    }
    default:
      bytes.fill(0x30 + pick(75), at, at + pick(20));
      return bytes;
  }
}
