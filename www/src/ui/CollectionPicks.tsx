import { useState } from 'preact/hooks';

import { choose } from './chosen.ts';
import { number } from './format.ts';

/** How many are shown at once: there may be ten thousand. */
const AT_ONCE = 200;

interface Props {
  readonly collections: readonly { readonly name: string; readonly count: number }[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

/** Which collections, all at once or one by one. */
export function CollectionPicks({ collections, chosen, onChoose }: Props) {
  const [shown, setShown] = useState(AT_ONCE);
  const isAll = collections.every(({ name }) => chosen.has(name));
  const toggle = (name: string, is: boolean) => onChoose(choose(chosen, name, is));
  return (
    <fieldset class="picks">
      <legend>Collections</legend>
      {collections.length > 1 && (
        <label class="pick">
          <input type="checkbox" checked={isAll} onChange={() => onChoose(new Set(isAll ? [] : collections.map(({ name }) => name)))} />
          <span class="muted">All {number(collections.length)}</span>
        </label>
      )}
      <div class="picks-list">
        {collections.slice(0, shown).map(({ name, count }) => (
          <label class="pick" key={name}>
            <input type="checkbox" checked={chosen.has(name)} onChange={(event) => toggle(name, event.currentTarget.checked)} />
            <span>{name}</span>
            <span class="muted numeric small">{number(count)}</span>
          </label>
        ))}
        {shown < collections.length && (
          <button type="button" class="quiet small" onClick={() => setShown(shown + AT_ONCE)}>Show more of {number(collections.length)}</button>
        )}
      </div>
    </fieldset>
  );
}
