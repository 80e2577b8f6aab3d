/** What the records of a collection are like: norms, dimensions, odd vectors, metadata. */
import { useEffect } from 'preact/hooks';
import type { CollectionSummary, Statistics as Gathered } from 'vecvault';

import { go } from '../../app/route.ts';
import { useStore } from '../../app/store.ts';
import { Tasks } from '../../app/task.ts';
import { TaskNote } from '../../app/TaskNote.tsx';
import { CollectionChoice } from '../../ui/CollectionChoice.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { bytes, number } from '../../ui/format.ts';
import type { BackupViewProps } from '../index.ts';
import { DimensionsPlot } from './DimensionsPlot.tsx';
import { MetadataKeys } from './MetadataKeys.tsx';
import { NormsPlot } from './NormsPlot.tsx';
import { OddVectors } from './OddVectors.tsx';

/** A smaller collection is read at once; a larger one is read when it is asked for. */
const AT_ONCE = 256 << 20;

const tasks = new Tasks('statistics');

export default function Statistics({ backup, query }: BackupViewProps) {
  const collection = backup.collections.find(({ name }) => name === query['collection']) ?? backup.collections[0];
  if (!collection) {
    return (
      <Empty title="This backup holds no collections">
        <p>So there is nothing to count.</p>
      </Empty>
    );
  }
  return (
    <>
      <div class="view-head">
        <h1>Statistics</h1>
        <CollectionChoice collections={backup.collections} chosen={collection.name} onChoose={(name) => go('statistics', { collection: name })} />
      </div>
      <OfCollection key={collection.name} handle={backup.handle} collection={collection} />
    </>
  );
}

function OfCollection({ handle, collection }: { handle: number; collection: CollectionSummary }) {
  const { name, count, bytes: size } = collection;
  const task = tasks.of(name);
  const current = useStore(task);
  const start = () => void task.start({ handle, collection: name });
  useEffect(() => {
    if (task.value.state === 'none' && count > 0 && size <= AT_ONCE) start();
  }, [task]);
  if (count === 0) {
    return (
      <Empty title="No records">
        <p>This collection was empty when the backup was made.</p>
      </Empty>
    );
  }
  if (current.state === 'done') return <Report collection={name} statistics={current.value} />;
  return <TaskNote task={current} doing={`Reading ${name}`} ask={`Read the collection (${bytes(size)})`} onStart={start} onCancel={() => task.cancel()} />;
}

function Report({ collection, statistics }: { collection: string; statistics: Gathered }) {
  return (
    <>
      <p class="lead numeric">
        {number(statistics.count)} records of dimension {number(statistics.dimension)}, all of them read.
      </p>
      <section aria-labelledby="norms">
        <h2 id="norms">Norms</h2>
        <NormsPlot norms={statistics.norms} />
      </section>
      <section aria-labelledby="odd">
        <h2 id="odd">Odd vectors</h2>
        <OddVectors collection={collection} statistics={statistics} />
      </section>
      <section aria-labelledby="dimensions">
        <h2 id="dimensions">Dimensions</h2>
        <DimensionsPlot dimensions={statistics.dimensions} />
      </section>
      <section aria-labelledby="metadata">
        <h2 id="metadata">Metadata</h2>
        <MetadataKeys count={statistics.count} metadata={statistics.metadata} />
      </section>
    </>
  );
}
