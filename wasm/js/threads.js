import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { VecVaultError, invalid } from './errors.js';
import { analysis, core } from './native.js';
import * as glue from './threads-glue.js';

const file = (name) => new URL(`./${name}`, import.meta.url);

// One core for all that is imported from this package: whoever imports 'vecvault' afterwards has this one.
if (core.memory) throw invalid("'vecvault' was imported before 'vecvault/threads': import 'vecvault/threads' first");
const module = new WebAssembly.Module(readFileSync(file('vecvault-threads.wasm')));
core.glue = glue;
core.loadSync(module);
analysis.find = () => readFile(file('vecvault-analysis-simd.wasm'));

/** Keeps the process alive while jobs are under way; the threads themselves do not. */
const alive = setInterval(() => {}, 1 << 30).unref();
let underWay = 0;
glue.keepAlive({
  begun() {
    underWay += 1;
    if (underWay === 1) alive.ref();
  },
});

function done() {
  underWay -= 1;
  if (underWay === 0) alive.unref();
}

/** For each thread a promise that is kept once it works. */
const threads = [];

/** Starts threads, until there are `count`; resolves once they work. There are as many as once were wanted. */
export async function startThreads(count = availableParallelism()) {
  if (!Number.isSafeInteger(count) || count < 1) throw invalid('count: a whole number from 1 on');
  while (threads.length < count) threads.push(thread());
  await Promise.all(threads.slice(0, count));
}

function thread() {
  const started = start().catch((cause) => {
    threads.splice(threads.indexOf(started), 1);
    throw new VecVaultError(`a thread could not be started: ${cause.message}`, { code: 'unavailable', cause });
  });
  return started;
}

function start() {
  return new Promise((resolve, reject) => {
    const workerData = { module, memory: core.memory };
    // Without the arguments of this process: it may have been begun as what a worker cannot be, or with another's hooks.
    const worker = new Worker(file('threads-worker.js'), { workerData, execArgv: [] });
    worker.once('error', reject);
    worker.on('message', (message) => {
      if (message === 'done') return done();
      // It is up. What happens to it later, as for want of memory, leaves nothing to go on with: it ends the process.
      worker.off('error', reject);
      worker.unref();
      resolve();
    });
  });
}

export * from './index.js';
