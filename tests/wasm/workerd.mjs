// Workers in workerd, the real runtime, with a bucket whose ranged reads are those of R2.
import { readFileSync } from 'node:fs';

import { build } from 'esbuild';
import { Miniflare } from 'miniflare';

import { cache, packageFolder, root } from './built.mjs';

/** The module that workers load. */
const MODULE = 'vecvault-simd.wasm';

/**
 * Starts a worker of these sources over the bucket kept in `bucket`; `wasm` is the folder of the package, and `module`
 * which one of it is loaded.
 */
export async function start(entry, bucket, wasm = packageFolder, module = MODULE) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd'],
    external: ['*.wasm'],
    alias: { vecvault: `${packageFolder}workerd.js` },
  });
  return new Miniflare({
    modules: [
      { type: 'ESModule', path: 'worker.mjs', contents: result.outputFiles[0].text },
      { type: 'CompiledWasm', path: MODULE, contents: readFileSync(`${wasm}${module}`) },
    ],
    compatibilityDate: '2026-01-01',
    host: '127.0.0.1',
    port: 0,
    r2Buckets: ['BACKUPS'],
    r2Persist: bucket,
  });
}

/** The worker of tests/wasm/edge, and how it is called. */
export async function startTests(bucket, module = MODULE) {
  const worker = await start('tests/wasm/edge/worker.js', bucket, `${cache}wasm-conformance/`, module);
  const call = async (name, args = {}) => {
    const response = await worker.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify({ name, ...args }) });
    const { result, error } = await response.json();
    if (error) throw new Error(error);
    return result;
  };
  return { worker, call };
}
