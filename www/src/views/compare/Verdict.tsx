/** What the comparison comes to, in plain words, and what can be done about it. */
import type { DiffReport } from 'vecvault';

import { go, href } from '../../app/route.ts';
import { standings } from '../../app/standing.ts';
import { useStore } from '../../app/store.ts';
import { openSubject } from '../../app/subject.ts';
import { isServed } from '../../server/session.ts';
import { date, number, plural } from '../../ui/format.ts';
import { upload } from '../../server/transfers.ts';
import { lackOf, type Lack } from './indexes.ts';
import { Same } from './Same.tsx';
import { proofOf, type OpenSide } from './sides.ts';

/** How many collections a sentence names. */
const NAMED = 4;

export function Verdict({ report, a, b }: { report: DiffReport; a: OpenSide; b: OpenSide }) {
  const known = useStore(standings);
  if (report.equal) return <Same a={a} b={b} />;
  const damaged = [['A', a] as const, ['B', b] as const].filter(([, side]) => proofOf(side, known) === 'damaged').map(([letter]) => letter);
  const [lackedByA, lackedByB] = [lackOf(report, 'a'), lackOf(report, 'b')];
  const changed = report.collections.reduce((sum, each) => sum + each.changed, 0);
  const configs = report.collections.filter((each) => each.configChanged).map(({ name }) => name);
  return (
    <section class="note warn verdict" role="status">
      <h2>{headline(lackedByA, lackedByB, changed)}</h2>
      {damaged.length > 0 && <p><strong>Damage was found in {damaged.join(' and in ')}:</strong> this is what the indexes say, and what could be read.</p>}
      {lackedByB.collections.length > 0 && <Lacking letter="B" side={b} other={a} otherLetter="A" lack={lackedByB} back={lackedByA} />}
      {lackedByA.collections.length > 0 && <Lacking letter="A" side={a} other={b} otherLetter="B" lack={lackedByA} back={lackedByB} />}
      {changed > 0 && <p>{plural(changed, 'record')} {changed === 1 ? 'is' : 'are'} in both, but not the same.</p>}
      {configs.length > 0 && <p>The config of {namesOf(configs)} differs.</p>}
    </section>
  );
}

/** The one sentence to remember. */
function headline(lackedByA: Lack, lackedByB: Lack, changed: number): string {
  const sentence = (who: string, lack: Lack, has: string) =>
    lack.records > 0 ? `${who} lacks ${plural(lack.records, 'record')} that ${has} has` : `${who} lacks ${plural(lack.collections.length, 'collection')} that ${has} has`;
  if (lackedByB.collections.length > 0 && lackedByA.collections.length > 0) return `${sentence('B', lackedByB, 'A')}, and ${sentence('A', lackedByA, 'B')}`;
  if (lackedByB.collections.length > 0) return sentence('B', lackedByB, 'A');
  if (lackedByA.collections.length > 0) return sentence('A', lackedByA, 'B');
  return changed > 0 ? `The same ids, but ${plural(changed, 'record')} changed` : 'The same records, under other configs';
}

interface LackingProps {
  readonly letter: string;
  readonly side: OpenSide;
  readonly otherLetter: string;
  /** Who has what this one lacks. */
  readonly other: OpenSide;
  readonly lack: Lack;
  /** What that one lacks itself. */
  readonly back: Lack;
}

function Lacking({ letter, side, other, otherLetter, lack, back }: LackingProps) {
  const names = lack.collections.map(({ name }) => name);
  const lostAgain = back.collections.filter(({ name }) => names.includes(name)).reduce((sum, { records }) => sum + records, 0);
  const parts = lack.collections.slice(0, NAMED).map(({ name, records, whole }) => `${whole ? `all of ${name}` : name} (${plural(records, 'record')})`);
  if (lack.collections.length > NAMED) parts.push(`${number(lack.collections.length - NAMED)} other collections`);
  return (
    <div class="lacking">
      <p>
        Missing from <strong>{letter}</strong>, {named(side)}: {parts.join(', ')}. <strong>{otherLetter}</strong>, {named(other)}, has{' '}
        {lack.records === 1 ? 'it' : 'them'}.
      </p>
      <p class="actions">
        <Remedy side={other} letter={otherLetter} names={names} />
      </p>
      {lostAgain > 0 && other.serverId && (
        <p class="small">
          A restore brings these collections back as {otherLetter} has them: {plural(lostAgain, 'record')} that only {letter} has would not be there.
        </p>
      )}
    </div>
  );
}

/** How to get back what a backup has. */
function Remedy({ side, letter, names }: { side: OpenSide; letter: string; names: readonly string[] }) {
  const served = useStore(isServed);
  const { serverId, source } = side;
  if (serverId) {
    return <a class="as-button primary" href={href('server', { restore: serverId, collections: JSON.stringify(names) })}>Restore {namesOf(names)} from {letter}…</a>;
  }
  if (served && source instanceof File) {
    return <button type="button" class="primary" onClick={() => (void upload(source), go('server'))}>Upload {letter} to the server, to restore it</button>;
  }
  const takeOut = async () => {
    await openSubject(source);
    go('extract', { collections: JSON.stringify(names) });
  };
  return <button type="button" onClick={() => void takeOut()}>Take {namesOf(names)} out of {letter}…</button>;
}

function named({ backup: { info } }: OpenSide): string {
  return `“${info.name}” of ${date(info.date)}`;
}

function namesOf(names: readonly string[]): string {
  if (names.length <= 2) return names.join(' and ');
  return `${plural(names.length, 'collection')}`;
}
