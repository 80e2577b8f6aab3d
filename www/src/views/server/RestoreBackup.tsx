/** A restore: what it would do, collection by collection; a confirmation that names what is replaced; how it goes. */
import { useState } from 'preact/hooks';

import { href } from '../../app/route.ts';
import { useStore } from '../../app/store.ts';
import { useLoaded } from '../../app/useLoaded.ts';
import { listBackups, planRestore } from '../../server/api.ts';
import { ended } from '../../server/jobs.ts';
import type { RestorePlan, RestoreStep } from '../../server/types.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { bytes, date, number, plural } from '../../ui/format.ts';
import { PlanTable } from './PlanTable.tsx';
import { ReplaceDialog } from './ReplaceDialog.tsx';
import { RestoreRun } from './RestoreRun.tsx';
import { startRestore, type Restoring } from './restoring.ts';

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
