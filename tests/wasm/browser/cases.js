// What is run in a browser, on a page and in a worker. The package's twin has the conformance suite.
import { load } from '/tests/wasm/conformance.mjs';
import { backupOf, bytesOf, sample } from '/tests/wasm/samples.mjs';
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

/** What the browser does by itself, for comparison. */
export async function parse({ file, most }) {
  const text = await file.text();
  if (text.length > most) return { megabytes: 0, seconds: 1 };
  const began = performance.now();
  JSON.parse(text);
  return { megabytes: file.size / 1e6, seconds: (performance.now() - began) / 1e3 };
}

/** The SHA-256 of what is built here. */
export async function built() {
  return sha256(await bytesOf(vecvault.build(backupOf(sample(3_000, 96)))));
}

/** Reads a file very many times in a row, by small pieces; gives how many reads of the file that were. */
export async function reads({ count }) {
  const bytes = await bytesOf(vecvault.build(backupOf(sample(20, 4))));
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle('many-reads', { create: true });
  const writable = await handle.createWritable();
  await writable.write(bytes);
  await writable.close();
  const file = await handle.getFile();
  let reads = 0;
  const read = (offset, length) => {
    reads += 1;
    return file.slice(offset, offset + length).arrayBuffer();
  };
  const backup = await vecvault.open({ size: file.size, read });
  while (reads < count) {
    const page = await backup.page('docs', reads % 20, 1);
    if (page.length !== 1) throw new Error(`no record at read ${reads}`);
  }
  return reads;
}

const STORES = {
  indexeddb: (api) => api.IndexedDbStore.open(`test-${crypto.randomUUID()}`),
  memory: async (api) => new api.MemoryStore(),
  opfs: (api) => api.OpfsStore.open(`test-${crypto.randomUUID()}`),
};

/** Core's conformance suite against one of the package's stores. */
export async function conformance({ store, listed }) {
  const twin = await load('/tests/.cache/wasm-conformance/web.js');
  return twin.checkStore(await STORES[store](twin), listed);
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

/** Opens a backup by ranges of a URL. */
export async function fromUrl({ url }) {
  const backup = await vecvault.open(url);
  return { info: backup.info, ok: (await backup.verify()).ok };
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
