// The package without a way to find its .wasm: `init()` and `initAnalysis()` want them handed in. The entries for
// browsers, Node and workerd are this and a loader.
export { Backup, diffBackups } from './backup.js';
export { VecVaultError } from './errors.js';
export { init, initAnalysis, initSync, memoryBytes } from './native.js';
export { RecordPage } from './records.js';
export { hasSimd } from './simd.js';
export * from './vault.js';
export { IndexedDbStore } from './stores/indexeddb.js';
export { MemoryStore } from './stores/memory.js';
export { OpfsStore } from './stores/opfs.js';
export { R2Store } from './stores/r2.js';
