/** The server's jobs in words: what each does, how it stands, what came of it. */
import { announce } from '../../app/announce.ts';
import { jobs, untold } from '../../server/jobs.ts';
import { failureOfEnvelope } from '../../server/request.ts';
import type { Job } from '../../server/types.ts';
import type { Tone } from '../../ui/Badge.tsx';
import { date, number, plural } from '../../ui/format.ts';
import { grouped } from '../../ui/grouped.ts';
import { listed, type Entry } from './entries.ts';

export const STATES: Readonly<Record<Job['state'], readonly [string, Tone]>> = {
  running: ['Running', 'plain'],
  succeeded: ['Done', 'good'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'plain'],
  interrupted: ['Interrupted', 'warn'],
};

export function labelOf(job: Job, entries: readonly Entry[]): string {
  if (job.kind === 'create') return `Backup “${job.request.name}”`;
  const id = job.request.backup_id;
  const entry = entries.find((each) => each.id === id);
  const name = entry?.kind === 'whole' ? `“${entry.backup.name}” of ${date(entry.backup.date)}` : `backup ${id}`;
  return job.kind === 'restore' ? `Restore of ${name}` : `Verification of ${name}`;
}

/** What came of a job, in a few words. */
export function resultOf(job: Job): string {
  if (job.state === 'cancelled') return 'Nothing was changed';
  if (job.error) return grouped(failureOfEnvelope(job.error, job.error.status_code).message);
  if (job.kind === 'restore') {
    const restored = job.result?.restored ?? [];
    return restored.map(({ restored_as, count }) => `${restored_as}: ${plural(count, 'record')}`).join(', ');
  }
  if (job.kind === 'create') {
    const contents = job.result?.contents;
    return contents ? plural(contents.reduce((sum, { count }) => sum + count, 0), 'record') : '';
  }
  if (!job.result) return '';
  const { ok, verifiable, records, findings } = job.result;
  if (!ok) return `${grouped(findings[0]?.message ?? 'See its findings')}${findings.length > 1 ? `, and ${number(findings.length - 1)} more` : ''}`;
  return verifiable ? `Whole: ${plural(records, 'record')}` : `Readable, but nothing proves it: ${plural(records, 'record')}`;
}

/** Each job that was started here, or seen running, is told of as it ends. */
jobs.subscribe(() => {
  const said: string[] = [];
  for (const job of jobs.value) {
    if (job.state === 'running') untold.add(job.id);
    else if (untold.delete(job.id)) said.push(`${labelOf(job, listed.value)}: ${wordOf(job)}. ${resultOf(job)}`);
  }
  if (said.length > 0) announce(said.join(' '));
});

/** A verification has done what it was asked to, and what it found is what matters. */
function wordOf(job: Job): string {
  return job.kind === 'verify' && job.result?.ok === false ? 'Damaged' : STATES[job.state][0];
}
