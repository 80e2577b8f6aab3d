/** The server's work: what runs, with a way to stop it, and what came of the rest. */
import { useState } from 'preact/hooks';

import { useStore } from '../../app/store.ts';
import { cancel, jobs } from '../../server/jobs.ts';
import type { Job } from '../../server/types.ts';
import { failureIn } from '../../worker/client.ts';
import type { Failure } from '../../worker/protocol.ts';
import { Badge } from '../../ui/Badge.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { date, number } from '../../ui/format.ts';
import { progressOf } from './progress.ts';
import type { Entry } from './entries.ts';
import { STATES, labelOf, resultOf } from './words.ts';

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

function JobBadge({ job }: { job: Job }) {
  // It has done what it was asked to, and what it found is what matters.
  if (job.kind === 'verify' && job.result?.ok === false) return <Badge tone="bad">Damaged</Badge>;
  const [word, tone] = STATES[job.state];
  return <Badge tone={tone}>{word}</Badge>;
}
