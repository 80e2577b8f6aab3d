import wasm from './vecvault.wasm';

import { initSync } from './native.js';

initSync(wasm);

export * from './index.js';
