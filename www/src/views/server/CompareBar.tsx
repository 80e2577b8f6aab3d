import { href } from '../../app/route.ts';
import { date } from '../../ui/format.ts';
import type { Entry } from './entries.ts';

/** Which two backups are to be compared, and the way to it. The earlier one is A. */
export function CompareBar({ entries, chosen, onForget }: { entries: readonly Entry[]; chosen: readonly string[]; onForget: (id: string) => void }) {
  const picked = entries.filter((entry) => entry.kind === 'whole').filter(({ id }) => chosen.includes(id)).reverse();
  const [a, b] = picked;
  return (
    <div class={picked.length > 0 ? 'compare-bar on' : 'compare-bar'} role="status">
      <p>
        {!a && 'Did a backup lose records? Tick two of them to see what differs.'}
        {a && !b && <>Comparing <strong>{a.backup.name}</strong> of {date(a.backup.date)} with … tick another one.</>}
        {a && b && <><strong>{a.backup.name}</strong> of {date(a.backup.date)} and <strong>{b.backup.name}</strong> of {date(b.backup.date)}</>}
      </p>
      {a && (
        <p class="actions">
          {b && <a class="as-button primary" href={href('compare', { a: a.id, b: b.id })}>Compare these two</a>}
          <button type="button" class="quiet" onClick={() => picked.forEach(({ id }) => onForget(id))}>Untick</button>
        </p>
      )}
    </div>
  );
}
