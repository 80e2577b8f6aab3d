/** A new backup: its name and which collections. */
import { useId, useState } from 'preact/hooks';

import { go, href } from '../../app/route.ts';
import { useLoaded } from '../../app/useLoaded.ts';
import { createBackup, listCollections } from '../../server/api.ts';
import { watchJob } from '../../server/jobs.ts';
import type { LiveCollection } from '../../server/types.ts';
import { failureIn } from '../../worker/client.ts';
import type { Failure } from '../../worker/protocol.ts';
import { CollectionPicks } from '../../ui/CollectionPicks.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { plural } from '../../ui/format.ts';

export function CreateBackup() {
  const { value: collections, failure } = useLoaded('collections', listCollections);
  return (
    <>
      <p class="back"><a href={href('server')}>‹ Backups</a></p>
      <h1>Create a backup</h1>
      <p class="lead">Collections as they are at one moment; writers go on meanwhile. It appears once every record has been read back and proved.</p>
      {failure && <FailureNote title="The collections could not be listed" failure={failure} />}
      {collections?.length === 0 && <Empty title="There are no collections on this server"><p>Insert some vectors, or restore a backup first.</p></Empty>}
      {collections && collections.length > 0 && <Form collections={collections} />}
    </>
  );
}

function Form({ collections }: { collections: readonly LiveCollection[] }) {
  const id = useId();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(collections.map((each) => each.name)));
  const [failure, setFailure] = useState<Failure>();
  const [isAsking, setIsAsking] = useState(false);
  const records = collections.filter((each) => chosen.has(each.name)).reduce((sum, { vector_count }) => sum + vector_count, 0);
  const problem = chosen.size === 0 ? 'Choose at least one collection.' : name.trim() === '' ? 'Give the backup a name.' : '';
  const start = async (event: Event) => {
    event.preventDefault();
    setIsAsking(true);
    try {
      // Of all: also of those that are made meanwhile.
      const names = chosen.size === collections.length ? undefined : [...chosen];
      void watchJob(await createBackup(name.trim(), names));
      go('server');
    } catch (error) {
      setFailure(failureIn(error));
      setIsAsking(false);
    }
  };
  return (
    <form class="form" onSubmit={start}>
      <div class="field">
        <label for={id}>Name</label>
        <input id={id} type="text" required maxLength={255} autocomplete="off" placeholder="before the migration" value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </div>
      <CollectionPicks collections={collections.map((each) => ({ name: each.name, count: each.vector_count }))} chosen={chosen} onChoose={setChosen} />
      {problem && <p class="muted" role="status">{problem}</p>}
      {failure && <FailureNote title="The backup was not begun" failure={failure} />}
      <p class="actions">
        <button type="submit" class="primary" disabled={isAsking || problem !== ''}>
          Back up {plural(chosen.size, 'collection')}, {plural(records, 'record')}
        </button>
        <a class="as-button" href={href('server')}>Cancel</a>
      </p>
    </form>
  );
}
