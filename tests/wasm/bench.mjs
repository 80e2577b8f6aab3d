// How fast it is: `node tests/wasm/bench.mjs [RECORDS] [--browser] [--workerd]`, by default all, with SIMD and without,
// each beside what JavaScript does by itself in the same run. It prints the best of a few rounds and does not judge. In
// Node a second is one of the processor's, so that who else uses the machine matters less; elsewhere it is the clock's.
import { cpSync, mkdtempSync, openAsBlob, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { buildAll, packageFolder, root } from './built.mjs';
import { sample } from './samples.mjs';

const DIMENSION = 384;
const ROUNDS = 3;
/** What JavaScript makes one string of at most. */
const LONGEST_TEXT = 200e6;
const MODULES = [['SIMD', 'vecvault-simd.wasm'], ['plain', 'vecvault.wasm']];
const count = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 50_000);
const only = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const wanted = (name) => only.length === 0 || only.includes(`--${name}`);
if (!process.env.VECVAULT_BUILT) buildAll();

/** Seconds of the processor that this process has had. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const clockTime = () => performance.now() / 1e3;

/** Seconds that something took at best, and what came of it. */
async function timed(work, { rounds = ROUNDS, now = processorTime } = {}) {
  let [seconds, result] = [Infinity];
  for (let round = 0; round < rounds; round += 1) {
    const began = now();
    result = await work();
    seconds = Math.min(seconds, now() - began);
  }
  return { seconds, result };
}

function show(where, what, value, unit) {
  console.log(`${where.padEnd(24)} ${what.padEnd(28)} ${Math.round(value).toLocaleString('en').padStart(9)} ${unit}`);
}

/** `count` records in one array each; building takes them as they are. */
function backupOf(records) {
  const batches = async function* () {
    for (let first = 0; first < count; first += records.ids.length) {
      yield { ...records, ids: records.ids.map((_, at) => `vec_${String(first + at).padStart(9, '0')}`) };
    }
  };
  const config = { dimension: DIMENSION, metric: 'cosine' };
  return { name: 'bench', collections: [{ name: 'docs', config, ordered: true, batches: batches() }] };
}

/** Reads a stream and keeps nothing of it; gives how many bytes it had. */
async function drained(stream) {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

async function node(folder) {
  const records = sample(Math.min(count, 50_000), DIMENSION, { special: false });
  const file = `${folder}/bench.backup`;
  let [megabytes, text] = [0];
  for (const [name, module] of MODULES) {
    // A copy is a package of its own: each module of JavaScript is loaded once from a place.
    cpSync(packageFolder, `${folder}/${name}`, { recursive: true });
    const { build, buildBlob, initSync, memoryBytes, open } = await import(`${folder}/${name}/index.js`);
    initSync(readFileSync(`${packageFolder}${module}`));
    const where = `Node, ${name}`;
    const streamed = await timed(() => drained(build(backupOf(records))));
    show(where, 'build, as a stream', count / streamed.seconds, 'vectors/s');
    const { seconds, result: blob } = await timed(() => buildBlob(backupOf(records)));
    show(where, 'build, as a Blob', count / seconds, 'vectors/s');
    writeFileSync(file, Buffer.from(await blob.arrayBuffer()));
    megabytes = blob.size / 1e6;
    const backup = await open(await openAsBlob(file));
    show(where, 'verify a file, as a Blob', megabytes / (await timed(() => backup.verify())).seconds, 'MB/s');
    const handle = await openFile(file);
    const read = async (offset, length) => {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    const byHandle = await open({ size: blob.size, read });
    show(where, 'verify a file, by its handle', megabytes / (await timed(() => byHandle.verify())).seconds, 'MB/s');
    await handle.close();
    const inMemory = await open(await blob.arrayBuffer());
    show(where, 'verify memory', megabytes / (await timed(() => inMemory.verify())).seconds, 'MB/s');
    show(where, 'memory of the core', memoryBytes() / 1024, 'KiB');
    if (blob.size <= LONGEST_TEXT) text = await blob.text();
  }
  const some = Math.min(records.ids.length, 10_000);
  const written = await timed(() => stringified(records, some));
  show('Node', 'JSON.stringify of the same', some / written.seconds, 'vectors/s');
  if (text) show('Node', 'JSON.parse', megabytes / (await timed(() => JSON.parse(text))).seconds, 'MB/s');
  return { file, megabytes };
}

function stringified(records, some) {
  let length = 0;
  for (let at = 0; at < some; at += 1) {
    const vector = Array.from(records.vectors.subarray(at * DIMENSION, (at + 1) * DIMENSION));
    length += JSON.stringify({ id: records.ids[at], vector, metadata: records.metadataText[at] }).length;
  }
  return length;
}

async function browser({ file, megabytes }) {
  const [{ launch }, { serve }] = [await import('./chromium.mjs'), await import('./served.mjs')];
  for (const [name, module] of MODULES) {
    const server = await serve(root, { '/wasm/pkg/vecvault-simd.wasm': `/wasm/pkg/${module}` });
    const chromium = await launch();
    const page = await chromium.newPage();
    await page.goto(`${server.address}/tests/wasm/browser/page.html`);
    await page.waitForFunction(() => window.ready);
    await page.getByLabel('Backup file').setInputFiles(file);
    for (const [where, place] of [['inWorker', 'worker'], ['onPage', 'page']]) {
      const runs = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        runs.push(await page.evaluate((where) => window[where]('inspect', { file: true }), where));
      }
      const best = (key) => Math.min(...runs.map((run) => run[key]));
      show(`Chromium, ${place}, ${name}`, 'open', best('opened') * 1e3, 'µs');
      show(`Chromium, ${place}, ${name}`, 'verify a file', megabytes / best('seconds'), 'MB/s');
      show(`Chromium, ${place}, ${name}`, 'memory of the core', runs[0].memory / 1024, 'KiB');
    }
    const parse = () => page.evaluate((most) => window.inWorker('parse', { file: true, most }), LONGEST_TEXT);
    const parsed = await parse();
    if (parsed.megabytes > 0) show('Chromium, worker', 'JSON.parse', parsed.megabytes / parsed.seconds, 'MB/s');
    await chromium.close();
    server.close();
  }
}

async function workerd(folder) {
  const { startTests } = await import('./workerd.mjs');
  for (const [name, module] of MODULES) {
    const { worker, call } = await startTests(`${folder}/r2`, module);
    for (const [test, what] of [['verifyInMemory', 'verify memory'], ['parseInMemory', 'JSON.parse']]) {
      // Time stands still in a worker while it computes: what setting up takes is taken off.
      const setup = await timed(() => call(test, { count: 5_000, rounds: 0 }), { now: clockTime });
      const run = await timed(() => call(test, { count: 5_000, rounds: 10 }), { now: clockTime });
      show(`workerd, ${name}`, what, run.result.bytes / 1e6 / (run.seconds - setup.seconds), 'MB/s');
    }
    await worker.dispose();
  }
}

const folder = mkdtempSync(`${tmpdir()}/vecvault-bench-`);
try {
  const made = await node(folder);
  if (wanted('browser')) await browser(made);
  if (wanted('workerd')) await workerd(folder);
} finally {
  rmSync(folder, { recursive: true });
}
