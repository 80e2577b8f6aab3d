/** The page's side of the worker: every operation as a promise, with progress and cancellation. */
import type { Progress } from 'vecvault';

import type { Failure, FromWorker, Gives, Operation, Takes, ToWorker } from './protocol.ts';

/** What a call rejects with. */
export class CallError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
    this.name = 'CallError';
  }
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => unknown;
}

interface Pending {
  readonly onProgress: CallOptions['onProgress'];
  readonly resolve: (gives: unknown) => void;
  readonly reject: (error: CallError) => void;
}

/** What came of a call, with what it was given. */
export type Outcome = { [O in Operation]: { readonly operation: O; readonly takes: Takes<O>; readonly gives: Gives<O> | undefined; readonly failure: Failure | undefined } }[Operation];

const pending = new Map<number, Pending>();
/** Who is told what came of every call, before its caller is. */
const watchers: ((outcome: Outcome) => void)[] = [];
let last = 0;
let worker: Worker | undefined;

/**
 * Calls an operation of the worker. Rejects with a `CallError`; once cancelled, with its code `cancelled`: what saves
 * something, when nothing is left of it, the rest at once.
 */
export function call<O extends Operation>(operation: O, takes: Takes<O>, options: CallOptions = {}): Promise<Gives<O>> {
  const { signal, onProgress } = options;
  last += 1;
  const number = last;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new CallError(CANCELLED));
    const stop = () => {
      send({ cancel: number });
      if (!SAVING.has(operation)) settle(number)?.reject(new CallError(CANCELLED));
    };
    signal?.addEventListener('abort', stop, { once: true });
    const free = () => signal?.removeEventListener('abort', stop);
    pending.set(number, {
      onProgress,
      resolve: (gives) => (free(), tell({ operation, takes, gives, failure: undefined }), resolve(gives as Gives<O>)),
      reject: (error) => (free(), tell({ operation, takes, gives: undefined, failure: error.failure }), reject(error)),
    });
    send({ call: number, operation, takes });
  });
}

/** From now on tells what comes of every call. */
export function watchCalls(watcher: (outcome: Outcome) => void): void {
  watchers.push(watcher);
}

function tell(outcome: object): void {
  for (const watcher of watchers) watcher(outcome as Outcome);
}

/** The failure in whatever a call rejected with. */
export function failureIn(error: unknown): Failure {
  if (error instanceof CallError) return error.failure;
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** What writes files: it is over when nothing is left of them. */
const SAVING: ReadonlySet<Operation> = new Set(['build', 'download', 'extract']);

const CANCELLED: Failure = { code: 'cancelled', message: 'cancelled' };

function send(message: ToWorker): void {
  worker ??= start();
  worker.postMessage(message);
}

function start(): Worker {
  const started = new Worker(new URL(`./${WORKER_FILE}`, import.meta.url), { type: 'module' });
  started.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if ('progress' in data) pending.get(data.call)?.onProgress?.(data.progress);
    else if ('failure' in data) settle(data.call)?.reject(new CallError(data.failure));
    else settle(data.call)?.resolve(data.gives);
  };
  // It does not load, or something was thrown that no operation caught: every call of it is lost.
  started.onerror = (event) => {
    started.terminate();
    if (worker === started) worker = undefined;
    const failure = { code: 'worker_failed', message: event.message || 'the worker does not start' };
    for (const number of [...pending.keys()]) settle(number)?.reject(new CallError(failure));
  };
  return started;
}

function settle(number: number): Pending | undefined {
  const found = pending.get(number);
  pending.delete(number);
  return found;
}
