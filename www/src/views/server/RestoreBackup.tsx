/** A restore: what it would do, collection by collection; a confirmation that names what is replaced; how it goes. */
import { useState } from 'preact/hooks';

import { href } from '../../app/route.ts';
import { standings } from '../../app/standing.ts';
import { useStore } from '../../app/store.ts';
import { useLoaded } from '../../app/useLoaded.ts';
import { listBackups, planRestore } from '../../server/api.ts';
import { ended, jobs, refreshJobs } from '../../server/jobs.ts';
import type { RestorePlan, RestoreStep } from '../../server/types.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { bytes, date, number, plural } from '../../ui/format.ts';
import { entriesOf, listed } from './entries.ts';
import { PlanTable } from './PlanTable.tsx';
import { ReplaceDialog } from './ReplaceDialog.tsx';
import { RestoreRun } from './RestoreRun.tsx';
import { startRestore, type Restoring } from './restoring.ts';

/** How many damaged collections are named. */
const NAMED = 8;

interface Props {
  readonly id: string;
  /** Which collections are chosen at first; all where it is not said. */
  readonly wanted: readonly string[] | undefined;
}

export function RestoreBackup({ id, wanted }: Props) {
  const changes = useStore(ended);
  const [run, setRun] = useState<Restoring>();
  const list = useLoaded('backups', listBackups);
  // What is live changes with every job: the plan is made again.
  const whole = useLoaded(`plan ${changes}`, (signal) => planRestore({ backup_id: id }, signal));
  // Its verifications tell whether it is damaged, which a plan does not.
  useLoaded('jobs', refreshJobs);
  const isDamaged = useStore(standings).get(id) === 'damaged';
  if (list.value) listed.value = entriesOf(list.value);
  const backup = list.value?.backups.find((each) => each.id === id);
  const name = backup?.name ?? id;
  return (
    <>
      <p class="back"><a href={href('server')}>‹ Backups</a></p>
      <h1>Restore “{name}”</h1>
      {backup && <p class="lead"><time dateTime={backup.date}>{date(backup.date)}</time> · {bytes(backup.size)} · {plural(backup.collections.length, 'collection')}</p>}
      {run && <RestoreRun run={run} onAgain={() => setRun(undefined)} />}
      {!run && whole.failure && <FailureNote title="This backup cannot be restored" failure={whole.failure} />}
      {!run && !whole.value && !whole.failure && <p class="muted" role="status">Looking at what would change…</p>}
      {!run && whole.value && isDamaged && <DamageNote id={id} />}
      {!run && whole.value && <Choose id={id} name={name} whole={whole.value} wanted={wanted} version={changes} onRun={setRun} />}
    </>
  );
}

interface ChooseProps extends Props {
  readonly name: string;
  readonly whole: RestorePlan;
  readonly version: number;
  readonly onRun: (run: Restoring) => void;
}

function Choose({ id, name, whole, wanted, version, onRun }: ChooseProps) {
  const all = whole.steps.map((step) => step.name);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(wanted ? all.filter((each) => wanted.includes(each)) : all));
  const [isConfirming, setIsConfirming] = useState(false);
  const [keepsOld, setKeepsOld] = useState(true);
  const isAll = chosen.size === all.length && !wanted;
  const names = all.filter((each) => chosen.has(each));
  const request = { backup_id: id, ...(!isAll && { collections: names }) };
  const plan = useLoaded(`${version} ${JSON.stringify(request)}`, (signal) => (isAll || names.length === 0 ? Promise.resolve(whole) : planRestore(request, signal)));
  const conflicts = plan.value?.conflicts ?? [];
  const steps = whole.steps.filter((step) => chosen.has(step.name));
  const replaced = steps.filter(({ action }) => action === 'replace');
  const start = () => {
    setIsConfirming(false);
    onRun(startRestore({ request, name, replaced: keepsOld ? replaced.map((step) => step.restored_as) : [] }));
  };
  return (
    <>
      {plan.failure && <FailureNote title="This selection cannot be restored" failure={plan.failure} />}
      {conflicts.length > 0 && <Conflicts conflicts={conflicts} />}
      <section aria-labelledby="plan">
        <h2 id="plan">What would happen</h2>
        <PlanTable steps={whole.steps} chosen={chosen} onChoose={setChosen} />
      </section>
      <p class="plan-summary" role="status">{summaryOf(steps)}</p>
      <p class="small muted">The plan is made from the index and reads no record. The restore proves each one before any of it becomes live.</p>
      {replaced.length > 0 && (
        <label class="pick">
          <input type="checkbox" checked={keepsOld} onChange={(event) => setKeepsOld(event.currentTarget.checked)} />
          <span>First back up what is replaced, so that this can be undone</span>
        </label>
      )}
      <p class="actions">
        <button
          type="button"
          class="primary"
          disabled={steps.length === 0 || conflicts.length > 0 || plan.isRunning || plan.failure !== undefined}
          onClick={() => (replaced.length > 0 ? setIsConfirming(true) : start())}
        >
          Restore {plural(steps.length, 'collection')}{replaced.length > 0 && '…'}
        </button>
        <a class="as-button" href={href('server')}>Cancel</a>
      </p>
      {isConfirming && <ReplaceDialog replaced={replaced} isKept={keepsOld} onConfirm={start} onClose={() => setIsConfirming(false)} />}
    </>
  );
}

/** Of a backup that does not hold what its index says: the plan cannot know, the restore would find out. */
function DamageNote({ id }: { id: string }) {
  const verification = useStore(jobs).find((job) => job.kind === 'verify' && job.request.backup_id === id && job.result?.ok === false);
  const findings = verification?.kind === 'verify' ? (verification.result?.findings ?? []) : [];
  const hit = [...new Set(findings.flatMap(({ collection }) => (collection === null ? [] : [collection])))];
  return (
    <section class="note bad" role="alert">
      <h2>This backup is damaged</h2>
      <p>
        {hit.length > 0 ? <>Verifying it found damage in <strong>{hit.slice(0, NAMED).join(', ')}</strong>{hit.length > NAMED && ' and others'}.</> : 'Damage was met in it.'}{' '}
        The plan below does not read the records: restoring what is damaged fails, and changes nothing. Other collections can be restored without it.
      </p>
    </section>
  );
}

function Conflicts({ conflicts }: { conflicts: readonly string[] }) {
  return (
    <section class="note bad" role="alert">
      <h2>The server would refuse this</h2>
      <ul>{conflicts.map((conflict) => <li key={conflict}>{conflict}</li>)}</ul>
    </section>
  );
}

function summaryOf(steps: readonly RestoreStep[]): string {
  if (steps.length === 0) return 'Nothing is chosen.';
  const count = (action: RestoreStep['action']) => steps.filter((step) => step.action === action).length;
  const parts = [
    [count('replace'), 'replaced'],
    [count('create'), 'created'],
    [count('same'), 'already the same'],
  ].filter(([number]) => number !== 0);
  return `${parts.map(([amount, what]) => `${number(Number(amount))} ${what}`).join(', ')}. All at one moment, or nothing at all.`;
}
