import type { Saved, Takes } from '../protocol.ts';
import { backupOf } from './backups.ts';
import type { Context } from './context.ts';
import { save } from './save.ts';

export async function extract({ handle, collections, as, name, to }: Takes<'extract'>, { signal, onProgress }: Context): Promise<Saved> {
  const backup = backupOf(handle);
  if (as === 'backup') return save(backup.extract(collections, { name, signal, onProgress }), to, signal);
  const [collection = ''] = collections;
  // JSON lines are about as long as the records are in the backup: the share is right, the end is near the end.
  const total = backup.collections.find((each) => each.name === collection)?.bytes;
  const tell = (bytes: number) => onProgress({ phase: 'writing', records: 0, totalRecords: undefined, bytes, totalBytes: total && Math.max(total, bytes) });
  return save(backup.lines(collection, { signal }), to, signal, tell);
}
