// Threads in Node: what is true without them is true with them, and a process lives as long as they have work for it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';

import { hasThreads, importPackage, packageFolder, root } from './built.mjs';
import { backupOf, bytesOf, sample } from './samples.mjs';

const skip = !hasThreads() && 'the package was built without';
if (!skip) {
  // Their tests, once more.
  process.env.VECVAULT_THREADS = '2';
  await import('./build.test.mjs');
  await import('./open.test.mjs');
}

const SAMPLES = JSON.stringify(`${root}tests/wasm/samples.mjs`);

/** Runs a script of its own process with the package, in `folder`, and `backupOf` at hand. */
function spawned(script, folder = packageFolder) {
  const text = `import { backupOf, bytesOf, sample } from ${SAMPLES}; const folder = ${JSON.stringify(folder)};
    const say = (value) => console.log(JSON.stringify(value)); ${script}`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', text], { encoding: 'utf8', timeout: 120_000 });
}

/** The same for a script that succeeds; gives its output's values. */
function run(script, folder) {
  const { status, stdout, stderr } = spawned(script, folder);
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

const THREADS = "const vecvault = await import(folder + 'threads.js'); const { build, open, startThreads } = vecvault;";

test('bytes do not depend on how many threads there are, nor on how many builds go on at once', { skip }, async () => {
  const { build, startThreads } = await importPackage();
  // Some 8 runs of blocks.
  const records = sample(6_000, 128);
  const whole = Buffer.from(await bytesOf(build(backupOf(records))));
  const [alone] = run(`const { build } = await import(folder + 'node.js'); const { createHash } = await import('node:crypto');
    say(createHash('sha256').update(await bytesOf(build(backupOf(sample(6_000, 128))))).digest('hex'));`);
  const { createHash } = await import('node:crypto');
  assert.equal(createHash('sha256').update(whole).digest('hex'), alone);
  for (const count of [3, 5, 5, 1]) {
    await startThreads(count);
    const built = await Promise.all(Array.from({ length: 4 }, () => bytesOf(build(backupOf(records)))));
    for (const bytes of built) assert.ok(whole.equals(bytes), `${count} threads`);
  }
});

test('most of the work is done in the threads', { skip: skip || (process.platform !== 'linux' && 'it asks Linux') }, async () => {
  const { build } = await importPackage();
  // Nanoseconds that each thread of this process has had of a processor.
  const times = () => {
    const each = readdirSync('/proc/self/task').map((thread) => [thread, readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8')]);
    return new Map(each.map(([thread, text]) => [Number(thread), Number(text.split(' ')[0])]));
  };
  const records = sample(20_000, 256, { special: false });
  const before = times();
  await build(backupOf(records)).pipeTo(new WritableStream());
  const after = times();
  const spent = [...after].map(([thread, time]) => [thread, time - (before.get(thread) ?? 0)]);
  const [all, main] = [spent.reduce((sum, [, time]) => sum + time, 0), spent.find(([thread]) => thread === process.pid)[1]];
  // Without threads it is 0.6 to 0.8 of them, the rest being spent on what is collected.
  assert.ok(main < all * 0.4, `${main} of ${all} ns were this thread's`);
});

test('a process lives as long as something is under way, and ends by itself', { skip }, () => {
  // Nothing but the threads keeps it alive: many short waits, one after the other and beside each other.
  const seen = run(`${THREADS} await startThreads(2);
    const records = sample(900, 128);
    const [{ length }] = [await bytesOf(build(backupOf(records)))];
    for (let round = 0; round < 100; round += 1) {
      if ((await bytesOf(build(backupOf(records)))).length !== length) say('another length');
    }
    const built = await Promise.all(Array.from({ length: 50 }, () => bytesOf(build(backupOf(records)))));
    const reports = await Promise.all(built.map(async (bytes) => (await open(bytes)).verify()));
    say(reports.every(({ ok, records }) => ok && records === 900));`);
  assert.deepEqual(seen, [true]);
  assert.deepEqual(run(`${THREADS} await startThreads(2); say('nothing to do');`), ['nothing to do']);
  // Threads that come up while something goes on already.
  const early = `${THREADS} const starting = startThreads(4);
    const records = sample(900, 128);
    const lengths = new Set();
    for (let round = 0; round < 50; round += 1) lengths.add((await bytesOf(build(backupOf(records)))).length);
    await starting;
    say(lengths.size);`;
  assert.deepEqual(run(early), [1]);
});

test('a build that is given up, or fails, leaves the threads to the next', { skip }, () => {
  const seen = run(`${THREADS} await startThreads(2);
    const records = sample(20_000, 128);
    const whole = await bytesOf(build(backupOf(records)));
    for (let round = 0; round < 10; round += 1) {
      const reader = build(backupOf(records)).getReader();
      await reader.read();
      await reader.read();
      await reader.cancel();
      const controller = new AbortController();
      const given = bytesOf(build(backupOf(records, { signal: controller.signal })));
      setImmediate(() => controller.abort());
      await given.then(() => say('it went on'), ({ name }) => name === 'AbortError' || say(name));
      const wrong = sample(20_000, 128);
      wrong.vectors[10_000 * 128] = NaN;
      await bytesOf(build(backupOf(wrong))).then(() => say('no error'), ({ code }) => code === 'invalid_record' || say(code));
    }
    const damaged = whole.slice();
    damaged[damaged.length >> 1] ^= 1;
    say((await (await open(damaged)).verify()).ok);
    say(Buffer.from(whole).equals(await bytesOf(build(backupOf(records)))));`);
  assert.deepEqual(seen, [false, true]);
});

test("a worker of the caller's has threads too", { skip }, () => {
  const inWorker = `import { parentPort, workerData as folder } from 'node:worker_threads';
    import { backupOf, bytesOf, sample } from ${SAMPLES}; ${THREADS} await startThreads(2);
    parentPort.postMessage((await bytesOf(build(backupOf(sample(3_000, 128))))).length);`;
  const [there, here] = run(`${THREADS} const { Worker } = await import('node:worker_threads');
    const worker = new Worker(${JSON.stringify(inWorker)}, { eval: true, workerData: folder });
    worker.once('message', async (length) => { say(length); say((await bytesOf(build(backupOf(sample(3_000, 128))))).length); });`);
  assert.equal(there, here);
});

/** Calls `use` with a folder that has a copy of the package. */
function withCopy(use) {
  const folder = `${mkdtempSync(`${tmpdir()}/vecvault-threads-`)}/`;
  try {
    cpSync(packageFolder, folder, { recursive: true });
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const failure = (call) => `await ${call}.then(() => say('none'), ({ name, code }) => say([name, code]));`;

test('threads that cannot be started are an error with a code, and what needs none goes on', { skip }, () => {
  withCopy((folder) => {
    rmSync(`${folder}threads-worker.js`);
    const seen = run(`${THREADS} ${failure('startThreads(2)')} ${failure('startThreads(1)')}
      say((await bytesOf(build(backupOf(sample(10, 2))))).length > 0);`, folder);
    assert.deepEqual(seen, [['VecVaultError', 'unavailable'], ['VecVaultError', 'unavailable'], true]);
  });
  const wrong = ['0', '-1', '1.5', '"2"', 'NaN', '1 / 0'].map((count) => failure(`startThreads(${count})`));
  assert.deepEqual(run(`${THREADS} ${wrong.join('\n')}`), wrong.map(() => ['VecVaultError', 'invalid_request']));
});

test('a thread that is lost ends every call, and all that come, with a code; the process ends by itself', { skip }, () => {
  withCopy((folder) => {
    // As the module traps, for want of memory, in the first job.
    const worker = `${folder}threads-worker.js`;
    writeFileSync(worker, readFileSync(worker, 'utf8').replace('"done"', '(() => { throw new Error("lost") })()'));
    const seen = run(`${THREADS} await startThreads(2);
      ${failure('bytesOf(build(backupOf(sample(9_000, 128))))')} ${failure('vecvault.verifySource(new Uint8Array(9))')} ${failure('startThreads(3)')}`, folder);
    assert.deepEqual(seen, [1, 2, 3].map(() => ['VecVaultError', 'unavailable']));
  });
});

test('many verbs at once take little more memory than without threads', { skip }, () => {
  const many = (load) => run(`${load}
    const records = sample(4_000, 128);
    await Promise.all(Array.from({ length: 40 }, () => build(backupOf(records)).pipeTo(new WritableStream())));
    say(vecvault.memoryBytes());`)[0];
  const without = many("const vecvault = await import(folder + 'node.js'); const { build } = vecvault;");
  const with8 = many(`${THREADS} await startThreads(8);`);
  assert.ok(with8 < 1.5 * without + (64 << 20), `${with8} bytes with 8 threads, ${without} without`);
});

test('there is one core in a process, with threads where they were imported first', { skip }, () => {
  const later = `await import(folder + 'node.js'); ${failure("import(folder + 'threads.js')")}`;
  assert.deepEqual(run(later), [['VecVaultError', 'invalid_request']]);
  assert.deepEqual(run(`${THREADS} await startThreads(1); say((await import(folder + 'node.js')).build === build);`), [true]);
});
