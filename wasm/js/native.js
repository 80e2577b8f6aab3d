import * as analysisGlue from './analysis-glue.js';
import { VecVaultError, invalid } from './errors.js';
import * as coreGlue from './glue.js';

/** A .wasm of the package: loaded once, from what is handed in or from where the entry has it. */
class Module {
  #glue;
  #loading;
  /** Its memory, once it is loaded. */
  memory;
  /** Where the entry has it; without one it is handed in. */
  find;

  constructor(glue, file, init) {
    this.#glue = glue;
    this.find = () => {
      throw invalid(`hand ${file} to ${init}(): this entry does not load it by itself`);
    };
  }

  /** What it exports; it has been loaded. */
  get exports() {
    if (!this.memory) throw invalid('the .wasm is not loaded yet: await init()');
    return this.#glue;
  }

  /** Loads it. Where that fails, the next call tries again. */
  async load(wasm) {
    // Where it is not wanted any more, it is no rejection that nobody handles.
    if (this.memory || this.#loading) Promise.resolve(wasm).catch(() => {});
    if (this.memory) return;
    this.#loading ??= this.#start(wasm ?? this.find()).finally(() => (this.#loading = undefined));
    await this.#loading;
  }

  async #start(wasm) {
    try {
      ({ memory: this.memory } = await this.#glue.default({ module_or_path: wasm }));
    } catch (cause) {
      throw notLoaded(cause);
    }
  }

  /** The same at once, from a compiled module or its bytes. One that is built otherwise has other glue. */
  loadSync(module, glue = this.#glue) {
    if (this.#loading) throw invalid('the .wasm is being loaded: await init()');
    try {
      if (!this.memory) ({ memory: this.memory } = glue.initSync({ module }));
      this.#glue = glue;
    } catch (cause) {
      throw notLoaded(cause);
    }
  }
}

/** The error where a module cannot be loaded. */
export function notLoaded(cause) {
  return new VecVaultError(`the .wasm could not be loaded: ${cause?.message ?? cause}`, { code: 'unavailable', cause });
}

/** Opens, reads, lists, verifies and builds. */
export const core = new Module(coreGlue, 'vecvault.wasm', 'init');

/**
 * Opens, compares, counts and draws: wanted seldom, and loaded when it is. Its glue is not imported later: service workers
 * cannot, bundles of one file neither, and beside the core's it adds 1,300 bytes.
 */
export const analysis = new Module(analysisGlue, 'vecvault-analysis.wasm', 'initAnalysis');

/** The core's exports; {@link init} has been awaited. */
export function native() {
  return core.exports;
}

/** How much memory the modules have; it grows to what the largest record needs, and never shrinks. */
export function memoryBytes() {
  return [core, analysis].reduce((sum, { memory }) => sum + (memory?.buffer.byteLength ?? 0), 0);
}

/** Loads the core from a compiled module or its bytes, at once. */
export function initSync(module) {
  core.loadSync(module);
}

/**
 * Loads the core, once: from a module, its bytes, a `Response` of it, or from where this host has it. The
 * functions of this package call it by themselves.
 */
export function init(wasm) {
  return core.load(wasm);
}

/** The same for the module that analyses. */
export function initAnalysis(wasm) {
  return analysis.load(wasm);
}

/** Frees an object of a module, unless a call of it is under way: then it goes when it is collected. */
export function release(object) {
  try {
    object.free();
  } catch {}
}
