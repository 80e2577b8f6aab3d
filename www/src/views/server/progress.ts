import type { Progress } from 'vecvault';

import type { Job } from '../../server/types.ts';

/** How far a job has come, as the page's progress bars take it. */
export function progressOf({ progress }: Job): Progress | undefined {
  if (!progress) return undefined;
  const { phase, records, total_records, bytes, total_bytes } = progress;
  return {
    phase: phase === 'writing' ? 'writing' : 'reading',
    records,
    totalRecords: total_records ?? undefined,
    bytes,
    totalBytes: total_bytes ?? undefined,
  };
}
