import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { VecVaultError, invalid } from './errors.js';
import { throwIfLost, lose, unlessLost } from './lost.js';
import { analysis, core, notLoaded } from './native.js';
import * as glue from './threads-glue.js';

/** More than this the calling thread cannot feed: it does a fifth to a quarter of the work. */
const FED = 8;
/** More are a mistake of the caller's. */
const MOST = 1024;

const file = (name) => new URL(`./${name}`, import.meta.url);

// One core for all that is imported from this package: whoever imports 'vecvault' afterwards has this one.
if (core.memory) throw invalid("'vecvault' was imported before 'vecvault/threads': import 'vecvault/threads' first");
const module = compiled();
core.loadSync(module, unlessLost(glue));
analysis.find = () => readFile(file('vecvault-analysis-simd.wasm'));

function compiled() {
  try {
    return new WebAssembly.Module(readFileSync(file('vecvault-threads.wasm')));
  } catch (cause) {
    throw notLoaded(cause);
  }
}

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

/** For each thread that works, or is being started, a promise of its worker. */
const threads = [];

/** Starts threads until there are `count`, and resolves once those work. */
export async function startThreads(count = Math.min(availableParallelism(), FED)) {
  throwIfLost();
  if (!Number.isSafeInteger(count) || count < 1 || count > MOST) throw invalid(`count: a whole number from 1 to ${MOST}`);
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
    // Without the arguments of this process: it may have been begun as what a worker cannot be.
    const worker = new Worker(file('threads-worker.js'), { workerData, execArgv: [] });
    let failed = reject;
    worker.on('error', (error) => failed(error));
    worker.on('exit', (code) => failed(new Error(`it ended with code ${code}`)));
    worker.on('message', (message) => {
      if (message === 'done') return done();
      failed = ended;
      worker.unref();
      resolve(worker);
    });
  });
}

/** A thread that worked has ended, as for want of memory. It may have held a lock of the memory's: nothing can go on. */
function ended(cause) {
  lose(cause);
  alive.unref();
  for (const thread of threads) thread.then((worker) => worker.terminate(), () => {});
}

export * from './index.js';
