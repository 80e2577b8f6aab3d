import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import { analysis, core } from './native.js';
import { hasSimd } from './simd.js';

const file = (name) => new URL(`./${name}${hasSimd() ? '-simd' : ''}.wasm`, import.meta.url);
core.loadSync(readFileSync(file('vecvault')));
analysis.find = () => readFile(file('vecvault-analysis'));

export * from './index.js';
