// Opening, reading and verifying in Node: what every kind of source gives, and how little is read.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, test } from 'node:test';

import { importPackage, root } from './built.mjs';
import { backupOf, bytesOf, sample } from './samples.mjs';

const vecvault = await importPackage();
const { MemoryStore, VecVaultError, build, createBackup, listBackups, open, verifySource } = vecvault;
const golden = readFileSync(`${root}tests/golden/format-1.backup`);
const expected = JSON.parse(readFileSync(`${root}tests/golden/format-1.summary.json`, 'utf8'));
const foreign = readFileSync(`${root}tests/golden/vectorizer-3.5.backup`);

/** A source that counts what is read of it. */
function counted(bytes) {
  const source = { size: bytes.length, reads: [], bytes: 0 };
  source.read = async (offset, length) => {
    source.reads.push([offset, length]);
    source.bytes += length;
    return bytes.subarray(offset, offset + length);
  };
  return source;
}

const server = createServer((request, response) => {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (request.url === '/missing') return response.writeHead(404).end();
  if (!range || request.url === '/no-ranges') return response.writeHead(200).end(golden);
  const [start, end] = [Number(range[1]), Number(range[2]) + 1];
  const headers = { 'content-range': `bytes ${start}-${end - 1}/${golden.length}`, etag: server.tag ?? '"1"' };
  if (request.url === '/cut' && start > 0) return response.writeHead(206, { ...headers, 'content-length': end - start }).write('x', () => response.destroy());
  response.writeHead(206, headers).end(golden.subarray(start, end));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());
const url = (path) => `http://127.0.0.1:${server.address().port}${path}`;

const sources = {
  'a Uint8Array': () => new Uint8Array(golden),
  'an ArrayBuffer': () => new Uint8Array(golden).buffer,
  'a Blob': () => new Blob([golden]),
  'a URL with ranges': () => url('/golden'),
  'an object with size and read': () => counted(golden),
};
for (const [name, source] of Object.entries(sources)) {
  test(`the golden backup opens from ${name} and is what its summary says`, async () => {
    const backup = await open(source());
    assert.equal(backup.info.id, expected.info?.id ?? expected.id);
    assert.equal(backup.info.size, golden.length);
    assert.deepEqual(backup.collections.map((collection) => collection.name), backup.info.collections);
    const report = await backup.verify();
    assert.deepEqual([report.ok, report.verifiable, report.bytes], [true, true, golden.length]);
    backup.close();
  });
}

test('a foreign file opens, and says that it cannot be verified', async () => {
  const backup = await open(foreign);
  assert.equal(backup.provenance.kind, 'foreign');
  const report = await backup.verify();
  assert.deepEqual([report.ok, report.verifiable], [true, false]);
  const name = backup.info.collections[0];
  assert.equal((await backup.page(name, 0, 1)).length, Math.min(1, backup.collections[0].count));
});

test('a server that is not there, or goes away, is an error with a code and the cause', async () => {
  for (const gone of ['http://127.0.0.1:1/backup', url('/cut')]) {
    await assert.rejects(open(gone), ({ name, code, cause }) => name === 'VecVaultError' && code === 'unavailable' && cause !== undefined, gone);
  }
  const signal = AbortSignal.abort();
  await assert.rejects(open(url('/golden'), { signal }), { name: 'AbortError' });
});

test('what no backup can be opened from is refused with a code', async () => {
  for (const source of [7, undefined, {}, { size: -1, read() {} }, { size: 1 }]) {
    await assert.rejects(open(source), { name: 'VecVaultError', code: 'invalid_request' });
  }
  await assert.rejects(open('backups/some.backup'), { code: 'invalid_request', message: /is no URL; of a file make a Blob/ });
});

test('a URL without ranges, a missing one and a changing one are refused with a code', async () => {
  await assert.rejects(open(url('/no-ranges')), { name: 'VecVaultError', code: 'store_failed' });
  await assert.rejects(open(url('/missing')), { name: 'VecVaultError', code: 'not_found' });
  const backup = await open(url('/golden'));
  server.tag = '"2"';
  await assert.rejects(backup.page('docs'), { code: 'version_changed' });
  server.tag = undefined;
});

test('opening reads head and tail only, and a page the blocks that hold it', async () => {
  const bytes = await bytesOf(build(backupOf(sample(20_000, 128))));
  const source = counted(bytes);
  const backup = await open(source);
  assert.ok(bytes.length > 20e6 && source.bytes < 32_768, `${source.bytes} bytes of ${bytes.length}`);
  assert.ok(source.reads.length <= 3, `${source.reads.length} reads`);
  source.bytes = 0;
  const page = await backup.page('docs', 12_345, 10);
  assert.deepEqual([page.offset, page.total, page.length, page.id(0)], [12_345, 20_000, 10, 'vec_000012345']);
  assert.ok(source.bytes < 1_000_000, `${source.bytes} bytes for a page`);
});

test('records come back bit for bit, one by one, by id, in pages and as a stream', async () => {
  const records = sample(1_000, 24);
  const backup = await open(await bytesOf(build(backupOf(records))));
  let at = 0;
  for await (const page of backup.records('docs')) {
    for (const record of page) {
      assert.equal(record.id, records.ids[at]);
      assert.deepEqual(bits(record.vector), bits(records.vectors.subarray(at * 24, (at + 1) * 24)));
      assert.equal(record.metadataText, records.metadataText[at]);
      at += 1;
    }
  }
  assert.equal(at, 1_000);
  assert.equal((await backup.record('docs', 17)).id, records.ids[17]);
  assert.equal((await backup.find('docs', records.ids[999])).metadataText, records.metadataText[999]);
  assert.equal(await backup.find('docs', 'nobody'), undefined);
  assert.equal(await backup.record('docs', 1_000), undefined);
  assert.equal((await backup.page('docs', 5_000)).length, 0);
});

test('integers beyond 2^53 stay exact, which JSON.parse does not do', async () => {
  const metadataText = ['{"n":9007199254740993,"m":18446744073709551615}'];
  const records = { ids: ['a'], vectors: new Float32Array(2), metadataText };
  const bytes = await bytesOf(build(backupOf(records)));
  const record = await (await open(bytes)).record('docs', 0);
  assert.equal(record.metadataText, metadataText[0]);
  const parsed = JSON.parse(new TextDecoder().decode(bytes)).data.docs.vectors[0].metadata;
  assert.notEqual(String(parsed.n), '9007199254740993');
  assert.equal((await (await open(bytes)).page('docs')).metadata(0).n, 9007199254740992);
});

test('verify names the block and the bytes that are damaged, and goes on', async () => {
  const bytes = await bytesOf(build(backupOf(sample(2_000, 128))));
  bytes[1_000_000] ^= 1;
  const report = await verifySource(bytes);
  assert.equal(report.ok, false);
  assert.equal(report.findings.length, 1);
  const [finding] = report.findings;
  assert.equal(finding.code, 'hash_mismatch');
  assert.ok(finding.offset <= 1_000_000 && finding.offset + finding.bytes > 1_000_000);
});

test('progress is told, and a signal ends a verify', async () => {
  const bytes = await bytesOf(build(backupOf(sample(10_000, 128))));
  const backup = await open(bytes);
  const told = [];
  await backup.verify({ onProgress: (progress) => told.push(progress) });
  assert.ok(told.length > 10);
  assert.deepEqual(told.map((progress) => progress.bytes), told.map((progress) => progress.bytes).sort((a, b) => a - b));
  assert.equal(told.at(-1).records, 10_000);
  assert.equal(told.at(-1).totalBytes, bytes.length);
  const stop = new AbortController();
  const running = backup.verify({ signal: stop.signal, onProgress: () => stop.abort() });
  await assert.rejects(running, { name: 'AbortError' });
  // In memory there is nothing to wait for but the event loop, which has its turns.
  await assert.rejects(backup.verify({ signal: AbortSignal.timeout(1) }), { name: 'TimeoutError' });
  await assert.rejects(open(bytes, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.ok((await backup.verify()).ok, 'it works on afterwards');
});

test('what onProgress throws is what the caller gets, once: the call ends, and nothing is thrown past it', async () => {
  const records = sample(20_000, 128);
  const bytes = await bytesOf(build(backupOf(records)));
  const backup = await open(bytes);
  const store = new MemoryStore();
  const calls = {
    build: (options) => bytesOf(build({ ...backupOf(records), ...options })),
    createBackup: (options) => createBackup(store, { ...backupOf(records), ...options }),
    extract: (options) => bytesOf(backup.extract('docs', options)),
    verify: (options) => backup.verify(options),
    open: (options) => open(foreign, options),
    'statistics of a foreign file': async (options) => (await open(foreign)).statistics('docs', options),
  };
  for (const [name, call] of Object.entries(calls)) {
    const thrown = new Error(name);
    let times = 0;
    const onProgress = () => {
      times += 1;
      throw thrown;
    };
    assert.equal(await call({ onProgress }).then(() => 'nothing', (error) => error), thrown);
    // What went on behind the call would tell more by then; an exception past it would end this process.
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
    assert.equal(times, 1, name);
  }
  assert.deepEqual(await listBackups(store), []);
});

test('what a source throws is the cause of the error', async () => {
  const thrown = new Error('the tape is torn');
  const error = await open({ size: 10, read: () => Promise.reject(thrown) }).catch((error) => error);
  assert.ok(error instanceof VecVaultError);
  assert.deepEqual([error.code, error.cause], ['store_failed', thrown]);
  const short = await open({ size: 10_000, read: async () => new Uint8Array(3) }).catch((error) => error);
  assert.equal(short.code, 'version_changed');
});

test('where the stream of a Blob stalls, slices go on', async () => {
  const { blobReader } = await import(`${root}wasm/js/blobs.js`);
  const bytes = Uint8Array.from({ length: 5 << 20 }, (_, at) => at % 251);
  class Stalling extends Blob {
    slice(start, end) {
      const part = super.slice(start, end);
      let given = 0;
      // Two chunks come, and then nothing.
      const pull = (controller) => {
        given += 1;
        if (given > 2) return new Promise(() => {});
        const view = controller.byobRequest.view;
        view.set(bytes.subarray((given - 1) * view.length, given * view.length));
        controller.byobRequest.respond(view.length);
      };
      part.stream = () => new ReadableStream({ type: 'bytes', pull });
      return part;
    }
  }
  const reader = blobReader(new Stalling([bytes]), 0, bytes.length, { stalled: 50, streamed: true });
  const read = [];
  for (let chunk = await reader.next(); chunk; chunk = await reader.next()) read.push(Buffer.from(chunk));
  assert.ok(Buffer.concat(read).equals(bytes), `${Buffer.concat(read).length} bytes`);
});

test('a file that has gone, or is shorter by now, is said to have changed, in whatever words an engine says it', async () => {
  const bytes = await bytesOf(build(backupOf(sample(3_000, 64))));
  let slice;
  class Changing extends Blob {
    slice(start, end) {
      return slice?.(start, end) ?? super.slice(start, end);
    }
    stream() {
      throw new DOMException('no stream either', 'NotReadableError');
    }
  }
  const backup = await open(new Changing([bytes]));
  for (const name of ['NotReadableError', 'NotFoundError', 'AbortError']) {
    slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', name)) });
    const error = await backup.page('docs').catch((error) => error);
    assert.deepEqual([error.name, error.code], ['VecVaultError', 'version_changed'], name);
    await assert.rejects(backup.verify(), { code: 'version_changed' });
  }
  slice = (start, end) => new Blob([bytes.subarray(start, Math.max(start, end - 1))]);
  await assert.rejects(backup.verify(), { code: 'version_changed' });
});

test('a closed backup says so, and using makes it closed', async () => {
  const backup = await open(golden);
  backup[Symbol.dispose ?? Symbol.for('dispose')]();
  await assert.rejects(backup.page('docs'), { code: 'invalid_request' });
  backup.close();
});

function bits(floats) {
  return [...new Uint32Array(floats.slice().buffer)];
}
