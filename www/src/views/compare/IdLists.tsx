import { useState } from 'preact/hooks';
import type { CollectionDiff } from 'vecvault';

import type { Handle } from '../../worker/protocol.ts';
import { number } from '../../ui/format.ts';
import { Versions } from './Versions.tsx';

/** How many ids are shown before they are asked for. */
const AT_ONCE = 12;

interface Props {
  readonly diff: CollectionDiff;
  readonly a: Handle;
  readonly b: Handle;
}

/** The ids of the records that differ; one of them is looked at in both versions. */
export function IdLists({ diff, a, b }: Props) {
  const [looked, setLooked] = useState<string>();
  const lists = [
    { title: 'Only in A', count: diff.removed, ids: diff.removedIds },
    { title: 'Only in B', count: diff.added, ids: diff.addedIds },
    { title: 'Changed', count: diff.changed, ids: diff.changedIds },
  ];
  return (
    <div class="id-lists">
      {lists.filter(({ count }) => count > 0).map((list) => <IdList key={list.title} {...list} looked={looked} onLook={setLooked} />)}
      {looked !== undefined && <Versions key={looked} id={looked} collection={diff.name} a={a} b={b} onClose={() => setLooked(undefined)} />}
    </div>
  );
}

interface ListProps {
  readonly title: string;
  readonly count: number;
  readonly ids: readonly string[];
  readonly looked: string | undefined;
  readonly onLook: (id: string) => void;
}

function IdList({ title, count, ids, looked, onLook }: ListProps) {
  const [shown, setShown] = useState(AT_ONCE);
  return (
    <div class="id-list">
      <h4>{title} <span class="muted numeric">{number(count)}</span></h4>
      <ul>
        {ids.slice(0, shown).map((id) => (
          <li key={id}><button type="button" class="link mono" aria-pressed={id === looked} onClick={() => onLook(id)}>{id}</button></li>
        ))}
        {shown < ids.length && <li><button type="button" class="quiet small" onClick={() => setShown(ids.length)}>Show {number(ids.length - shown)} more</button></li>}
        {shown >= ids.length && ids.length < count && <li class="small muted">and {number(count - ids.length)} more</li>}
      </ul>
    </div>
  );
}
