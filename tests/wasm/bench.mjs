// How fast it is: `node tests/wasm/bench.mjs [RECORDS] [--browser] [--workerd]`, by default all, each beside what JavaScript
// does by itself in the same run. It prints and does not judge.
import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { buildAll, packageFolder, root } from './built.mjs';
import { sample } from './samples.mjs';

const DIMENSION = 384;
const count = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 50_000);
const only = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const wanted = (name) => only.length === 0 || only.includes(`--${name}`);
if (!process.env.VECVAULT_BUILT) buildAll();
const { buildBlob, memoryBytes, open } = await import(`${packageFolder}node.js`);

/** Seconds that something took, and what came of it. */
async function timed(work) {
  const began = performance.now();
  const result = await work();
  return { seconds: (performance.now() - began) / 1e3, result };
}

const show = (where, what, value, unit) => console.log(`${where.padEnd(18)} ${what.padEnd(34)} ${Math.round(value).toLocaleString('en')} ${unit}`);

/** `count` records in one array each; building takes them as they are. */
function options() {
  const records = sample(Math.min(count, 50_000), DIMENSION, { special: false });
  const batches = async function* () {
    for (let first = 0; first < count; first += records.ids.length) {
      yield { ...records, ids: records.ids.map((_, at) => `vec_${String(first + at).padStart(9, '0')}`) };
    }
  };
  const config = { dimension: DIMENSION, metric: 'cosine' };
  return { records, build: { name: 'bench', collections: [{ name: 'docs', config, ordered: true, batches: batches() }] } };
}

async function node(folder) {
  const { records, build: input } = options();
  const built = await timed(() => buildBlob(input));
  show('Node', 'build', count / built.seconds, 'vectors/s');
  const some = Math.min(records.ids.length, 10_000);
  const written = await timed(async () => {
    let length = 0;
    for (let at = 0; at < some; at += 1) {
      const vector = Array.from(records.vectors.subarray(at * DIMENSION, (at + 1) * DIMENSION));
      length += JSON.stringify({ id: records.ids[at], vector, metadata: records.metadataText[at] }).length;
    }
    return length;
  });
  show('Node', 'JSON.stringify of the same', some / written.seconds, 'vectors/s');
  const file = `${folder}/bench.backup`;
  writeFileSync(file, Buffer.from(await built.result.arrayBuffer()));
  const megabytes = built.result.size / 1e6;
  const backup = await open(await openAsBlob(file));
  const verified = await timed(() => backup.verify());
  show('Node, file', 'verify', megabytes / verified.seconds, 'MB/s');
  const bytes = await built.result.slice(0, 200e6).text();
  const inMemory = await open(await built.result.arrayBuffer());
  const again = await timed(() => inMemory.verify());
  show('Node, memory', 'verify', megabytes / again.seconds, 'MB/s');
  if (built.result.size <= 200e6) {
    const parsed = await timed(async () => JSON.parse(bytes));
    show('Node', 'JSON.parse', megabytes / parsed.seconds, 'MB/s');
  }
  show('Node', 'memory of the core', memoryBytes() / 1024, 'KiB');
  return { file, megabytes };
}

async function browser({ file, megabytes }) {
  const [{ launch }, { serve }] = [await import('./chromium.mjs'), await import('./served.mjs')];
  const server = await serve(root);
  const chromium = await launch();
  const page = await chromium.newPage();
  await page.goto(`${server.address}/tests/wasm/browser/page.html`);
  await page.waitForFunction(() => window.ready);
  await page.getByLabel('Backup file').setInputFiles(file);
  for (const [where, name] of [['inWorker', 'Chromium, worker'], ['onPage', 'Chromium, page']]) {
    const seen = await page.evaluate((where) => window[where]('inspect', { file: true }), where);
    show(name, 'open', seen.opened * 1e3, 'µs');
    show(name, 'verify', megabytes / seen.seconds, 'MB/s');
    show(name, 'memory of the core', seen.memory / 1024, 'KiB');
  }
  const parsed = await page.evaluate(() => window.inWorker('parse', { file: true, most: 200e6 }));
  show('Chromium, worker', 'JSON.parse', parsed.megabytes / parsed.seconds, 'MB/s');
  await chromium.close();
  server.close();
}

async function workerd(folder) {
  const { startTests } = await import('./workerd.mjs');
  const { worker, call } = await startTests(`${folder}/r2`);
  for (const [name, what] of [['verifyInMemory', 'verify, in memory'], ['parseInMemory', 'JSON.parse']]) {
    // Time stands still in a worker while it computes: what setting up takes is taken off.
    const setup = await timed(() => call(name, { count: 5_000, rounds: 0 }));
    const run = await timed(() => call(name, { count: 5_000, rounds: 10 }));
    show('workerd', what, run.result.bytes / 1e6 / (run.seconds - setup.seconds), 'MB/s');
  }
  await worker.dispose();
}

const folder = mkdtempSync(`${tmpdir()}/vecvault-bench-`);
try {
  const made = await node(folder);
  if (wanted('browser')) await browser(made);
  if (wanted('workerd')) await workerd(folder);
} finally {
  rmSync(folder, { recursive: true });
}
