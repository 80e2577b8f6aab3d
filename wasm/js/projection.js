import { watchOf } from './bridge.js';
import { guardedSync, invalid } from './errors.js';
import { release } from './native.js';
import { RecordPage } from './records.js';
import { turn } from './streams.js';

/** A picture of a collection of a backup in the module that analyses. */
export async function projectionOf(analysed, collection, { sample = 2000, ...watched } = {}) {
  if (!Number.isSafeInteger(sample) || sample < 1) throw invalid('sample: a whole number from 1 on');
  const { signal } = watched;
  await analysed.open(watched);
  const watch = watchOf(watched);
  const work = await watch.over(() => analysed.handle.project(collection, Math.min(sample, 1e6), watch));
  try {
    while (!guardedSync(() => work.step())) {
      await turn();
      signal?.throwIfAborted();
    }
  } catch (error) {
    release(work);
    throw error;
  }
  const [[alongX, alongY], positions, x, y, records] = guardedSync(() => work.finish());
  const page = RecordPage.from(records);
  const texts = (text) => Array.from({ length: page.length }, (_, at) => text(at));
  return {
    total: page.total,
    positions,
    x,
    y,
    explained: { x: alongX, y: alongY },
    ids: texts((at) => page.id(at)),
    metadataText: texts((at) => page.metadataText(at)),
  };
}
