import { readFileSync } from 'node:fs';

import { initSync } from './native.js';

initSync(readFileSync(new URL('./vecvault.wasm', import.meta.url)));

export * from './index.js';
