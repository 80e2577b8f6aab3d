/** The worker: all work on files happens here, off the page's thread. */
import { operations } from './operations/index.ts';
import type { Context } from './operations/context.ts';
import { failureOf } from './failure.ts';
import type { FromWorker, Operation, ToWorker } from './protocol.ts';
import type { Progress } from 'vecvault';

/** How often progress is told at most, in milliseconds: more often than this nobody sees. */
const TELL_EVERY = 50;

const running = new Map<number, AbortController>();
// The page's library is the DOM's; this file alone runs in a worker.
const port = self as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
};

port.onmessage = ({ data }) => {
  if ('cancel' in data) running.get(data.cancel)?.abort();
  else void run(data.call, data.operation, data.takes);
};

async function run(call: number, operation: Operation, takes: unknown): Promise<void> {
  const stop = new AbortController();
  const transfer: Transferable[] = [];
  running.set(call, stop);
  let told = 0;
  const context: Context = {
    signal: stop.signal,
    onProgress(progress: Progress) {
      const now = performance.now();
      if (now - told < TELL_EVERY) return;
      told = now;
      port.postMessage({ call, progress });
    },
    transfer: (...buffers) => void transfer.push(...buffers),
  };
  try {
    const perform = operations[operation] as (takes: unknown, context: Context) => unknown;
    const gives = await perform(takes, context);
    port.postMessage({ call, gives }, transfer);
  } catch (error) {
    port.postMessage({ call, failure: failureOf(error, stop.signal) });
  } finally {
    running.delete(call);
  }
}
