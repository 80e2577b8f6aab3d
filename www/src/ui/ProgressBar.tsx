import type { Progress } from 'vecvault';

import { bytes, duration, number, plural, share } from './format.ts';
import { measureOf, usePace } from './pace.ts';

/** How far something has come, how quickly it goes, how long it will take, and a way to stop it. */
export function ProgressBar({ label, progress, onCancel }: { label: string; progress: Progress | undefined; onCancel?: () => void }) {
  const measure = progress && measureOf(progress);
  const pace = usePace(measure);
  const part = measure?.total ? Math.min(1, measure.done / measure.total) : undefined;
  const said = [
    ...(progress && measure ? saidOf(progress, measure.unit) : []),
    ...(pace ? [`${measure?.unit === 'records' ? plural(Math.round(pace.perSecond), 'record') : bytes(pace.perSecond)}/s`] : []),
    ...(pace?.left !== undefined ? [`${duration(pace.left)} left`] : []),
  ];
  return (
    <div class="progress">
      <div class="progress-head">
        <span>{label}</span>
        <span class="numeric">{part === undefined ? '' : share(part)}</span>
      </div>
      <progress aria-label={label} max={1} value={part} />
      <div class="progress-foot">
        <span class="numeric">{said.join(' · ')}</span>
        {onCancel && <button type="button" onClick={onCancel}>Cancel</button>}
      </div>
    </div>
  );
}

function saidOf({ bytes: done, totalBytes, records, totalRecords }: Progress, unit: 'bytes' | 'records'): string[] {
  if (unit === 'records') return [`${number(records)} of ${plural(totalRecords ?? records, 'record')}`];
  const read = totalBytes === undefined ? bytes(done) : `${bytes(done)} of ${bytes(totalBytes)}`;
  return records > 0 ? [read, plural(records, 'record')] : [read];
}
