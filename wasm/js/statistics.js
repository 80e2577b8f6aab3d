import { watchOf } from './bridge.js';

const TYPES = ['string', 'number', 'boolean', 'null', 'object', 'array'];

/** Statistics over a collection of a backup in the module that analyses. */
export async function statisticsOf(analysed, collection, watched = {}) {
  await analysed.open(watched);
  const watch = watchOf(watched);
  const found = await watch.over(() => analysed.handle.statistics(collection, watch));
  const [numbers, mean, deviation, lowest, highest, counts, positions, flat, types, keys] = found;
  const [min, average, max, start, width, count, nearZero, duplicates, compared, absent, notObjects, other] = numbers;
  const pairs = Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);
  const coverage = keys.map((key, at) => {
    const [met, ...each] = types.subarray(at * (TYPES.length + 1));
    return { key, count: met, types: Object.fromEntries(TYPES.map((type, index) => [type, each[index]])) };
  });
  return {
    count,
    dimension: mean.length,
    norms: { min, mean: average, max, histogram: { start, width, counts: Array.from(counts) } },
    dimensions: { mean, deviation, min: lowest, max: highest },
    nearZero: { count: nearZero, positions: Array.from(positions) },
    duplicates: { count: duplicates, pairs, compared },
    metadata: { absent, notObjects, keys: coverage, other },
  };
}
