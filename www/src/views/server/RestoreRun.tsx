import { useState } from 'preact/hooks';

import { href } from '../../app/route.ts';
import { useStore } from '../../app/store.ts';
import { jobs } from '../../server/jobs.ts';
import type { Failure } from '../../worker/protocol.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { plural } from '../../ui/format.ts';
import { RunningJob } from './Jobs.tsx';
import type { Restoring } from './restoring.ts';

/** How a restore gets on, or what came of it. */
export function RestoreRun({ run, onAgain }: { run: Restoring; onAgain: () => void }) {
  const { step, job, kept, result, failure } = useStore(run);
  const current = useStore(jobs).find(({ id }) => id === job);
  const [refused, setRefused] = useState<Failure>();
  const again = <button type="button" onClick={onAgain}>Look at the plan again</button>;
  if (step === 'stopped') {
    const isCancelled = failure?.code === 'cancelled';
    return (
      <FailureNote title={isCancelled ? 'Cancelled' : 'Nothing was restored'} failure={failure ?? { code: 'internal', message: '' }}>
        <p>Every collection is as it was.{kept && ` The backup “${kept}” of what was to be replaced is there.`}</p>
        <p class="actions">{again} <a class="as-button" href={href('server')}>Back to the backups</a></p>
      </FailureNote>
    );
  }
  if (step === 'done') {
    return (
      <section class="note good" role="status">
        <h2>Restored, and proved</h2>
        <p>Every record was read back and compared with the backup before it became live.</p>
        <ul>
          {result?.restored?.map(({ restored_as, count }) => <li key={restored_as}><strong>{restored_as}</strong>: {plural(count, 'record')}</li>)}
        </ul>
        {kept && <p>What was there before is in the backup “{kept}”.</p>}
        <p class="actions"><a class="as-button" href={href('server')}>Back to the backups</a></p>
      </section>
    );
  }
  const label = step === 'keeping' ? 'First, a backup of what is replaced. Keep this tab open until the restore begins' : 'Restoring';
  return (
    <section class="panel">
      {refused && <FailureNote title="It was not cancelled" failure={refused} />}
      {current ? <RunningJob job={current} label={label} onFailure={setRefused} /> : <p role="status">{label}…</p>}
    </section>
  );
}
