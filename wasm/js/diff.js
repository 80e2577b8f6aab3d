import { watchOf } from './bridge.js';
import { invalid } from './errors.js';

/** Compares two open backups, each given with what it is in the module that analyses. */
export async function compare([a, analysedA], [b, analysedB], { limit = 100, ...watched } = {}) {
  if (!Number.isSafeInteger(limit) || limit < 0) throw invalid('limit: a whole number from 0 on');
  // One after the other: what is told of the progress is of one file at a time.
  await analysedA.open(watched);
  await analysedB.open(watched);
  const watch = watchOf(watched);
  const rows = await watch.over(() => analysedA.handle.diff(analysedB.handle, Math.min(limit, 1e6), watch));
  const collections = rows.map(([name, status, configChanged, added, removed, changed, unchanged, ...ids]) => {
    const [addedIds, removedIds, changedIds] = ids;
    const counts = { added, removed, changed, unchanged, addedIds, removedIds, changedIds };
    return { name, status, a: proofOf(a, name), b: proofOf(b, name), configChanged, ...counts };
  });
  const equal = collections.every(({ status }) => status === 'equal');
  return { a: a.info.id, b: b.info.id, equal, collections };
}

/** What a backup holds under a name. */
function proofOf(backup, name) {
  const found = backup.collections.find((collection) => collection.name === name);
  return found && { count: found.count, fingerprint: found.fingerprint };
}
