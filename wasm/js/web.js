import { analysis, core } from './native.js';
import { hasSimd } from './simd.js';

// Each in full: bundlers look for just this.
const withSimd = () => new URL('./vecvault-simd.wasm', import.meta.url);
const without = () => new URL('./vecvault.wasm', import.meta.url);
const analysisWithSimd = () => new URL('./vecvault-analysis-simd.wasm', import.meta.url);
const analysisWithout = () => new URL('./vecvault-analysis.wasm', import.meta.url);
core.find = () => (hasSimd() ? withSimd() : without());
analysis.find = () => (hasSimd() ? analysisWithSimd() : analysisWithout());

export * from './index.js';
