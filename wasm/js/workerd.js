import wasm from './vecvault-simd.wasm';

import { initSync } from './native.js';

initSync(wasm);

export * from './index.js';
