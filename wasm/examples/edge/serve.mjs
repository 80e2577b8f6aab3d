// Runs the worker in workerd, the runtime of Cloudflare's edge, with a bucket in ./bucket: `npm install && npm start`.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { buildBlob, open } from 'vecvault';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** The worker as one module beside the .wasm, as a deployment uploads it. */
export async function bundle() {
  const result = await build({
    absWorkingDir: here('.'),
    entryPoints: ['worker.js'],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd'],
    external: ['*.wasm'],
  });
  const wasm = fileURLToPath(import.meta.resolve('vecvault/vecvault-simd.wasm'));
  return [
    { type: 'ESModule', path: 'worker.mjs', contents: result.outputFiles[0].text },
    { type: 'CompiledWasm', path: 'vecvault-simd.wasm', contents: readFileSync(wasm) },
  ];
}

const worker = new Miniflare({
  modules: await bundle(),
  compatibilityDate: '2026-01-01',
  host: '127.0.0.1',
  port: Number(process.env.PORT ?? 8787),
  r2Buckets: ['BACKUPS'],
  r2Persist: process.env.BUCKET ?? './bucket',
});
console.log(`listening on ${(await worker.ready).origin}`);

// A backup to look at, where there is none yet.
if (process.argv.includes('--sample')) {
  const bucket = await worker.getR2Bucket('BACKUPS');
  if ((await bucket.list({ limit: 1 })).objects.length === 0) {
    const ids = Array.from({ length: 100 }, (_, at) => `vec_${String(at).padStart(3, '0')}`);
    const vectors = new Float32Array(800).map((_, at) => Math.sin(at));
    const batches = [{ ids, vectors, metadata: ids.map((id, n) => ({ text: `sample ${n}`, n })) }];
    const collections = [{ name: 'docs', config: { dimension: 8, metric: 'cosine' }, batches }];
    const backup = await buildBlob({ name: 'sample', collections });
    const { info } = await open(backup);
    await bucket.put(`${info.id}.backup`, await backup.arrayBuffer());
    console.log(`made ${info.id}`);
  }
}

const stop = async () => {
  await worker.dispose();
  process.exit(0);
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
