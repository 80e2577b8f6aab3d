import { setLoader } from './native.js';

setLoader(() => new URL('./vecvault.wasm', import.meta.url));

export * from './index.js';
