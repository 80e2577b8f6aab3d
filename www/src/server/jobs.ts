/** The server's jobs: which there are, and how those that run get on. They go on whether we look or not. */
import { note } from '../app/standing.ts';
import { Store } from '../app/store.ts';
import { CallError } from '../worker/client.ts';
import { cancelJob, listJobs, showJob } from './api.ts';
import { eventsOf } from './events.ts';
import { request } from './request.ts';
import type { Job, JobProgress } from './types.ts';

/** All that the server knows, newest first. */
export const jobs = new Store<readonly Job[]>([]);

/** Counted up where a job ends, or may have: what is shown of backups, collections and jobs is old then. */
export const ended = new Store(0);

/** Those that were started here or seen running, and whose end nobody has been told of. */
export const untold = new Set<string>();

/** A browser has about six connections to a server: some of them must stay free. */
const FOLLOWED_AT_ONCE = 3;
/** After a connection that broke off, in milliseconds. */
const AGAIN_AFTER = 1_000;

const followed = new Set<string>();

/** The verifications whose word has been taken note of. */
const heard = new Set<string>();
jobs.subscribe(() => {
  // Oldest first: the latest word counts.
  for (const job of [...jobs.value].reverse()) {
    if (job.kind !== 'verify' || job.state !== 'succeeded' || !job.result || heard.has(job.id)) continue;
    heard.add(job.id);
    const { ok, verifiable } = job.result;
    if (!ok) note(job.request.backup_id, 'damaged');
    else if (verifiable && job.request.depth !== 'quick') note(job.request.backup_id, 'verified');
  }
});

/** Asks for the list; follows what runs. */
export async function refreshJobs(signal?: AbortSignal): Promise<void> {
  const listed = await listJobs(signal);
  const running = new Set(jobs.value.filter(({ state }) => state === 'running').map(({ id }) => id));
  jobs.value = listed.jobs;
  // One that ended between two looks: its events tell nothing new any more.
  if (listed.jobs.some(({ id, state }) => state !== 'running' && running.has(id))) ended.value += 1;
  followMore();
}

/** A job that has just been started, or that is new here: gives it as it ended. */
export function watchJob(job: Job): Promise<Job> {
  untold.add(job.id);
  put(job);
  followMore();
  return new Promise((resolve) => {
    const look = () => {
      const now = jobs.value.find(({ id }) => id === job.id);
      if (!now || now.state === 'running') return;
      stop();
      resolve(now);
    };
    const stop = jobs.subscribe(look);
    look();
  });
}

/** Asks a job to end; how it ends is told as it is of every job. */
export async function cancel(id: string): Promise<void> {
  try {
    put(await cancelJob(id));
  } catch (error) {
    // It has ended, or has gone too far to be cancelled: then it will have ended soon.
    if (!(error instanceof CallError) || error.failure.code !== 'conflict') throw error;
  }
}

function put(job: Job): void {
  const before = jobs.value.find(({ id }) => id === job.id);
  jobs.value = before ? jobs.value.map((each) => (each === before ? job : each)) : [job, ...jobs.value];
  if (job.state !== 'running' && before?.state !== job.state) ended.value += 1;
}

function followMore(): void {
  for (const { id, state } of jobs.value) {
    if (followed.size >= FOLLOWED_AT_ONCE) return;
    if (state === 'running' && !followed.has(id)) void follow(id);
  }
}

/** Reads a job's events until it has ended. */
async function follow(id: string): Promise<void> {
  followed.add(id);
  try {
    while (!(await readEvents(id))) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER));
      const now = await showJob(id);
      put(now);
      if (now.state !== 'running') return;
    }
  } catch {
    // The server does not answer, or wants a token: the next look at the list begins anew.
  } finally {
    followed.delete(id);
    followMore();
  }
}

/** Whether its end was among them: a connection may break off before. */
async function readEvents(id: string): Promise<boolean> {
  const { body } = await request(`jobs/${id}/events`);
  if (!body) return false;
  try {
    for await (const { event, data } of eventsOf(body)) {
      if (event === 'end') {
        put(JSON.parse(data) as Job);
        return true;
      }
      if (event !== 'progress') continue;
      const progress = JSON.parse(data) as JobProgress;
      const job = jobs.value.find((each) => each.id === id);
      if (job?.state === 'running') put({ ...job, progress });
    }
  } catch {
    // It broke off: we ask again.
  }
  return false;
}
