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

/** For each thread a promise that is kept once it works. */
const threads = [];
/** A worker whose being there keeps the process alive while jobs are under way. */
let anchor;
let underWay = 0;
glue.keepAlive({
  begun() {
    underWay += 1;
    anchor.ref();
  },
});

/** Starts threads, until there are `count`; resolves once they work. There are as many as once were wanted. */
export async function startThreads(count = availableParallelism()) {
  if (!Number.isSafeInteger(count) || count < 1) throw invalid('count: a whole number from 1 on');
  while (threads.length < count) threads.push(thread());
  await Promise.all(threads.slice(0, count));
}

function thread() {
  const started = new Promise((resolve, reject) => {
    const workerData = { module, memory: core.memory };
    // Without the arguments of this process: it may have been begun as what a worker cannot be, or with another's hooks.
    const worker = new Worker(file('threads-worker.js'), { workerData, execArgv: [] });
    const failed = (cause) => {
      threads.splice(threads.indexOf(started), 1);
      reject(new VecVaultError(`a thread could not be started: ${cause.message}`, { code: 'unavailable', cause }));
    };
    // Until it is up. What happens to it later, as for want of memory, leaves nothing to go on with, and ends the process.
    worker.once('error', failed);
    worker.on('message', (message) => {
      if (message === 'up') {
        worker.off('error', failed);
        anchor ??= worker;
        worker.unref();
        resolve();
      } else {
        underWay -= 1;
        if (underWay === 0) anchor.unref();
      }
    });
  });
  return started;
}

export * from './index.js';
