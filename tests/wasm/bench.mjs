// How fast it is: `node tests/wasm/bench.mjs [RECORDS] [--node] [--browser] [--workerd]`, by default all, with SIMD and
// without, each beside what JavaScript does by itself in the same run. It prints the best of a few rounds and does not judge. In
// Node without threads a second is one of the processor's, so that who else uses the machine matters less; elsewhere it is
// the clock's.
// 205,000 records are a file of 1 GB. What needs all of it in memory is done with fewer, as many as that takes.
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, openAsBlob, readFileSync, rmSync, statSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { buildAll, hasThreads, packageFolder, root } from './built.mjs';
import { sample } from './samples.mjs';

const SELF = fileURLToPath(import.meta.url);
const DIMENSION = 384;
const ROUNDS = 3;
/** As many as are started where nobody says how many. */
const MOST_THREADS = 8;
/** How many records are held in memory at most, or as one text: JavaScript takes no longer ones. */
const IN_MEMORY = 40_000;
/** How many a worker holds; it verifies them as often as makes up for the rest. */
const IN_WORKER = 5_000;
const MODULES = [['SIMD', 'vecvault-simd.wasm'], ['plain', 'vecvault.wasm']];
const count = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 50_000);
const only = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const wanted = (name) => only.length === 0 || only.includes(`--${name}`);
if (!process.env.VECVAULT_BUILT) buildAll();
// The processes of Node find it built.
process.env.VECVAULT_BUILT = '1';

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

/** `count` records, the same vectors again and again; building takes them as they are. */
function backupOf(records, count) {
  const batches = async function* () {
    for (let first = 0; first < count; first += records.ids.length) {
      const ids = records.ids.slice(0, count - first).map((_, at) => `vec_${String(first + at).padStart(9, '0')}`);
      const vectors = records.vectors.subarray(0, ids.length * DIMENSION);
      yield { ids, vectors, metadataText: records.metadataText.slice(0, ids.length) };
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
  // Each in a process of its own: what one has left to be collected is not the other's.
  const names = [...MODULES.map(([name]) => name), ...(hasThreads() ? ['threads'] : [])];
  for (const name of names) execFileSync(process.execPath, [SELF, String(count), `--node=${name}`, folder], { stdio: 'inherit' });
  const { file, small } = filesOf(folder);
  const records = sample(Math.min(count, 10_000), DIMENSION, { special: false });
  const written = await timed(() => stringified(records, records.ids.length));
  show('Node', 'JSON.stringify of the same', records.ids.length / written.seconds, 'vectors/s');
  const text = readFileSync(small, 'utf8');
  show('Node', 'JSON.parse', megabytesOf(small) / (await timed(() => JSON.parse(text))).seconds, 'MB/s');
  return { file, small };
}

/** The files that Node leaves to the others. */
function filesOf(folder) {
  return { file: `${folder}/bench.backup`, small: `${folder}/small.backup` };
}

/** What one of the processes of Node does. */
async function inProcess(name, folder) {
  if (name === 'threads') {
    const vecvault = await import(`${packageFolder}threads.js`);
    const threads = Math.min(availableParallelism(), MOST_THREADS);
    await vecvault.startThreads(threads);
    return inNode(`Node, ${threads} threads`, vecvault, folder, { rounds: 2 * ROUNDS, now: clockTime });
  }
  const vecvault = await import(`${packageFolder}index.js`);
  vecvault.initSync(readFileSync(`${packageFolder}${Object.fromEntries(MODULES)[name]}`));
  return inNode(`Node, ${name}`, vecvault, folder);
}

/** Builds, which leaves both files, and verifies them. */
async function inNode(where, { build, buildBlob, memoryBytes, open }, folder, how = {}) {
  const { file, small } = filesOf(folder);
  const records = sample(Math.min(count, 10_000), DIMENSION, { special: false });
  const some = Math.min(count, IN_MEMORY);
  const streamed = await timed(() => drained(build(backupOf(records, count))), how);
  show(where, 'build, as a stream', count / streamed.seconds, 'vectors/s');
  const { seconds } = await timed(() => buildBlob(backupOf(records, some)), how);
  show(where, 'build, as a Blob', some / seconds, 'vectors/s');
  await build(backupOf(records, count)).pipeTo(Writable.toWeb(createWriteStream(file)));
  await build(backupOf(records, some)).pipeTo(Writable.toWeb(createWriteStream(small)));
  const verify = async (what, source, megabytes) => {
    const backup = await open(source);
    show(where, what, megabytes / (await timed(() => backup.verify(), how)).seconds, 'MB/s');
  };
  await verify('verify a file, as a Blob', await openAsBlob(file), megabytesOf(file));
  const handle = await openFile(file);
  const read = async (offset, length) => {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  await verify('verify a file, by its handle', { size: statSync(file).size, read }, megabytesOf(file));
  await handle.close();
  await verify('verify memory', readFileSync(small), megabytesOf(small));
  show(where, 'memory of the core', memoryBytes() / 1024, 'KiB');
}

function megabytesOf(file) {
  return statSync(file).size / 1e6;
}

function stringified(records, some) {
  let length = 0;
  for (let at = 0; at < some; at += 1) {
    const vector = Array.from(records.vectors.subarray(at * DIMENSION, (at + 1) * DIMENSION));
    length += JSON.stringify({ id: records.ids[at], vector, metadata: records.metadataText[at] }).length;
  }
  return length;
}

async function browser({ file, small }) {
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
      show(`Chromium, ${place}, ${name}`, 'verify a file', megabytesOf(file) / best('seconds'), 'MB/s');
      show(`Chromium, ${place}, ${name}`, 'memory of the core', runs[0].memory / 1024, 'KiB');
    }
    await page.getByLabel('Backup file').setInputFiles(small);
    const parsed = await page.evaluate(() => window.inWorker('parse', { file: true }));
    show('Chromium, worker', 'JSON.parse', parsed.megabytes / parsed.seconds, 'MB/s');
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
      const rounds = Math.max(10, Math.round(count / IN_WORKER));
      const setup = await timed(() => call(test, { count: IN_WORKER, rounds: 0 }), { now: clockTime });
      const run = await timed(() => call(test, { count: IN_WORKER, rounds }), { now: clockTime });
      show(`workerd, ${name}`, what, run.result.bytes / 1e6 / (run.seconds - setup.seconds), 'MB/s');
    }
    await worker.dispose();
  }
}

const [name, place] = [only.find((argument) => argument.startsWith('--node='))?.slice('--node='.length), process.argv.at(-1)];
if (name) await inProcess(name, place);
else await everything();

async function everything() {
  const folder = mkdtempSync(`${tmpdir()}/vecvault-bench-`);
  try {
    const made = await node(folder);
    if (wanted('browser')) await browser(made);
    if (wanted('workerd')) await workerd(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
