/** Collection by collection: equal or not, and which records differ. */
import { useState } from 'preact/hooks';
import type { CollectionDiff, DiffReport } from 'vecvault';

import { Badge, type Tone } from '../../ui/Badge.tsx';
import { number, plural } from '../../ui/format.ts';
import { IdLists } from './IdLists.tsx';
import type { CollectionPair } from './indexes.ts';
import type { OpenSide } from './sides.ts';

/** How many collections are shown at once. */
const AT_ONCE = 100;

const STATUS: Readonly<Record<CollectionPair['status'], readonly [string, Tone]>> = {
  equal: ['Equal by index', 'plain'],
  different: ['Different', 'warn'],
  only_in_a: ['Only in A', 'warn'],
  only_in_b: ['Only in B', 'warn'],
};

const PROVEN = ['Equal', 'good'] as const;

interface Props {
  readonly pairs: readonly CollectionPair[];
  readonly report: DiffReport | undefined;
  /** Whether the records of both were read, and are what the indexes say. */
  readonly proven: boolean;
  readonly a: OpenSide;
  readonly b: OpenSide;
}

export function CollectionDiffs({ pairs, report, proven, a, b }: Props) {
  const [shown, setShown] = useState(AT_ONCE);
  const equal = pairs.filter(({ status }) => status === 'equal').length;
  return (
    <section aria-labelledby="collections">
      <h2 id="collections">{plural(pairs.length, 'collection')}, {number(equal)} equal</h2>
      <ul class="collections">
        {pairs.slice(0, shown).map((pair) => (
          <li key={pair.name}>
            <Row pair={pair} diff={report?.collections.find(({ name }) => name === pair.name)} proven={proven} a={a} b={b} />
          </li>
        ))}
      </ul>
      {shown < pairs.length && <button type="button" onClick={() => setShown(shown + AT_ONCE)}>Show more of {number(pairs.length)}</button>}
    </section>
  );
}

function Row({ pair, diff, proven, a, b }: { pair: CollectionPair; diff: CollectionDiff | undefined; proven: boolean; a: OpenSide; b: OpenSide }) {
  const [word, tone] = proven && pair.status === 'equal' ? PROVEN : STATUS[pair.status];
  const hasIds = diff !== undefined && diff.added + diff.removed + diff.changed > 0 && pair.status === 'different';
  return (
    <article class="diff" aria-label={pair.name}>
      <h3>{pair.name} <Badge tone={tone}>{word}</Badge></h3>
      <p class="small numeric">
        A: {pair.a ? plural(pair.a.count, 'record') : 'not there'} · B: {pair.b ? plural(pair.b.count, 'record') : 'not there'}
        {pair.status === 'different' && diff && <Counts diff={diff} />}
      </p>
      {pair.a && pair.b && pair.a.configText !== pair.b.configText && <Configs a={pair.a.configText} b={pair.b.configText} />}
      {hasIds && <IdLists diff={diff} a={a.backup.handle} b={b.backup.handle} />}
    </article>
  );
}

function Counts({ diff }: { diff: CollectionDiff }) {
  const parts = [
    [diff.removed, 'only in A'],
    [diff.added, 'only in B'],
    [diff.changed, 'changed'],
    [diff.unchanged, 'the same'],
  ].filter(([count, what]) => count !== 0 || what === 'the same');
  return <> — {parts.map(([count, what]) => `${number(Number(count))} ${what}`).join(', ')}</>;
}

function Configs({ a, b }: { a: string; b: string }) {
  return (
    <dl class="two-versions small">
      <div><dt>Config in A</dt><dd><pre>{a}</pre></dd></div>
      <div><dt>Config in B</dt><dd><pre>{b}</pre></dd></div>
    </dl>
  );
}
