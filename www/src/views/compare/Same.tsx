/** Both indexes agree: what that proves, and what it takes to know that the records do too. */
import { go } from '../../app/route.ts';
import { standings } from '../../app/standing.ts';
import { useStore } from '../../app/store.ts';
import { openSubject } from '../../app/subject.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { bytes } from '../../ui/format.ts';
import { proofOf, verifying, verifySides, type OpenSide, type SideName } from './sides.ts';

export function Same({ a, b }: { a: OpenSide; b: OpenSide }) {
  const known = useStore(standings);
  const sides = [['a', a], ['b', b]] as const;
  const those = (proof: ReturnType<typeof proofOf>) => sides.filter(([, side]) => proofOf(side, known) === proof);
  const [damaged, unread] = [those('damaged'), those('unread')];
  return (
    <>
      {damaged.length > 0 ? <Damaged damaged={damaged} /> : unread.length > 0 ? <ByIndex /> : <Proved />}
      {unread.length > 0 && <VerifyThem unread={unread} />}
    </>
  );
}

type Sides = readonly (readonly [SideName, OpenSide])[];

const lettersOf = (sides: Sides) => sides.map(([which]) => which.toUpperCase()).join(' and ');

function Proved() {
  return (
    <section class="note good" role="status">
      <h2>Both hold exactly the same</h2>
      <p>Every collection has the same records, to the bit, and the same config. The records of both were read.</p>
    </section>
  );
}

function ByIndex() {
  return (
    <section class="note" role="status">
      <h2>By their indexes, both hold the same</h2>
      <p>Every collection has the same count, fingerprint and config in both. The records were not read, and damage in them would not be seen.</p>
    </section>
  );
}

function Damaged({ damaged }: { damaged: Sides }) {
  const look = async (side: OpenSide) => {
    await openSubject(side.source);
    go('verify');
  };
  return (
    <section class="note bad" role="status">
      <h2>{damaged.length > 1 ? 'Both are damaged' : `${lettersOf(damaged)} is damaged`}</h2>
      <p>
        By their indexes both hold the same, but {damaged.length > 1 ? 'neither file is' : `the file of ${lettersOf(damaged)} is not`} as its index says.
      </p>
      <p class="actions">
        {damaged.map(([which, side]) => <button key={which} type="button" onClick={() => void look(side)}>See where {which.toUpperCase()} is damaged</button>)}
      </p>
    </section>
  );
}

function VerifyThem({ unread }: { unread: Sides }) {
  const tasks = { a: useStore(verifying.a), b: useStore(verifying.b) };
  const running = (['a', 'b'] as const).find((which) => tasks[which].state === 'running');
  const task = running && tasks[running];
  if (running && task?.state === 'running') {
    return <section class="panel"><ProgressBar label={`Verifying ${running.toUpperCase()}`} progress={task.progress} onCancel={() => verifying[running].cancel()} /></section>;
  }
  const size = unread.reduce((sum, [, { backup }]) => sum + backup.info.size, 0);
  return (
    <>
      {unread.map(([which]) => {
        const { [which]: ended } = tasks;
        return ended.state === 'failed' && <FailureNote key={which} title={`${which.toUpperCase()} could not be read`} failure={ended.failure} />;
      })}
      <p class="actions">
        <button type="button" class="primary" onClick={() => void verifySides(unread.map(([which]) => which))}>
          Verify {unread.length > 1 ? 'both' : lettersOf(unread)}, {bytes(size)}
        </button>
      </p>
    </>
  );
}
