import { diffBackups } from 'vecvault/slim';
import type { DiffReport } from 'vecvault';

import type { Takes } from '../protocol.ts';
import { backupOf } from './backups.ts';
import type { Context } from './context.ts';
import { loadAnalysis } from './modules.ts';

export async function diff({ a, b, limit }: Takes<'diff'>, { signal, onProgress }: Context): Promise<DiffReport> {
  await loadAnalysis();
  return diffBackups(backupOf(a), backupOf(b), { limit, signal, onProgress });
}
