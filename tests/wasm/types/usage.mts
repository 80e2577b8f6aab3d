import {
  type BlobStore, type VectorRecord, MemoryStore, OpfsStore, VecVaultError, build, buildBlob, createBackup, diffBackups, hasSimd,
  initAnalysis, listBackups, memoryBytes, open, openBackup, verifySource,
} from 'vecvault';

export async function everything(file: File, store: BlobStore): Promise<string> {
  const backup = await open(file, { signal: AbortSignal.timeout(1000) });
  const { id, name, date, size, collections } = backup.info;
  for (const collection of backup.collections) {
    const exact: string = collection.configText;
    const page = await backup.page(collection.name, 0, 50);
    for (const record of page) use(record, exact);
    for await (const each of backup.records(collection.name)) use([...each][0], each.id(0));
    const stream: ReadableStream<Uint8Array> = backup.extract([collection.name], { name: 'part' });
    await stream.cancel();
  }
  const found: VectorRecord | undefined = await backup.find('docs', 'a');
  const report = await backup.verify({ onProgress: ({ bytes, totalBytes }) => use(bytes, totalBytes) });
  if (!report.ok) use(report.findings[0]?.code, report.findings[0]?.offset);
  const statistics = await backup.statistics('docs', { onProgress: ({ records, totalRecords }) => use(records, totalRecords) });
  use(statistics.norms.histogram.counts[0], statistics.dimensions.mean[0], statistics.duplicates.pairs[0]?.[1]);
  for (const { key, count, types } of statistics.metadata.keys) use(key, count / statistics.count, types.string);
  const { x, y, ids, explained } = await backup.projection('docs', { sample: 500, signal: AbortSignal.timeout(1000) });
  use(x[0], y[0], ids[0], explained.x + explained.y);
  const difference = await diffBackups(backup, backup, { limit: 10 });
  for (const found of difference.collections) if (found.status === 'different') use(found.a?.count, found.removedIds[0]);
  if (backup.provenance.kind === 'indexed') use(backup.provenance.root);
  const module = new URL(hasSimd() ? '/vecvault-analysis-simd.wasm' : '/vecvault-analysis.wasm', 'https://example.org');
  await initAnalysis(module);
  await Promise.all([initAnalysis(), initAnalysis(fetch(module)), initAnalysis(new Uint8Array(8)), initAnalysis(new WebAssembly.Module(new Uint8Array(8)))]);
  use(memoryBytes());
  backup.close();
  const batches = [{ ids: ['a'], vectors: new Float32Array(2), metadata: [{ x: 1 }] }];
  const input = { name: 'n', collections: [{ name: 'docs', config: { dimension: 2, metric: 'cosine' }, batches }] };
  use(await buildBlob(input), build({ ...input, date: new Date() }));
  const made = await createBackup(store, input);
  for (const row of await listBackups(new MemoryStore())) use('damaged' in row ? row.damaged.code : row.name);
  use(await openBackup(await OpfsStore.open(), made.id), await verifySource(new URL('https://example.org/a.backup')));
  use(await open({ size: 3, read: async (offset, length) => new Uint8Array(length).fill(offset) }));
  try {
    use(found, id, name, date, size, collections);
  } catch (error) {
    if (error instanceof VecVaultError && error.code === 'hash_mismatch') return `${error.offset} ${error.path}`;
  }
  return '';
}

function use(...values: unknown[]): void {
  values.pop();
}
