import * as glue from './glue.js';

let load;
let loading;
let loaded = false;
let memory;

/** The core's exports; {@link ready} has been awaited. */
export function native() {
  if (!loaded) throw new Error('the core is not loaded yet: await init()');
  return glue;
}

/** How this host finds the .wasm where nobody hands it in. */
export function setLoader(loader) {
  load = loader;
}

/** How much memory the core has; it grows to what the largest record needs, and never shrinks. */
export function memoryBytes() {
  return memory?.buffer.byteLength ?? 0;
}

/** Loads the core from a compiled module or its bytes, at once. */
export function initSync(module) {
  if (loaded) return;
  ({ memory } = glue.initSync({ module }));
  loaded = true;
}

/**
 * Loads the core, once: from a module, its bytes, a `Response` of it, or from where this host has it. The
 * functions of this package call it by themselves.
 */
export function init(wasm) {
  if (loaded) return Promise.resolve();
  loading ??= start(wasm).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function start(wasm) {
  const found = wasm === undefined ? load?.() : wasm;
  if (found === undefined) throw new Error('hand the .wasm to init(): this entry does not load it by itself');
  ({ memory } = await glue.default({ module_or_path: found }));
  loaded = true;
}

/** Frees an object of the core, unless a call of it is under way: then it goes when it is collected. */
export function release(object) {
  try {
    object.free();
  } catch {}
}
