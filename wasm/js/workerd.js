import wasm from './vecvault-simd.wasm';

import { core } from './native.js';

// The module that analyses is not among those of a worker unless the worker imports it: initAnalysis() takes it.
core.loadSync(wasm);

export * from './index.js';
