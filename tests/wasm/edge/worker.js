// What only the tests ask of a worker: the conformance suite over its bucket, its memory, and how fast it verifies.
import { R2Store, build, diffBackups, initAnalysis, memoryBytes, open, openBackup } from 'vecvault';
import analysis from 'vecvault/vecvault-analysis-simd.wasm';

import { checkStore, initSync } from '../../.cache/wasm-conformance/glue.js';
import { storeBridge } from '../../../wasm/pkg/bridge.js';
import { backupOf, bytesOf, sample } from '../samples.mjs';
import conformance from './conformance.wasm';

let held;

const calls = {
  async conformance({ bucket }) {
    initSync({ module: conformance });
    return checkStore(storeBridge(new R2Store(bucket)), 60);
  },
  /** Verifies a backup of the bucket; time goes on here only with reads, so that the caller takes it. */
  async verify({ bucket, id }) {
    const report = await (await openBackup(new R2Store(bucket), id)).verify();
    return { ok: report.ok, records: report.records, bytes: report.bytes, memory: memoryBytes() };
  },
  /** Holds so many bytes, as much as a backup read whole. */
  async hold({ bytes }) {
    held = new Uint8Array(bytes);
    return held.length;
  },
  /** Verifies bytes in memory, again and again. */
  async verifyInMemory({ count, rounds }) {
    const backup = await open(await bytesOf(build(backupOf(sample(count, 384, { special: false })))));
    for (let round = 0; round < rounds; round += 1) await backup.verify();
    return { bytes: backup.info.size * rounds, memory: memoryBytes() };
  },
  /** Looks closer at two backups of the bucket: without the module that does, and with it. */
  async analysis({ bucket, a, b }) {
    const store = new R2Store(bucket);
    const [one, other] = [await openBackup(store, a), await openBackup(store, b)];
    const refused = await one.statistics('docs').then(() => undefined, ({ message }) => message);
    await initAnalysis(analysis);
    const { norms } = await one.statistics('docs');
    const { x } = await one.projection('docs');
    return { refused, norms, x: Array.from(x), difference: await diffBackups(one, other) };
  },
  async parseInMemory({ count, rounds }) {
    const text = await new Response(build(backupOf(sample(count, 384, { special: false })))).text();
    for (let round = 0; round < rounds; round += 1) JSON.parse(text);
    return { bytes: text.length * rounds };
  },
  async built() {
    const digest = await crypto.subtle.digest('SHA-256', await bytesOf(build(backupOf(sample(3_000, 96)))));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  },
};

export default {
  async fetch(request, env) {
    const { name, ...args } = await request.json();
    try {
      return Response.json({ result: await calls[name]({ ...args, bucket: env.BACKUPS }) });
    } catch (error) {
      return Response.json({ error: `${error.stack ?? error}` }, { status: 500 });
    }
  },
};
