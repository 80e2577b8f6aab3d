// What is run in a browser, on a page and in a worker.
import { load } from '/tests/wasm/conformance.mjs';
import { backupOf, bytesOf, sample } from '/tests/wasm/samples.mjs';
import { blobReader } from '/wasm/pkg/blobs.js';
import * as vecvault from '/wasm/pkg/web.js';

/** Opens a file, and reads and verifies it. */
export async function inspect({ file }) {
  await vecvault.init();
  const began = performance.now();
  const backup = await vecvault.open(file);
  const opened = performance.now() - began;
  const [{ name }] = backup.collections;
  const page = await backup.page(name, 5, 3);
  const verifying = performance.now();
  const report = await backup.verify();
  const seconds = (performance.now() - verifying) / 1e3;
  const memory = vecvault.memoryBytes();
  return { info: backup.info, opened, ids: [0, 1, 2].map((at) => page.id(at)), report, seconds, memory };
}

/** Opens a file, or a source of which only some parts are there, as `[offset, text]`; tells what was read of it. */
export async function opens({ file, size, parts }) {
  await vecvault.init();
  const seen = countedSlices();
  const began = performance.now();
  const { info, collections } = await vecvault.open(file ?? partsSource(size, parts, seen));
  return { ...seen, milliseconds: performance.now() - began, size: info.size, collections };
}

/** Counts from now on what is taken of blobs. */
function countedSlices() {
  const seen = { reads: 0, bytes: 0 };
  const { slice } = Blob.prototype;
  Blob.prototype.slice = function (start, end) {
    const part = slice.call(this, start, end);
    seen.reads += 1;
    seen.bytes += part.size;
    return part;
  };
  return seen;
}

function partsSource(size, parts, seen) {
  const known = parts.map(([start, text]) => ({ start, bytes: new TextEncoder().encode(text) }));
  const read = async (offset, length) => {
    seen.reads += 1;
    seen.bytes += length;
    const found = known.find(({ start, bytes }) => start <= offset && offset + length <= start + bytes.length);
    if (!found) throw new Error(`bytes ${offset}+${length} are not there`);
    return found.bytes.subarray(offset - found.start, offset - found.start + length);
  };
  return { size, read };
}

/** What the browser does by itself, for comparison. */
export async function parse({ file }) {
  const text = await file.text();
  const began = performance.now();
  JSON.parse(text);
  return { megabytes: file.size / 1e6, seconds: (performance.now() - began) / 1e3 };
}

/** The SHA-256 of what is built here. */
export async function built() {
  return sha256(await bytesOf(vecvault.build(backupOf(sample(3_000, 96)))));
}

/**
 * Reads a file again and again, by reads of at most `most` bytes each, until there were `count`; gives how many there were.
 * `verify` reads it through the core, which holds what it reads from; `reader` does not. What stands still is told with
 * the number of reads before: where the package noticed it and went on by slices, or where nothing came any more.
 */
export async function reads({ file, count, most, by }) {
  const backup = await vecvault.open(file);
  const rounds = {
    async verify() {
      if (!(await backup.verify()).ok) throw new Error('the file is damaged');
    },
    async reader() {
      const reader = blobReader(file, 0, file.size);
      while ((await reader.next()) !== undefined);
    },
  };
  const seen = countedReads(most);
  const read = async () => {
    while (seen.reads < count) {
      const before = seen.bytes;
      await rounds[by]();
      // Less than a MiB, such as the index, is read at once.
      const missing = file.size - (seen.bytes - before);
      if (missing > 1 << 20) throw new Error(`a read stalled after ${seen.reads} reads: ${missing} bytes came by slices`);
    }
    return seen.reads;
  };
  return unlessStill(seen, 30, read());
}

/** Counts the reads of streams into buffers from now on, and holds each to `most` bytes. */
function countedReads(most) {
  const seen = { reads: 0, bytes: 0 };
  const { read } = ReadableStreamBYOBReader.prototype;
  ReadableStreamBYOBReader.prototype.read = function (view) {
    const given = read.call(this, view.subarray(0, most));
    const count = ({ value }) => {
      seen.reads += 1;
      seen.bytes += value?.length ?? 0;
    };
    given.then(count, () => {});
    return given;
  };
  return seen;
}

/** What work gives; an error where for so many seconds nothing is read. */
async function unlessStill(seen, seconds, work) {
  let watch;
  const still = new Promise((_, reject) => {
    let [last, since] = [-1, 0];
    watch = setInterval(() => {
      since = seen.reads === last ? since + 1 : 0;
      last = seen.reads;
      if (since >= seconds) reject(new Error(`nothing came after ${last} reads`));
    }, 1_000);
  });
  try {
    return await Promise.race([work, still]);
  } finally {
    clearInterval(watch);
  }
}

const STORES = {
  indexeddb: (api) => api.IndexedDbStore.open(`test-${crypto.randomUUID()}`),
  memory: async (api) => new api.MemoryStore(),
  opfs: (api) => api.OpfsStore.open(`test-${crypto.randomUUID()}`),
};

/** Core's conformance suite against one of the package's stores. */
export async function conformance({ store, listed }) {
  const twin = '/tests/.cache/wasm-conformance/';
  const checkStore = await load({ glue: `${twin}glue.js`, wasm: fetch(`${twin}vecvault-simd.wasm`), bridge: '/wasm/pkg/bridge.js' });
  return checkStore(await STORES[store](vecvault), listed);
}

/** A backup is made in a store, survives its being opened anew, and goes. */
export async function kept({ store }) {
  const name = `kept-${crypto.randomUUID()}`;
  const open = () => (store === 'opfs' ? vecvault.OpfsStore.open(name) : vecvault.IndexedDbStore.open(name));
  const first = await open();
  const made = await vecvault.createBackup(first, backupOf(sample(5_000, 64)));
  first.close();
  const again = await open();
  const [listed] = await vecvault.listBackups(again);
  const report = await vecvault.verifyBackup(again, made.id);
  await vecvault.deleteBackup(again, made.id);
  return { same: JSON.stringify(listed) === JSON.stringify(made), ok: report.ok, left: (await vecvault.listBackups(again)).length };
}

/** What a write that broke off has left is swept when the store is opened again. */
export async function swept() {
  const name = `swept-${crypto.randomUUID()}`;
  (await vecvault.OpfsStore.open(name)).close();
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(name);
  await folder.getFileHandle('left-behind', { create: true });
  (await vecvault.OpfsStore.open(name)).close();
  const left = [];
  for await (const entry of folder.keys()) left.push(entry);
  return left;
}

/** What is written to its end while another opens the same store, and sweeps, is there afterwards. */
export async function sweptBeside({ kind }) {
  const Store = { opfs: vecvault.OpfsStore, indexeddb: vecvault.IndexedDbStore }[kind];
  const name = `beside-${crypto.randomUUID()}`;
  const store = await Store.open(name);
  const bytes = new Uint8Array(3 << 20).fill(7);
  let finish;
  const mayFinish = new Promise((resolve) => (finish = resolve));
  let written = 0;
  const body = new ReadableStream({
    async pull(controller) {
      if (written === 2) await mayFinish;
      if (written === 3) return controller.close();
      controller.enqueue(bytes.slice(written << 20, (written += 1) << 20));
    },
  });
  const put = store.put('key', body, { overwrite: false });
  while (written < 2) await new Promise((resolve) => setTimeout(resolve));
  // The writer ends just when the sweep asks who writes.
  const query = navigator.locks.query;
  navigator.locks.query = async function () {
    finish();
    await put;
    return query.call(navigator.locks);
  };
  try {
    (await Store.open(name)).close();
  } finally {
    delete navigator.locks.query;
  }
  const { body: found } = await store.get('key');
  const parts = [];
  for await (const part of found instanceof Blob ? found.stream() : found) parts.push(part);
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  return whole.length === bytes.length && whole.every((byte) => byte === 7);
}

/** Opens a backup by ranges of a URL. */
export async function fromUrl({ url }) {
  const backup = await vecvault.open(url);
  return { info: backup.info, ok: (await backup.verify()).ok };
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
