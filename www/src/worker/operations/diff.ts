import { diffBackups } from 'vecvault/slim';
import type { DiffReport } from 'vecvault';

import type { Takes } from '../protocol.ts';
import { backupOf } from './backups.ts';
import type { Context } from './context.ts';

export function diff({ a, b, limit }: Takes<'diff'>, { signal, onProgress }: Context): Promise<DiffReport> {
  return diffBackups(backupOf(a), backupOf(b), { limit, signal, onProgress });
}
