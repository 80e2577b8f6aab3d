import { setLoader } from './native.js';
import { hasSimd } from './simd.js';

// Each in full: bundlers look for just this.
const withSimd = () => new URL('./vecvault-simd.wasm', import.meta.url);
const without = () => new URL('./vecvault.wasm', import.meta.url);
setLoader(() => (hasSimd() ? withSimd() : without()));

export * from './index.js';
