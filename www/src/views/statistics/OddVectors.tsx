/** Vectors without direction, and vectors that are there more than once. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Statistics } from 'vecvault';

import { href } from '../../app/route.ts';
import { number, plural } from '../../ui/format.ts';

/** How many are shown before more are asked for. */
const AT_ONCE = 8;

export function OddVectors({ collection, statistics }: { collection: string; statistics: Statistics }) {
  const { nearZero, duplicates, count } = statistics;
  const record = (position: number) => (
    <a class="numeric" href={href('records', { collection, at: position + 1 })}>{number(position + 1)}</a>
  );
  return (
    <ul class="odd">
      <li>
        {nearZero.count === 0 ? (
          'No vector is next to zero: each has a direction.'
        ) : (
          <>
            <strong>{plural(nearZero.count, 'vector')}</strong> {nearZero.count === 1 ? 'is' : 'are'} next to zero and cannot be found by similarity. Records{' '}
            <Some items={nearZero.positions} total={nearZero.count} show={record} />
          </>
        )}
      </li>
      <li>
        {duplicates.count === 0 ? (
          'No vector is there twice.'
        ) : (
          <>
            <strong>{plural(duplicates.count, 'vector')}</strong> {duplicates.count === 1 ? 'equals' : 'equal'} an earlier one, bit for bit. Records{' '}
            <Some items={duplicates.pairs} total={duplicates.count} show={([first, again]) => <>{record(again)} as {record(first)}</>} />
          </>
        )}
        {duplicates.compared < count && <span class="muted"> The first {number(duplicates.compared)} vectors were compared.</span>}
      </li>
    </ul>
  );
}

function Some<T>({ items, total, show }: { items: readonly T[]; total: number; show: (item: T) => ComponentChildren }) {
  const [shown, setShown] = useState(AT_ONCE);
  const rest = total - Math.min(shown, items.length);
  return (
    <>
      {items.slice(0, shown).map((item, at) => <span key={at}>{at > 0 && ', '}{show(item)}</span>)}
      {rest > 0 && shown < items.length && <button type="button" class="quiet small" onClick={() => setShown(items.length)}>and {number(rest)} more</button>}
      {rest > 0 && shown >= items.length && <span class="muted"> and {number(rest)} more</span>}
    </>
  );
}
