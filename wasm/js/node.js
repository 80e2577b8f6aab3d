import { readFileSync } from 'node:fs';

import { initSync } from './native.js';
import { hasSimd } from './simd.js';

initSync(readFileSync(new URL(hasSimd() ? './vecvault-simd.wasm' : './vecvault.wasm', import.meta.url)));

export * from './index.js';
