/** Two backups beside each other: what one has and the other lacks, in words, and record by record. */
import { useCallback, useEffect, useMemo } from 'preact/hooks';

import { useDrop } from '../../app/drop.ts';
import { standings } from '../../app/standing.ts';
import { useStore } from '../../app/store.ts';
import { useLoaded } from '../../app/useLoaded.ts';
import { listBackups, remoteFile } from '../../server/api.ts';
import { refreshJobs } from '../../server/jobs.ts';
import { isServed, wantsToken } from '../../server/session.ts';
import type { ServerBackup } from '../../server/types.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { bytes } from '../../ui/format.ts';
import { SignIn } from '../../server/SignIn.tsx';
import type { PageViewProps } from '../index.ts';
import { CollectionDiffs } from './CollectionDiffs.tsx';
import { SideCard } from './SideCard.tsx';
import { Verdict } from './Verdict.tsx';
import { costOf, pairsOf } from './indexes.ts';
import { chooseSide, comparison, proofOf, sides, swapSides, type OpenSide, type SideName } from './sides.ts';

/** Up to this many bytes of records are compared without being asked. */
const AT_ONCE = 64 << 20;
/** How many ids of each kind are named. */
const NAMED = 100;

export default function Compare({ query }: PageViewProps) {
  const served = useStore(isServed);
  const needsToken = useStore(wantsToken);
  if (served && needsToken) return <SignIn />;
  return <Page query={query} served={served} />;
}

function Page({ query, served }: PageViewProps & { served: boolean }) {
  const list = useLoaded(`backups ${served}`, async (signal) => (served ? (await listBackups(signal)).backups : []));
  // Its verifications tell which backups are damaged.
  useLoaded(`jobs ${served}`, async (signal) => (served ? refreshJobs(signal) : undefined));
  const [a, b] = [useStore(sides.a), useStore(sides.b)];
  const backups = list.value ?? [];
  useWanted('a', query['a'], backups);
  useWanted('b', query['b'], backups);
  useDrop(useCallback(([first, second]: File[]) => {
    if (second && first) void chooseSide('a', first), void chooseSide('b', second);
    else if (first) void chooseSide(sides.a.value.state === 'none' ? 'a' : 'b', first);
  }, []));
  const bothOpen = a.state === 'open' && b.state === 'open';
  return (
    <>
      <h1>Compare two backups</h1>
      <p class="lead">Choose two, or drop two files here: which collections are equal, and of the others, which records were added, removed or changed.</p>
      {list.value && !list.isRunning && served && <Lost query={query} backups={backups} />}
      {list.failure && <FailureNote title="The server's backups could not be listed" failure={list.failure} />}
      <div class="sides">
        <SideCard which="a" side={a} backups={backups} />
        <SideCard which="b" side={b} backups={backups} />
      </div>
      {bothOpen && (
        <>
          <p class="actions"><button type="button" class="quiet small" onClick={swapSides}>Swap A and B</button></p>
          <Result key={`${a.backup.handle} ${b.backup.handle}`} a={a} b={b} />
        </>
      )}
    </>
  );
}

/** The address may name backups that have been deleted since. */
function Lost({ query, backups }: { query: PageViewProps['query']; backups: readonly ServerBackup[] }) {
  const lost = ['a', 'b'].filter((which) => query[which] && !backups.some(({ id }) => id === query[which]));
  return lost.map((which) => (
    <p key={which} class="note warn" role="status">
      <span>The server has no backup <code>{query[which]}</code>, which this address names as {which.toUpperCase()}. It may have been deleted.</span>
    </p>
  ));
}

function Result({ a, b }: { a: OpenSide; b: OpenSide }) {
  const task = useStore(comparison);
  const pairs = useMemo(() => pairsOf(a.backup, b.backup), [a, b]);
  const cost = costOf(pairs);
  const start = () => void comparison.start({ a: a.backup.handle, b: b.backup.handle, limit: NAMED });
  useEffect(() => {
    if (comparison.value.state === 'none' && cost <= AT_ONCE) start();
  }, []);
  const report = task.state === 'done' ? task.value : undefined;
  const known = useStore(standings);
  const proven = [a, b].every((side) => proofOf(side, known) === 'read');
  return (
    <>
      {report && <Verdict report={report} a={a} b={b} />}
      {task.state === 'running' && (
        <section class="panel">
          <ProgressBar label="Comparing records" progress={task.progress} onCancel={() => comparison.cancel()} />
        </section>
      )}
      {task.state === 'failed' && <FailureNote title="The records could not be compared" failure={task.failure} />}
      {(task.state === 'cancelled' || task.state === 'failed' || task.state === 'none') && (
        <section class="note" role="status">
          <p>Some collections differ. To tell which records, up to {bytes(cost)} are read.</p>
          <p class="actions"><button type="button" class="primary" onClick={start}>Compare their records</button></p>
        </section>
      )}
      <CollectionDiffs pairs={pairs} report={report} proven={proven} a={a} b={b} />
    </>
  );
}

/** Opens the server's backup that the address names. */
function useWanted(which: SideName, id: string | undefined, backups: readonly ServerBackup[]): void {
  const backup = backups.find((each) => each.id === id);
  useEffect(() => {
    const side = sides[which].value;
    if (!backup || (side.state !== 'none' && side.serverId === backup.id)) return;
    void chooseSide(which, remoteFile(backup), backup.id);
  }, [backup?.id]);
}
