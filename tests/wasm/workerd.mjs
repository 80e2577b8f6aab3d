// Workers in workerd, the real runtime, with a bucket whose ranged reads are those of R2.
import { readFileSync } from 'node:fs';

import { build } from 'esbuild';
import { Miniflare, fetch } from 'miniflare';

import { conformanceFolder, packageFolder, root } from './built.mjs';

/** The module that workers load, and the one that they may import. */
const MODULE = 'vecvault-simd.wasm';
const ANALYSIS = 'vecvault-analysis-simd.wasm';

/** A module as a worker has it: what it is imported as, and its file. */
const compiled = (path, file) => ({ type: 'CompiledWasm', path, contents: readFileSync(file) });

/** Starts a worker of these sources over the bucket kept in `bucket`; `module` is what it has for `MODULE`. */
export async function start(entry, bucket, { module = MODULE, more = [] } = {}) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd'],
    external: ['*.wasm'],
    alias: { vecvault: `${packageFolder}workerd.js`, [`vecvault/${ANALYSIS}`]: `./${ANALYSIS}` },
  });
  return new Miniflare({
    modules: [
      { type: 'ESModule', path: 'worker.mjs', contents: result.outputFiles[0].text },
      compiled(MODULE, `${packageFolder}${module}`),
      ...more,
    ],
    compatibilityDate: '2026-01-01',
    host: '127.0.0.1',
    port: 0,
    inspectorPort: 0,
    r2Buckets: ['BACKUPS'],
    r2Persist: bucket,
  });
}

/** The worker of tests/wasm/edge, and how it is called. */
export async function startTests(bucket, module = MODULE) {
  const more = [
    compiled(ANALYSIS, `${packageFolder}${ANALYSIS}`),
    compiled('conformance.wasm', `${conformanceFolder}vecvault-simd.wasm`),
  ];
  const worker = await start('tests/wasm/edge/worker.js', bucket, { module, more });
  const call = async (name, args = {}) => {
    const response = await worker.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify({ name, ...args }) });
    const { result, error } = await response.json();
    if (error) throw new Error(error);
    return result;
  };
  return { worker, call };
}

/**
 * The most that a worker's isolate was seen to hold while `work` ran, in bytes, and what came of that: its heap and its
 * buffers, as the runtime's inspector tells them fifty times a second, and once after `work`. The module's memory
 * is not among them.
 */
export async function watched(worker, work) {
  const address = await worker.getInspectorURL();
  const { webSocket } = await fetch(`http://${address.host}/core:user:`, { headers: { Upgrade: 'websocket' } });
  webSocket.accept();
  let [asked, seen, most, told] = [0, 0, 0];
  const ask = () => webSocket.send(JSON.stringify({ id: (asked += 1), method: 'Runtime.getHeapUsage' }));
  webSocket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(data);
    most = Math.max(most, result.totalSize + result.backingStorageSize);
    seen += 1;
    told?.(id);
  });
  const asking = setInterval(ask, 20);
  try {
    const result = await work();
    clearInterval(asking);
    ask();
    // What it holds in the end too: the answer to what was asked after it.
    await new Promise((resolve) => {
      told = (id) => id === asked && resolve();
    });
    return { result, most, seen };
  } finally {
    clearInterval(asking);
    webSocket.close();
  }
}
