/** A restore on its way: first a backup of what it replaces, where that is wanted, and then the restore itself. */
import { Store } from '../../app/store.ts';
import { createBackup, restoreBackup } from '../../server/api.ts';
import { watchJob } from '../../server/jobs.ts';
import type { Job, RestoreRequest } from '../../server/types.ts';
import { failureOfEnvelope } from '../../server/request.ts';
import { failureIn } from '../../worker/client.ts';
import type { Failure } from '../../worker/protocol.ts';

export interface RestoreState {
  readonly step: 'keeping' | 'restoring' | 'done' | 'stopped';
  /** The job of this step, once it is known. */
  readonly job: string | undefined;
  /** The name of the backup that was made of what is replaced. */
  readonly kept: string | undefined;
  readonly result?: Extract<Job, { kind: 'restore' }>['result'];
  readonly failure?: Failure;
}

export type Restoring = Store<RestoreState>;

interface Wish {
  readonly request: RestoreRequest;
  /** The backup's name. */
  readonly name: string;
  /** Live collections to back up before. */
  readonly replaced: readonly string[];
}

export function startRestore(wish: Wish): Restoring {
  const run: Restoring = new Store<RestoreState>({ step: wish.replaced.length > 0 ? 'keeping' : 'restoring', job: undefined, kept: undefined });
  void perform(wish, run);
  return run;
}

async function perform({ request, name, replaced }: Wish, run: Restoring): Promise<void> {
  const ended = async (job: Job) => {
    run.value = { ...run.value, job: job.id };
    const last = await watchJob(job);
    if (last.state === 'succeeded') return last;
    const failure: Failure = last.error ? failureOfEnvelope(last.error, last.error.status_code) : { code: last.state, message: `the job is ${last.state}` };
    run.value = { ...run.value, step: 'stopped', failure };
    return undefined;
  };
  try {
    if (replaced.length > 0) {
      const kept = `before restoring ${name}`.slice(0, 60);
      if (!(await ended(await createBackup(kept, replaced)))) return;
      run.value = { step: 'restoring', job: undefined, kept };
    }
    const last = await ended(await restoreBackup(request));
    if (last?.kind === 'restore') run.value = { ...run.value, step: 'done', result: last.result };
  } catch (error) {
    run.value = { ...run.value, step: 'stopped', failure: failureIn(error) };
  }
}
