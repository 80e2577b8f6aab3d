/** The backups that are open: other operations find them here by their handle. */
import { memoryBytes, open as openBackup, VecVaultError } from 'vecvault/slim';
import type { Backup } from 'vecvault';

import type { BackupSource, Handle, OpenedBackup } from '../protocol.ts';
import type { Context } from './context.ts';
import { loadCore } from './modules.ts';
import { sourceOf } from './source.ts';

interface Open {
  readonly backup: Backup;
  readonly source: BackupSource;
}

const opened = new Map<Handle, Open>();
let last: Handle = 0;

/** Loads the core, once. */
export async function warm(): Promise<{ memoryBytes: number }> {
  await loadCore();
  return { memoryBytes: memoryBytes() };
}

export async function open({ source }: { source: BackupSource }, { signal, onProgress }: Context): Promise<OpenedBackup> {
  await warm();
  const from = sourceOf(source);
  const backup = await openBackup(from.source, { ...from.options, signal, onProgress });
  last += 1;
  opened.set(last, { backup, source });
  const { info, provenance, collections, missing } = backup;
  return { handle: last, info, provenance, collections, missing };
}

export function close({ handle }: { handle: Handle }): void {
  opened.get(handle)?.backup.close();
  opened.delete(handle);
}

/** The open backup of a handle. */
export function backupOf(handle: Handle): Backup {
  const found = opened.get(handle);
  if (!found) throw new VecVaultError('this backup has been closed', { code: 'closed' });
  return found.backup;
}
