// A thread of `threads.js`: it does what core hands to it, for ever.
import { parentPort, workerData } from 'node:worker_threads';

import { initSync, work } from './threads-glue.js';

const STACK = 1 << 20;

initSync({ ...workerData, thread_stack_size: STACK });
work({ up: () => parentPort.postMessage('up'), done: () => parentPort.postMessage('done') });
