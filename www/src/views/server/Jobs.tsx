/** The server's work: what runs, with a way to stop it, and what came of the rest. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { useStore } from '../../app/store.ts';
import { cancel, jobs } from '../../server/jobs.ts';
import { failureOfEnvelope } from '../../server/request.ts';
import type { Job } from '../../server/types.ts';
import { failureIn } from '../../worker/client.ts';
import type { Failure } from '../../worker/protocol.ts';
import { Badge, type Tone } from '../../ui/Badge.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { date, number, plural } from '../../ui/format.ts';
import { progressOf } from './progress.ts';
import type { Entry } from './entries.ts';

/** How many jobs that have ended are shown at first. */
const AT_ONCE = 5;

export function RunningJobs({ entries, onFailure }: { entries: readonly Entry[]; onFailure: (failure: Failure) => void }) {
  const running = useStore(jobs).filter(({ state }) => state === 'running');
  if (running.length === 0) return null;
  return (
    <section class="panel running" aria-label="Running">
      {running.map((job) => <RunningJob key={job.id} job={job} label={labelOf(job, entries)} onFailure={onFailure} />)}
    </section>
  );
}

export function RunningJob({ job, label, onFailure }: { job: Job; label: string; onFailure: (failure: Failure) => void }) {
  const stop = () => void cancel(job.id).catch((error) => onFailure(failureIn(error)));
  return <ProgressBar label={label} progress={progressOf(job)} onCancel={stop} />;
}

export function JobHistory({ jobs: all, entries }: { jobs: readonly Job[]; entries: readonly Entry[] }) {
  const past = all.filter(({ state }) => state !== 'running');
  const [shown, setShown] = useState(AT_ONCE);
  if (past.length === 0) return null;
  return (
    <section aria-labelledby="history">
      <h2 id="history">What was done</h2>
      <ul class="jobs">
        {past.slice(0, shown).map((job) => (
          <li key={job.id}>
            <JobBadge job={job} />
            <span class="job-what">{labelOf(job, entries)}<span class="small muted job-result">{resultOf(job)}</span></span>
            <time class="small muted" dateTime={job.finished ?? job.started}>{date(job.finished ?? job.started)}</time>
          </li>
        ))}
      </ul>
      {shown < past.length && <button type="button" class="quiet" onClick={() => setShown(past.length)}>Show all {number(past.length)}</button>}
    </section>
  );
}

const STATES: Readonly<Record<Job['state'], readonly [string, Tone]>> = {
  running: ['Running', 'plain'],
  succeeded: ['Done', 'good'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'plain'],
  interrupted: ['Interrupted', 'warn'],
};

function labelOf(job: Job, entries: readonly Entry[]): string {
  if (job.kind === 'create') return `Backup “${job.request.name}”`;
  const id = job.request.backup_id;
  const entry = entries.find((each) => each.id === id);
  const name = entry?.kind === 'whole' ? `“${entry.backup.name}” of ${date(entry.backup.date)}` : `backup ${id}`;
  return job.kind === 'restore' ? `Restore of ${name}` : `Verification of ${name}`;
}

function JobBadge({ job }: { job: Job }) {
  // It has done what it was asked to, and what it found is what matters.
  if (job.kind === 'verify' && job.result?.ok === false) return <Badge tone="bad">Damaged</Badge>;
  const [word, tone] = STATES[job.state];
  return <Badge tone={tone}>{word}</Badge>;
}

/** What came of a job, in a few words. */
function resultOf(job: Job): ComponentChildren {
  if (job.state === 'cancelled') return 'Nothing was changed';
  if (job.error) return failureOfEnvelope(job.error, job.error.status_code).message;
  if (job.kind === 'restore') {
    const restored = job.result?.restored ?? [];
    return restored.map(({ restored_as, count }) => `${restored_as}: ${plural(count, 'record')}`).join(', ');
  }
  if (job.kind === 'create') {
    const contents = job.result?.contents;
    return contents && plural(contents.reduce((sum, { count }) => sum + count, 0), 'record');
  }
  if (!job.result) return undefined;
  const { ok, verifiable, records, findings } = job.result;
  if (!ok) return `${findings[0]?.message ?? 'See its findings'}${findings.length > 1 ? `, and ${number(findings.length - 1)} more` : ''}`;
  return verifiable ? `Whole: ${plural(records, 'record')}` : `Readable, but nothing proves it: ${plural(records, 'record')}`;
}
