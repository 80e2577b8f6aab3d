import type { Progress } from 'vecvault';

import { bytes, duration, plural, share } from './format.ts';
import { usePace } from './pace.ts';

/** How far something has come, how quickly it goes, how long it will take, and a way to stop it. */
export function ProgressBar({ label, progress, onCancel }: { label: string; progress: Progress | undefined; onCancel?: () => void }) {
  const pace = usePace(progress);
  const total = progress?.totalBytes;
  const done = total ? Math.min(1, (progress?.bytes ?? 0) / total) : undefined;
  return (
    <div class="progress">
      <div class="progress-head">
        <span>{label}</span>
        <span class="numeric">{done === undefined ? '' : share(done)}</span>
      </div>
      <progress aria-label={label} max={1} value={done} />
      <div class="progress-foot">
        <span class="numeric">
          {progress && `${bytes(progress.bytes)}${total ? ` of ${bytes(total)}` : ''}`}
          {progress && progress.records > 0 && ` · ${plural(progress.records, 'record')}`}
          {pace && ` · ${bytes(pace.perSecond)}/s`}
          {pace?.left !== undefined && ` · ${duration(pace.left)} left`}
        </span>
        {onCancel && <button type="button" onClick={onCancel}>Cancel</button>}
      </div>
    </div>
  );
}
